"""What staff see of the clips in quarantine. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from generation.access import clips_kept_by
from generation.models import Attempt, Worker

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import User

MOST = 25


@dataclass(frozen=True, kw_only=True)
class Try:
    """One attempt, and the device of its worker ("" when that never told)."""

    attempt: Attempt
    device: str


@dataclass(frozen=True, kw_only=True)
class QuarantinedClip:
    """One clip with its attempts, the first one first."""

    clip: Clip
    tries: Sequence[Try]


@dataclass(frozen=True, kw_only=True)
class Quarantine:
    """Those that are there longest; ``count`` is of all."""

    rows: Sequence[QuarantinedClip]
    count: int


def quarantine_for(user: User) -> Quarantine:
    """The clips in quarantine of the cohorts *user* administers, in a fixed number of queries."""
    found = clips_kept_by(user).quarantined()
    tries = Prefetch("attempts", queryset=Attempt.objects.order_by("number"))
    clips = list(found.order_by("finished_at", "pk").prefetch_related(tries)[:MOST])
    names = {attempt.worker for clip in clips for attempt in clip.attempts.all()}
    devices = dict(Worker.objects.filter(name__in=names).values_list("name", "device"))
    return Quarantine(
        rows=[
            QuarantinedClip(
                clip=clip,
                tries=[
                    Try(attempt=attempt, device=devices.get(attempt.worker, ""))
                    for attempt in clip.attempts.all()
                ],
            )
            for clip in clips
        ],
        count=len(clips) if len(clips) < MOST else found.count(),
    )
