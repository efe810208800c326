"""What a render leaves: the clip made ready, its account corrected, the log told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from generation.budgets import week_of
from generation.errors import LeaseLost
from generation.media import store
from generation.models import Clip
from generation.services import turns, webhooks
from generation.services.leases import require_transition, running
from generation.signals import clip_ready
from generation.states import ATTEMPT_TRANSITIONS, AttemptState, ClipState
from portal.errors import IllegalTransition
from portal.services import audit, webhook_events
from portal.states import WebhookEvent

if TYPE_CHECKING:
    from generation.media.store import StoredFiles
    from generation.models import Attempt

_MS = Decimal("0.001")


def finish(
    *,
    token: UUID,
    files: StoredFiles,
    manifest: Mapping[str, Any],
    gpu_seconds: float | Decimal,
) -> Clip:
    """The clip's bytes are stored: make it ready.

    A worker that did not hear the answer, since the database went away, may say it again.

    Args:
        files: names in the storage and the original's hash.
        gpu_seconds: as measured by the worker, of a batch its share; never more than the lease is
            old.

    Raises:
        LeaseLost: when the attempt is no longer the clip's running one. The caller removes the
            files.
    """
    with transaction.atomic():
        try:
            attempt, lived = running(token)
        except LeaseLost:
            finished = Clip.objects.filter(
                attempts__lease_token=token, attempts__state=AttemptState.FINISHED
            ).first()
            if finished is None:
                raise
            return finished
        if AttemptState.FINISHED not in ATTEMPT_TRANSITIONS[AttemptState(attempt.state)]:
            raise IllegalTransition
        clip = attempt.clip
        require_transition(clip, ClipState.READY)
        clip.state = ClipState.READY
        clip.step = clip.steps
        clip.gpu_seconds = _clamped(gpu_seconds, lived)
        clip.sha256 = files.sha256
        clip.manifest = dict(manifest)
        clip.settings_sha256 = settings_digest(clip)
        for field in store.FILE_FIELDS:
            setattr(clip, field, getattr(files, field))
        _write(clip, attempt, files, clip.gpu_seconds)
        clip_ready.send(sender=Clip, clip=clip, actor=None)
    return clip


def _clamped(seconds: float | Decimal, lived: Decimal) -> Decimal:
    return min(max(Decimal(seconds), Decimal(0)), lived).quantize(_MS, ROUND_HALF_UP)


def _write(clip: Clip, attempt: Attempt, files: StoredFiles, took: Decimal) -> None:
    """All that a result changes, in one statement; *clip* and *attempt* are locked."""
    values = {
        "attempt": attempt.pk,
        "took": took,
        "clip": clip.pk,
        "account": clip.account_id,
        "monday": attempt.charged_week or week_of(attempt.started_at),
        "seconds": took - attempt.charged_seconds,
        "model_key": clip.model_key,
        "width": clip.width,
        "height": clip.height,
        "frames": clip.frames,
        "steps": clip.steps,
        "device": str(clip.manifest.get("device", "")),
        "newest": turns.NEWEST,
        "sha256": clip.sha256,
        "settings_sha256": clip.settings_sha256,
        "manifest": json.dumps(clip.manifest),
        **{field: getattr(files, field) for field in store.FILE_FIELDS},
    }
    [(clip.finished_at, owed)] = audit.record_with(
        _READY,
        {**values, **webhooks.told(clip, WebhookEvent.COMPLETED)},
        first=_ENDED,
        actor=None,
        action="clip.ready",
        target=clip,
        cohort=clip.cohort,
        after={
            "sha256": clip.sha256,
            "gpu_seconds": str(took),
            "attempt": attempt.number,
            "worker": attempt.worker,
        },
    )
    webhook_events.ring_for(owed)


# What follows from the account's row waits for its lock, what is learnt too: one order for all.
_ENDED = f"""
attempt AS (
    UPDATE generation_attempt
    SET state = 'finished', ended_at = statement_timestamp(), gpu_seconds = %(took)s,
        charged_seconds = %(took)s, charged_week = %(monday)s
    WHERE id = %(attempt)s
), {turns.CORRECTED}, known AS (
    INSERT INTO generation_rendercost AS known
        (model_key, width, height, frames, steps, device, seconds, samples)
    SELECT %(model_key)s, %(width)s, %(height)s, %(frames)s, %(steps)s, %(device)s::text,
        %(took)s, 1
    FROM share WHERE %(device)s::text <> ''
    ON CONFLICT (model_key, width, height, frames, steps, device) DO UPDATE
    SET seconds = known.seconds + (excluded.seconds - known.seconds) * %(newest)s::numeric,
        samples = known.samples + 1
), owed AS ({webhook_events.OWED})
"""  # noqa: S608

_READY = """
UPDATE generation_clip
SET state = 'ready', step = steps, gpu_seconds = %(took)s, sha256 = %(sha256)s,
    settings_sha256 = %(settings_sha256)s, manifest = %(manifest)s,
    finished_at = statement_timestamp(), original = %(original)s, preview = %(preview)s,
    poster = %(poster)s, filmstrip = %(filmstrip)s, cover = %(cover)s
WHERE id = %(clip)s
RETURNING finished_at, (SELECT count(*) FROM owed)
"""


def settings_digest(clip: Clip) -> str:
    """Hex SHA-256 of the canonical JSON of what made the clip."""
    told = {
        "prompt": clip.prompt,
        "model": clip.model_key,
        "weights": clip.manifest.get("weights_sha256", ""),
        "width": clip.width,
        "height": clip.height,
        "frames": clip.frames,
        "fps": clip.fps,
        "steps": clip.steps,
        "guidance": f"{clip.guidance:.2f}",
        "seed": clip.seed,
    }
    if clip.manifest.get("input"):
        told["input"] = clip.manifest["input"]["sha256"]
    if lead := clip.manifest.get("lead"):
        told["lead"] = (lead["sha256"], lead["frames"])
    if clip.manifest.get("adapters"):
        told["adapters"] = [(worn["sha256"], worn["weight"]) for worn in clip.manifest["adapters"]]
    if clip.strength is not None:
        told["strength"] = f"{clip.strength:.2f}"
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
