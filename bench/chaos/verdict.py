"""What must be none in the end, counted from the database and the files alone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from generation.media import store
from generation.models import Attempt, Clip, GpuAccount, GpuWeek
from generation.services.quarantine import WORKERS_A_CLIP_MAY_KILL
from generation.states import AttemptState, ClipState
from review.models import Signing

if TYPE_CHECKING:
    from generation.models.clip import ClipQuerySet

# Longer than the jobs look at one clip, in seconds.
_AT_WORK = 30

AT_REST = (ClipState.READY, ClipState.CANCELLED, ClipState.QUARANTINED)
_FREE = (AttemptState.LOST, AttemptState.HANDED_BACK, AttemptState.FAILED)


def faults(
    *, asked: Collection[UUID], placed: Collection[UUID], poison: UUID | None, var: Path
) -> Iterator[tuple[str, int]]:
    """Name and number of each thing that must not be, in the order to print.

    Args:
        asked: the clips that artists were told they have.
        placed: of these, the clips that were put there and never rendered.
        poison: the clip that must have ended in quarantine.
        var: the folder with ``media`` and the workers' temporary files.
    """
    clips = Clip.objects.all()
    known = set(clips.values_list("pk", flat=True))
    yield "clips lost", len(set(asked) - known)
    yield "clips nobody asked for", len(known - set(asked))
    yield (
        "clips neither ready, cancelled nor in quarantine",
        clips.exclude(state__in=AT_REST).count(),
    )
    yield "renders still open", Attempt.objects.filter(state=AttemptState.RUNNING).count()
    yield (
        "clips rendered twice into the gallery",
        _wrongly_finished(clips.exclude(pk__in=placed)),
    )
    yield "poisoned clips outside quarantine", int(_state_of(poison) != ClipState.QUARANTINED)
    yield "clips in quarantine that killed more or fewer than two workers", _wrongly_held(clips)
    yield from _money(clips)
    yield from _files(clips, var)


def _wrongly_finished(clips: ClipQuerySet) -> int:
    counted = clips.annotate(
        finished=Count("attempts", filter=Q(attempts__state=AttemptState.FINISHED))
    )
    wrong = Q(state=ClipState.READY) & ~Q(finished=1)
    return counted.filter(wrong | ~Q(state=ClipState.READY) & Q(finished__gt=0)).count()


def _state_of(poison: UUID | None) -> str:
    return Clip.objects.filter(pk__in=[poison]).values_list("state", flat=True).first() or ""


def _wrongly_held(clips: ClipQuerySet) -> int:
    held = clips.filter(state=ClipState.QUARANTINED)
    return sum(
        clip.attempts.filter(state=AttemptState.LOST, started_at__gte=clip.counts_since).count()
        != WORKERS_A_CLIP_MAY_KILL
        for clip in held
    )


def _money(clips: ClipQuerySet) -> Iterator[tuple[str, int]]:
    charged = Q(attempts__charged_seconds__gt=0)
    counted = clips.annotate(charges=Count("attempts", filter=charged))
    yield "clips charged twice", counted.filter(charges__gt=1).count()
    yield (
        "clips in quarantine that were charged",
        counted.filter(state=ClipState.QUARANTINED, charges__gt=0).count(),
    )
    attempts = Attempt.objects.all()
    yield (
        "charges for what the machinery lost",
        attempts.filter(state__in=_FREE, charged_seconds__gt=0).count(),
    )
    finished = Q(state=AttemptState.FINISHED)
    yield (
        "renders charged other GPU seconds than recorded",
        attempts.filter(
            finished & ~Q(charged_seconds=F("gpu_seconds"))
            | Q(charged_seconds__gt=F("gpu_seconds"))
            | finished & ~Q(clip__gpu_seconds=F("gpu_seconds"))
        ).count(),
    )
    accounts = GpuAccount.objects.annotate(by_attempt=Sum("clips__attempts__charged_seconds"))
    yield (
        "accounts charged other than their renders",
        sum((account.by_attempt or 0) != account.charged_seconds for account in accounts),
    )
    yield "weeks charged other than their renders", _wrong_weeks()


def _wrong_weeks() -> int:
    by_renders: dict[tuple[int, date | None], Decimal] = {
        (row["clip__account"], row["charged_week"]): row["sum"]
        for row in Attempt.objects.filter(charged_week__isnull=False)
        .order_by()
        .values("clip__account", "charged_week")
        .annotate(sum=Sum("charged_seconds"))
    }
    weeks = GpuWeek.objects.values_list("account", "monday", "charged_seconds")
    booked: dict[tuple[int, date | None], Decimal] = {
        (account, monday): charged for account, monday, charged in weeks
    }
    return sum(
        by_renders.get(key, 0) != booked.get(key, 0) for key in by_renders.keys() | booked.keys()
    )


def _files(clips: ClipQuerySet, var: Path) -> Iterator[tuple[str, int]]:
    media = var / "media"
    stored = {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}
    named = {name for clip in clips for name in store.names_of(clip)}
    # The leak drill, on the same Greenroom, shares a clip.
    named |= {name for signing in Signing.objects.all() for name in signing.names}
    yield "files without a row", len(stored - named)
    yield "rows without a file", len(named - stored)
    kept = [clip for clip in clips.ready() if clip.original.name in stored]
    yield (
        "files of other bytes than the row says",
        sum(_sha256(media / str(clip.original)) != clip.sha256 for clip in kept),
    )
    left = [
        path
        for folder in (var / "tmp", var / "scratch")
        for path in folder.rglob("*")
        if path.is_file()
    ]
    yield "temporary files of dead workers", len(_left_for_good(left))


def _left_for_good(files: list[Path]) -> list[Path]:
    """Those of *files* that are there after a while: whoever works on one removes it after."""
    deadline = time.monotonic() + _AT_WORK
    while files and time.monotonic() < deadline:
        time.sleep(0.2)
        files = [path for path in files if path.exists()]
    return files


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
