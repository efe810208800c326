"""The worker's side of a clip it leased: report, fail, hand back; and the reaper.

Whoever writes holds the row lock of the clip and the token of its running attempt. The only
clock is the database's. Locks are taken in one order: pool, clip, attempt, account, cohort's share.
Leases are taken and renewed in ``leases`` and results written in ``results``, whose names this
module also offers.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generation.errors import RenderError, TooManyTries, WorkerLost
from generation.media import store
from generation.models import Attempt, Clip
from generation.services import accounts, quarantine
from generation.services.doorbell import ring_on_commit
from generation.services.leases import (
    Lease,
    claim_batch,
    claim_next,
    heartbeat,
    heartbeats,
    locked_running,
    require_transition,
)
from generation.services.results import finish, settings_digest
from generation.signals import clip_ended
from generation.states import ATTEMPT_TRANSITIONS, AttemptState, ClipState
from portal.errors import IllegalTransition
from portal.prepared import prepared
from portal.services import audit
from portal.services.notify import notify

__all__ = [
    "Lease",
    "claim_batch",
    "claim_next",
    "end_attempt",
    "fail",
    "finish",
    "hand_back",
    "heartbeat",
    "heartbeats",
    "put_back",
    "reap_lost",
    "report",
    "settings_digest",
]

TRIES = 3


def report(*, token: UUID, state: ClipState, step: int) -> None:
    """Say how far a render is.

    Raises:
        LeaseLost: when the attempt is no longer the clip's running one.
        IllegalTransition: when the clip cannot come to *state* from where it is.
    """
    with transaction.atomic():
        attempt = locked_running(token)
        clip = attempt.clip
        if clip.state != state:
            require_transition(clip, state)
            clip.state = state
        clip.step = min(max(step, 0), clip.steps)
        clip.save(update_fields=["state", "step"])


def fail(*, token: UUID, error: RenderError, gpu_seconds: Decimal | None = None) -> Clip:
    """The attempt failed: the clip waits again, or fails when trying again is no use.

    Args:
        gpu_seconds: what it took, where the worker knows better than the lease's age says.

    Raises:
        LeaseLost: when the attempt is no longer the clip's running one.
    """
    with transaction.atomic():
        attempt = locked_running(token)
        attempt.error_code = error.code
        attempt.error = str(error.__cause__ or error)[:2000]
        end_attempt(attempt, AttemptState.FAILED, gpu_seconds=gpu_seconds)
        spent = attempt.gpu_seconds if error.charged and attempt.gpu_seconds else Decimal(0)
        accounts.settle(attempt, spent)
        if not error.permanent and _ended_since_queued(attempt.clip, AttemptState.FAILED) >= TRIES:
            error = TooManyTries()
        _requeue_or_fail(attempt, error if error.permanent else None)
    return attempt.clip


def hand_back(*, token: UUID, reason: str = "") -> Clip:
    """A worker that shuts down gives its clip back; it keeps its place and costs nothing.

    Args:
        reason: why, for the log, where it is not the worker that gives it back.

    Raises:
        LeaseLost: when the attempt is no longer the clip's running one.
    """
    return _hand_back(token, None, reason)


def put_back(*, token: UUID, error: RenderError) -> Clip:
    """A call for several clips broke, and nobody knows by which of them.

    The clip keeps its place, pays nothing, loses no try, and is rendered alone from here on; but
    with others again when the call only did not fit into memory.

    Raises:
        LeaseLost: when the attempt is no longer the clip's running one.
    """
    return _hand_back(token, error)


def _hand_back(token: UUID, error: RenderError | None, reason: str = "") -> Clip:
    with transaction.atomic():
        attempt = locked_running(token)
        if error is not None:
            attempt.error_code = error.code
            attempt.error = str(error.__cause__ or error)[:2000]
        end_attempt(attempt, AttemptState.HANDED_BACK)
        accounts.settle(attempt, Decimal(0))
        _requeue_or_fail(attempt, None, reason)
    return attempt.clip


def reap_lost(*, worker: str = "") -> int:
    """End attempts whose worker is gone; answers how many.

    Without *worker*: those whose lease ran out. With it: all of that worker's, for a worker that
    has just started and so knows that its forerunner is dead. Should the forerunner live after
    all, its token is worth nothing from here on.
    """
    lost = Attempt.objects.filter(state=AttemptState.RUNNING)
    lost = lost.filter(worker=worker) if worker else lost.filter(lease_until__lt=Now())
    return sum(_reap(pk, worker) for pk in lost.values_list("pk", flat=True))


def _reap(attempt_id: int, worker: str) -> bool:
    with transaction.atomic():
        clip = (
            Clip.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("cohort", "artist")
            .filter(attempts=attempt_id)
            .first()
        )
        still = Attempt.objects.select_for_update().filter(
            pk=attempt_id, state=AttemptState.RUNNING
        )
        still = still.filter(worker=worker) if worker else still.filter(lease_until__lt=Now())
        attempt = still.first() if clip is not None else None
        if clip is None or attempt is None:
            return False
        attempt.clip = clip
        attempt.error_code = WorkerLost.code
        end_attempt(attempt, AttemptState.LOST)
        quarantine.note_last_step(attempt)
        accounts.settle(attempt, Decimal(0))
        if quarantine.is_due(clip):
            quarantine.put_in(attempt)
        else:
            _requeue_or_fail(attempt, None)
        key = attempt.media_key
        transaction.on_commit(lambda: store.remove_folder(key))
    return True


def end_attempt(
    attempt: Attempt, state: AttemptState, *, gpu_seconds: float | Decimal | None = None
) -> None:
    """Close *attempt* by the database's clock.

    *gpu_seconds* is clamped to its age; without it, it took its age, of a batch an equal share.
    What it stored is due to be removed unless it made its clip ready. Its worker does so at once;
    one that died meanwhile does not.
    """
    if state not in ATTEMPT_TRANSITIONS[AttemptState(attempt.state)]:
        raise IllegalTransition
    values = {
        "id": attempt.pk,
        "state": state,
        "took": None if gpu_seconds is None else round(Decimal(gpu_seconds), 3),
        "kept": state == AttemptState.FINISHED,
        "grace": settings.GENERATION_LEASE_SECONDS,
        "error_code": attempt.error_code,
        "error": attempt.error,
    }
    [(attempt.ended_at, attempt.gpu_seconds, attempt.media_due_at)] = prepared(_END, values)
    attempt.state = state


_END = """
UPDATE generation_attempt
SET state = %(state)s, ended_at = statement_timestamp(),
    gpu_seconds = least(
        greatest(coalesce(%(took)s::numeric, lived / batch_size), 0), lived
    ),
    media_due_at = CASE WHEN %(kept)s THEN media_due_at
        ELSE statement_timestamp() + make_interval(secs => %(grace)s) END,
    error_code = %(error_code)s, error = %(error)s
