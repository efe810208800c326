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
from generation.queries import lease_verdicts, next_attempt_number
from generation.services import accounts, turns
from generation.states import AttemptState, ClipState, Heartbeat

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
    clip = turn.clip
    seconds = settings.GENERATION_LEASE_SECONDS
    attempt = Attempt.objects.create(
        clip=clip,
        number=next_attempt_number(clip),
        worker=worker[:120],
        lease_until=from_now(seconds),
        batch=batch,
        batch_size=size,
        batch_place=place,
    )
    accounts.settle(attempt, turn.estimate)
    clip.state = ClipState.LOADING
    clip.step = 0
    clip.started_at = Now()
    clip.save(update_fields=["state", "step", "started_at"])
    clip.refresh_from_db(fields=["started_at"])
    return Lease(
        clip=clip,
        token=attempt.lease_token,
        number=attempt.number,
        media_key=attempt.media_key,
        seconds=seconds,
        batch=batch,
        place=place,
    )


def from_now(seconds: int) -> Any:
    """That many seconds from now, by the database's clock."""
    return Now() + Value(timedelta(seconds=seconds))
