"""A worker's hold on clips: taking the next ones, and keeping them while it renders.

Whoever writes holds the row lock of the clip; the only clock is the database's. Locks are taken in
one order: pool, clips, attempts, accounts, cohorts' shares.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Now

from generation.errors import LeaseLost
from generation.models import Attempt, Clip
from generation.queries import lease_verdicts
from generation.services import turns
from generation.states import CLIP_TRANSITIONS, RUNNING, AttemptState, ClipState, Heartbeat
from portal.errors import IllegalTransition
from portal.models import Cohort
from portal.prepared import Columns, prepared

if TYPE_CHECKING:
    from decimal import Decimal

    from generation.batches import BatchKey
    from generation.services.turns import Turn


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a worker holds while it renders: the clip and the token that proves it.

    ``batch`` is shared by the leases that were claimed together, each with its ``place`` from 0;
    None for a clip that was claimed alone.
    """

    clip: Clip
    token: UUID
    number: int
    media_key: UUID
    seconds: int
    batch: UUID | None = None
    place: int = 0


def claim_next(
    *, worker: str, models: Collection[str], warm: Collection[str] = (), device: str = ""
) -> Lease | None:
    """Give *worker* the next clip of *models*, alone; None when nothing waits."""
    leases = claim_batch(worker=worker, models=models, warm=warm, device=device)
    return leases[0] if leases else None


def claim_batch(
    *,
    worker: str,
    models: Collection[str],
    warm: Collection[str] = (),
    device: str = "",
    room: Callable[[BatchKey], int] = lambda key: 1,
) -> list[Lease]:
    """Give *worker* the next clip of *models* and those it can render with it; [] for none.

    Whose turn it is says ``generation.scheduling``; of an artist's own clips, that of the
    greatest priority, then the one that waits longest.

    Args:
        models: those the worker can load.
        warm: those it holds.
        device: its name, as the pipeline gives it; "" when nothing is loaded.
        room: how many clips of a kind it renders in one call. Must answer at once.
    """
    with transaction.atomic():
        line = turns.Line(models=models, warm=warm, device=device)
        while (turn := line.first()) is not None:
            most = room(line.key_of(turn))
            taken = line.together(turn, most=most) if most > 1 else [turn]
            batch = uuid.uuid4() if len(taken) > 1 else None
            leases = [
                lease
                for place, each in enumerate(taken)
                if (lease := _leased(each, worker, batch=batch, place=place, size=len(taken)))
            ]
            if leases:
                return leases
            line.pass_over(turn)
    return []


def heartbeat(*, token: UUID) -> Heartbeat:
    """Renew the lease: ``OK``; ``CANCEL`` when the clip was cancelled; ``LOST`` otherwise."""
    return heartbeats(tokens=[token])[token]


def heartbeats(*, tokens: Collection[UUID]) -> dict[UUID, Heartbeat]:
    """Renew the leases together and answer for each as :func:`heartbeat` does."""
    renewed = Attempt.objects.filter(lease_token__in=tokens, state=AttemptState.RUNNING).update(
        lease_until=from_now(settings.GENERATION_LEASE_SECONDS)
    )
    if renewed == len(tokens):
        return dict.fromkeys(tokens, Heartbeat.OK)
    return lease_verdicts(tokens)


def running(token: UUID) -> tuple[Attempt, Decimal]:
    """The running attempt of *token*, locked after its clip, and the lease's age in seconds.

    The attempt comes with its clip, and that with its cohort.

    Raises:
        LeaseLost: when it is no longer the clip's running one.
    """
    found = prepared(_RUNNING, {"token": token})
    if not found:
        raise LeaseLost
    [row] = found
    attempt = _ATTEMPT.read(row)
    attempt.clip = _CLIP.read(row, _ATTEMPT.width)
    attempt.clip.cohort = _COHORT.read(row, _ATTEMPT.width + _CLIP.width)
    if attempt.clip.state not in RUNNING:
        raise LeaseLost
    return attempt, row[-1]


def locked_running(token: UUID) -> Attempt:
    """As :func:`running`, without the age."""
    return running(token)[0]


_CLIP = Columns(Clip, "clip")
_ATTEMPT = Columns(Attempt, "attempt")
_COHORT = Columns(Cohort, "cohort")

# Rows are locked in the order of the locking clauses, each as it is once its lock is held.
_RUNNING = f"""
SELECT {_ATTEMPT.names}, {_CLIP.names}, {_COHORT.names},
    greatest(extract(epoch FROM statement_timestamp() - attempt.started_at), 0)
FROM generation_clip clip
JOIN generation_attempt attempt ON attempt.clip_id = clip.id
JOIN portal_cohort cohort ON cohort.id = clip.cohort_id
WHERE attempt.lease_token = %(token)s AND attempt.state = 'running'
FOR NO KEY UPDATE OF clip FOR UPDATE OF attempt
"""  # noqa: S608


def require_transition(clip: Clip, state: ClipState) -> None:
    """Raises IllegalTransition when *clip* cannot come to *state* from where it is."""
    if state not in CLIP_TRANSITIONS[ClipState(clip.state)]:
        raise IllegalTransition


def _leased(turn: Turn, worker: str, *, batch: UUID | None, place: int, size: int) -> Lease | None:
    """None when somebody else holds the clip or it waits no more; then nothing is written."""
    token, media_key = uuid.uuid4(), uuid.uuid4()
    seconds = settings.GENERATION_LEASE_SECONDS
    values = {
        "clip": turn.clip_id,
        "token": token,
        "media_key": media_key,
        "lease": seconds,
        "worker": worker[:120],
        "zone": settings.TIME_ZONE,
        "batch": batch,
        "size": size,
        "place": place,
        **turns.charge_of(turn.choice),
    }
    found = prepared(_LEASE, values)
    if not found:
        return None
    [(number, *row)] = found
    return Lease(
        clip=_CLIP.read(row),
        token=token,
        number=number,
        media_key=media_key,
        seconds=seconds,
        batch=batch,
        place=place,
    )


_LEASE = f"""
WITH clip AS (
    UPDATE generation_clip clip
    SET state = 'loading', step = 0, started_at = statement_timestamp()
    WHERE id = (
        SELECT id FROM generation_clip WHERE id = %(clip)s AND state = 'queued'
        FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING {_CLIP.names}
), attempt AS (
    INSERT INTO generation_attempt (
        clip_id, number, state, lease_token, lease_until, media_key, worker, charged_seconds,
        charged_week, batch, batch_size, batch_place, error_code, error, last_state
    )
    SELECT id,
        1 + coalesce((SELECT max(number) FROM generation_attempt WHERE clip_id = clip.id), 0),
        'running', %(token)s, statement_timestamp() + make_interval(secs => %(lease)s),
        %(media_key)s, %(worker)s, %(seconds)s,
        date_trunc('week', statement_timestamp() AT TIME ZONE %(zone)s)::date,
        %(batch)s, %(size)s, %(place)s, '', '', ''
    FROM clip
    RETURNING number, charged_week
), {turns.SERVED}
SELECT attempt.number, {_CLIP.names} FROM clip CROSS JOIN attempt
"""  # noqa: S608


def from_now(seconds: int) -> Any:
    """That many seconds from now, by the database's clock."""
    return Now() + Value(timedelta(seconds=seconds))
