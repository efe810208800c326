"""A credential in plain words: what a file says of itself, and whether it can be believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from review.credentials.statement import APPROVAL, METADATA, SOURCE_TYPE

MOST_STEPS = 12
_LONGEST = 200
# Of the codes of the C2PA validation results.
_CHANGED = ("assertion.bmffHash.mismatch", "assertion.dataHash.mismatch", "assertion.boxesHash")
_EXPIRED = ("signingCredential.expired", "claimSignature.outsideValidity")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One credential of the chain: of the file itself, or of something it was made from.

    Attributes:
        depth: 0 for the file, 1 for what it was made from, and so on.
        relation: ``componentOf``, ``inputTo``, ``parentOf`` or "".
        is_signed: whether it has a credential of its own; else only *title* is known.
        is_generated: it says that a generative model made it.
        model, weights: what made it.
        creators: who is named.
        approval: what the programme's own assertion says, or {}.
    """

    depth: int
    title: str
    relation: str = ""
    is_signed: bool = True
    is_generated: bool = False
    model: str = ""
    weights: str = ""
    made_at: datetime | None = None
    creators: Sequence[str] = ()
    programme: str = ""
    signer: str = ""
    signed_at: datetime | None = None
    approval: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Credential:
    """Attributes:
    verdict: ``none``, ``trusted``, ``unknown`` (whole, by somebody nobody here knows),
        ``changed``, ``expired`` or ``broken``.
    """

    verdict: str
    steps: Sequence[Step]


def credential(state: str | None, store: Mapping[str, Any]) -> Credential:
    """What ``process.read`` found, for people; every text in it is whoever wrote the file's."""
    if state is None:
        return Credential(verdict="none", steps=())
    steps = list(_steps(store, str(store.get("active_manifest", ""))))[:MOST_STEPS]
    return Credential(verdict=_verdict(state, store), steps=steps)


def _verdict(state: str, store: Mapping[str, Any]) -> str:
    if state in {"Trusted", "Valid"}:
        return {"Trusted": "trusted", "Valid": "unknown"}[state]
    active = _of(_of(store, "validation_results"), "activeManifest")
    codes = [str(_mapping(one).get("code", "")) for one in _list(active.get("failure"))]
    if any(code.startswith(_CHANGED) for code in codes):
        return "changed"
    return "expired" if any(code.startswith(_EXPIRED) for code in codes) else "broken"


def _steps(
    store: Mapping[str, Any], label: str, *, depth: int = 0, relation: str = ""
) -> Iterator[Step]:
    manifest = _of(_of(store, "manifests"), label)
    if not manifest or depth > MOST_STEPS:
        return
    yield _step(manifest, depth, relation)
    for ingredient in map(_mapping, _list(manifest.get("ingredients"))[:MOST_STEPS]):
        below = str(ingredient.get("active_manifest") or "")
        said = _text(ingredient.get("relationship"))
        if below and below != label:
            yield from _steps(store, below, depth=depth + 1, relation=said)
        else:
            yield Step(
                depth=depth + 1,
                title=_text(ingredient.get("title")),
                relation=said,
                is_signed=False,
                approval={},
            )


def _step(manifest: Mapping[str, Any], depth: int, relation: str) -> Step:
    created: Mapping[str, Any] = {}
    approval: Mapping[str, Any] = {}
    creators: list[str] = []
    for one in map(_mapping, _list(manifest.get("assertions"))):
        label, data = str(one.get("label", "")), _mapping(one.get("data"))
        if label.startswith("c2pa.actions"):
            actions = map(_mapping, _list(data.get("actions")))
            created = next((a for a in actions if a.get("action") == "c2pa.created"), created)
        elif label == APPROVAL:
            approval = data
        elif label == METADATA:
            creators = [_text(name) for name in _list(data.get("dc:creator"))[:3]]
    agent = _mapping(created.get("softwareAgent"))
    signature = _of(manifest, "signature_info")
    return Step(
        depth=depth,
        title=_text(manifest.get("title")),
        relation=relation,
        is_generated=created.get("digitalSourceType") == SOURCE_TYPE,
        model=_text(agent.get("name")),
        weights=_text(agent.get("version")),
        made_at=_moment(created.get("when")),
        creators=creators,
        programme=_text(approval.get("programme")),
        signer=_text(signature.get("common_name") or signature.get("issuer")),
        signed_at=_moment(signature.get("time")),
        approval=_of(approval, "approval"),
    )


def _of(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _mapping(mapping.get(key))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