FROM (
    SELECT greatest(extract(epoch FROM statement_timestamp() - started_at), 0) AS lived
    FROM generation_attempt WHERE id = %(id)s
) age
WHERE id = %(id)s
RETURNING ended_at, gpu_seconds, media_due_at
"""


def _ended_since_queued(clip: Clip, state: AttemptState) -> int:
    """Attempts that ended in *state* since the clip was last queued anew, or released."""
    return clip.attempts.filter(state=state, started_at__gte=clip.counts_since).count()


def _requeue_or_fail(attempt: Attempt, error: RenderError | None, reason: str = "") -> None:
    clip = attempt.clip
    before = clip.state
    target = ClipState.FAILED if error is not None else ClipState.QUEUED
    require_transition(clip, target)
    clip.state = target
    clip.step = 0
    clip.error_code = error.code if error is not None else ""
    clip.error_message = attempt.error if error is not None else ""
    clip.finished_at = Now() if error is not None else None
    clip.save(update_fields=["state", "step", "error_code", "error_message", "finished_at"])
    clip.refresh_from_db(fields=["finished_at"])
    audit.record(
        actor=None,
        action="clip.failed" if error is not None else "clip.requeued",
        target=clip,
        cohort=clip.cohort,
        before={"state": before},
        after={"state": clip.state, "attempt": attempt.number, "worker": attempt.worker},
        reason=reason or attempt.error_code or attempt.state,
    )
    if error is None:
        ring_on_commit()
        return
    notify(
        user=clip.artist,
        kind="clip_failed",
        title=_("Your clip “%(clip)s” could not be made"),
        text=error.default_message,
        url=reverse("generation:clip", args=[clip.pk]),
        params={"clip": clip.label},
        mail=False,
    )
    clip_ended.send(sender=Clip, clip=clip, actor=None)
