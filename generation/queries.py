"""Reads. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Max, Q, Sum

from generation.models import Attempt, Clip, GpuAccount
from generation.states import LIVE, RUNNING, AttemptState, ClipState, Heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generation.models.clip import ClipQuerySet
    from portal.models import Cohort, User


@dataclass(frozen=True, kw_only=True)
class Budget:
    """GPU seconds of one artist in one cohort.

    ``used`` holds what was charged, clips that render now included by their estimate;
    ``reserved`` what the artist's waiting clips are expected to take.
    """

    total: Decimal
    used: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.total - self.used - self.reserved, Decimal(0))

    @property
    def percent_used(self) -> int:
        if not self.total:
            return 100
        return min(100, int((self.used + self.reserved) * 100 / self.total))


def budget_of(artist: User, cohort: Cohort) -> Budget:
    account = GpuAccount.objects.filter(artist=artist, cohort=cohort).first()
    reserved = Clip.objects.filter(artist=artist, cohort=cohort, state=ClipState.QUEUED).aggregate(
        seconds=Sum("estimate")
    )["seconds"]
    return Budget(
        total=Decimal(cohort.gpu_seconds_per_artist),
        used=account.charged_seconds if account else Decimal(0),
        reserved=reserved or Decimal(0),
    )


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where a page of clips ended; ``str`` and ``parse`` carry it through a link."""

    created_at: datetime
    clip_id: UUID

    def __str__(self) -> str:
        return f"{self.created_at.isoformat()}_{self.clip_id.hex}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """None for anything that is no cursor."""
        at, _, key = text.rpartition("_")
        try:
            moment = datetime.fromisoformat(at)
            clip_id = UUID(hex=key)
        except ValueError:
            return None
        return cls(created_at=moment, clip_id=clip_id) if moment.tzinfo else None


@dataclass(frozen=True, kw_only=True)
class ClipPage:
    clips: list[Clip]
    next: Cursor | None


STATE_FILTERS: dict[str, Q] = {
    "live": Q(state__in=LIVE),
    "ready": Q(state=ClipState.READY),
    "failed": Q(state__in=[ClipState.FAILED, ClipState.CANCELLED]),
}


def clips_matching(
    clips: ClipQuerySet, *, state: str = "", brief_id: int | None = None, text: str = ""
) -> ClipQuerySet:
    """*clips* narrowed by a key of ``STATE_FILTERS``, a brief, and words of title or prompt."""
    if state in STATE_FILTERS:
        clips = clips.filter(STATE_FILTERS[state])
    if brief_id is not None:
        clips = clips.filter(brief_id=brief_id)
    for word in text.split()[:8]:
        clips = clips.filter(Q(title__icontains=word) | Q(prompt__icontains=word))
    return clips


def page_of(clips: ClipQuerySet, *, after: Cursor | None = None, size: int = 24) -> ClipPage:
    """The newest *size* of *clips* that come after the cursor."""
    if after is not None:
        clips = clips.filter(
            Q(created_at__lt=after.created_at)
            | Q(created_at=after.created_at, pk__lt=after.clip_id)
        )
    found = list(clips.order_by("-created_at", "-id")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return ClipPage(
        clips=found,
        next=Cursor(created_at=found[-1].created_at, clip_id=found[-1].pk) if more else None,
    )


def clips_ahead(clips: Iterable[Clip]) -> dict[UUID, int]:
    """For each waiting clip of one artist: how many of the artist's own clips come before it."""
    waiting = [clip for clip in clips if clip.state == ClipState.QUEUED]
    if not waiting:
        return {}
    queue: list[tuple[UUID, int, datetime]] = list(
        Clip.objects.filter(
            Q(state=ClipState.QUEUED) | Q(state__in=RUNNING),
            account_id__in={clip.account_id for clip in waiting},
        ).values_list("pk", "account_id", "queued_at")
    )
    return {
        clip.pk: sum(
            account == clip.account_id and (at, key) < (clip.queued_at, clip.pk)
            for key, account, at in queue
        )
        for clip in waiting
    }


def queue_summary(cohort: Cohort) -> dict[str, int]:
    """How many clips of *cohort* wait, run, are ready and failed."""
    counts = dict(
        Clip.objects.filter(cohort=cohort, deleted_at__isnull=True)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return {
        "waiting": counts.get(ClipState.QUEUED, 0),
        "running": sum(counts.get(state, 0) for state in RUNNING),
        "ready": counts.get(ClipState.READY, 0),
        "failed": counts.get(ClipState.FAILED, 0),
    }


def next_attempt_number(clip: Clip) -> int:
    last = clip.attempts.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def lease_verdict(token: UUID) -> Heartbeat:
    """What became of the attempt with *token*: one read by a unique key, no lock, no renewal."""
    state = Attempt.objects.filter(lease_token=token).values_list("state", flat=True).first()
    if state == AttemptState.RUNNING:
        return Heartbeat.OK
    return Heartbeat.CANCEL if state == AttemptState.CANCELLED else Heartbeat.LOST
