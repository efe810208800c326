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

from generation.models import Attempt, Clip
from generation.queries import lease_verdicts
from generation.services import turns
from generation.states import AttemptState, ClipState, Heartbeat
from portal.prepared import prepared

if TYPE_CHECKING:
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
        taken = turns.take(models=models, warm=warm, device=device, room=room)
        batch = uuid.uuid4() if len(taken) > 1 else None
        return [
            _leased(turn, worker=worker, batch=batch, place=place, size=len(taken))
            for place, turn in enumerate(taken)
        ]


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


def _leased(turn: Turn, *, worker: str, batch: UUID | None, place: int, size: int) -> Lease:
    clip, estimate = turn.clip, turn.estimate
    token, media_key = uuid.uuid4(), uuid.uuid4()
    seconds = settings.GENERATION_LEASE_SECONDS
    [(number, monday, clip.started_at)] = prepared(
        _LEASE,
        {
            "clip": clip.pk,
            "token": token,
            "media_key": media_key,
            "seconds": seconds,
            "worker": worker[:120],
            "estimate": estimate,
            "zone": settings.TIME_ZONE,
            "batch": batch,
            "size": size,
            "place": place,
        },
    )
    clip.state, clip.step = ClipState.LOADING, 0
    turns.charge(account=clip.account_id, monday=monday, seconds=estimate, choice=turn.choice)
    return Lease(
        clip=clip,
        token=token,
        number=number,
        media_key=media_key,
        seconds=seconds,
        batch=batch,
        place=place,
    )


_LEASE = """
WITH clip AS (
    UPDATE generation_clip
    SET state = 'loading', step = 0, started_at = statement_timestamp()
    WHERE id = %(clip)s
    RETURNING id, started_at
)
INSERT INTO generation_attempt (
    clip_id, number, state, lease_token, lease_until, media_key, worker, charged_seconds,
    charged_week, batch, batch_size, batch_place, error_code, error, last_state
)
SELECT id,
    1 + coalesce((SELECT max(number) FROM generation_attempt WHERE clip_id = clip.id), 0),
    'running', %(token)s, statement_timestamp() + make_interval(secs => %(seconds)s),
    %(media_key)s, %(worker)s, %(estimate)s,
    date_trunc('week', statement_timestamp() AT TIME ZONE %(zone)s)::date,
    %(batch)s, %(size)s, %(place)s, '', '', ''
FROM clip
RETURNING number, charged_week, (SELECT started_at FROM clip)
"""


def from_now(seconds: int) -> Any:
    """That many seconds from now, by the database's clock."""
    return Now() + Value(timedelta(seconds=seconds))
