"""What a content credential says of a clip."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from generation.models import Clip
from portal import consents
from portal.states import ConsentKind
from review.models import Decision

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# The assertion of our own; whoever reads it needs nothing else of ours.
APPROVAL = "greenroom.approval"
METADATA = "cawg.metadata"

Definition = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ingredient:
    """What a clip was made from.

    Attributes:
        key: stands for it within one credential.
        title: in English, names no person and no prompt.
        path: a copy of it, with its own credential where it has one.
        held: whether its frames are in the clip, not only what the model was shown.
    """

    key: str
    title: str
    path: Path
    format: str
    held: bool

    def definition(self) -> Definition:
        return {
            "title": self.title,
            "instance_id": self.key,
            "relationship": "componentOf" if self.held else "inputTo",
        }


def credit_of(clip: Clip) -> str:
    """The name the credential says: only of who lets the programme show clips under it."""
    if not consents.allows(clip.artist, ConsentKind.SHARING):
        return ""
    return clip.artist.credit


def record_sha256(decision: Decision) -> str:
    """Hex digest of the decision's canonical JSON, for comparing with the record kept here."""
    record = {
        "id": decision.pk,
        "review": decision.review_id,
        "verdict": decision.verdict,
        "sha256": decision.sha256,
        "settings_sha256": decision.settings_sha256,
        "decided_at": decision.decided_at.isoformat(),
    }
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def statement(
    decision: Decision, *, form: str, credit: str, ingredients: Sequence[Ingredient]
) -> Definition:
    """The manifest of one file, as ``c2pa.Builder`` takes it.

    Args:
        decision: the approval, with its review and clip; what it recorded is what is said.
        form: MIME type of the file.
        credit: see ``credit_of``.
    """
    clip = decision.review.clip
    made = decision.settings.get("manifest") or {}
    weights = str(made.get("weights_sha256", ""))
    when = (clip.finished_at or decision.decided_at).isoformat(timespec="seconds")
    shown = [ingredient.key for ingredient in ingredients if not ingredient.held]
    created: Definition = {
        "action": "c2pa.created",
        "when": when.replace("+00:00", "Z"),
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": {
            "name": str(made.get("title") or decision.model_key),
            "version": weights or "unknown",
        },
    }
    if shown:
        created["parameters"] = {"ingredientIds": shown}
    actions = [created]
    actions += [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [ingredient.key]}}
        for ingredient in ingredients
        if ingredient.held
    ]
    assertions: list[Definition] = [
        {"label": "c2pa.actions.v2", "data": {"actions": actions}},
        {
            "label": APPROVAL,
            "data": {
                "programme": settings.PROGRAMME_NAME,
                "verify": f"{settings.BASE_URL}/verify/",
                "clip": str(clip.pk),
                "made_at": when,
                "model": {"key": decision.model_key, "weights_sha256": weights},
                "approval": {
                    "decision": decision.pk,
                    "sha256": record_sha256(decision),
                    "at": decision.decided_at.isoformat(timespec="seconds"),
                    "of_sha256": decision.sha256,
                    "of_settings_sha256": decision.settings_sha256,
                },
            },
        },
    ]
    if credit:
        assertions.append(
            {
                "label": METADATA,
                "data": {
                    "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
                    "dc:creator": [credit],
                },
            }
        )
    return {
        "claim_generator_info": [{"name": "Greenroom"}],
        "title": f"Clip {clip.short_id}",
        "format": form,
        "assertions": assertions,
    }
