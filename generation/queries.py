"""Reads. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from generation.models import Attempt, Clip, CohortShare, GpuAccount, Pause, RenderCost
from generation.states import LIVE, RUNNING, AttemptState, ClipState, Heartbeat
from portal.models import Containment
from portal.prepared import prepared
from portal.states import Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django.db.models import QuerySet

    from generation.models.clip import ClipQuerySet
    from portal.containment import Target
    from portal.models import Cohort


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
    "quarantined": Q(state=ClipState.QUARANTINED),
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


class Obstacles(NamedTuple):
    """Whether anything at all is paused or contained, and which accounts may begin nothing more."""

    any_paused: bool
    any_contained: bool
    full: frozenset[int]


# Nearly always nothing stands in the way, and one statement says so.
_OBSTACLES = """
    SELECT EXISTS (SELECT FROM generation_pause WHERE resumed_at IS NULL),
           EXISTS (
               SELECT FROM portal_containment
               WHERE ended_at IS NULL AND until > statement_timestamp()
           ),
           ARRAY(
               SELECT account.id
               FROM generation_gpuaccount account
               JOIN portal_cohort cohort ON cohort.id = account.cohort_id
               WHERE account.id = ANY(%(accounts)s) AND cohort.clips_running_per_artist <= (
                   SELECT count(*) FROM generation_clip clip
                   WHERE clip.account_id = account.id
                     AND clip.state IN ('encoding', 'loading', 'rendering')
               )
           )
"""


def obstacles_to(accounts: Collection[int]) -> Obstacles:
    """``full``: which of *accounts* have as many clips on GPUs as their cohort allows at once."""
    [(any_paused, any_contained, full)] = prepared(_OBSTACLES, {"accounts": sorted(accounts)})
    return Obstacles(any_paused, any_contained, frozenset(full))


def unpaused(clips: ClipQuerySet) -> ClipQuerySet:
    """*clips* (waiting ones) that no pause and no containment holds back."""
    pauses = Pause.objects.live().filter(
        Q(cohort=None, model_key="")
        | Q(cohort=None, model_key=OuterRef("model_key"))
        | Q(cohort=OuterRef("cohort_id"), model_key="")
    )
    shut = Containment.objects.live().filter(
        Q(stage__in=[Stage.GENERATION, Stage.EVERYTHING])
        | Q(stage=Stage.COHORT, cohort=OuterRef("cohort_id"))
        | Q(stage=Stage.PERSON, person=OuterRef("artist_id"))
        | Q(stage=Stage.MODEL, model_key=OuterRef("model_key"))
        | Q(stage=Stage.KEY, key=OuterRef("access_key_id"))
    )
    return clips.exclude(Exists(pauses)).exclude(Exists(shut))


def clips_within(target: Target) -> QuerySet[Clip]:
    """Clips that may not be made while *target* is contained; none for one of sharing alone."""
    clips = Clip.objects.get_queryset()
    match target.stage:
        case Stage.KEY:
            return clips.filter(access_key=target.key_id)
        case Stage.PERSON:
            return clips.filter(artist=target.person_id)
        case Stage.COHORT:
            return clips.filter(cohort=target.cohort_id)
        case Stage.MODEL:
            return clips.filter(model_key=target.model_key)
        case Stage.SHARING:
            return clips.none()
        case Stage.GENERATION | Stage.EVERYTHING:
            return clips


def pauses_of(cohort: Cohort, model_keys: Iterable[str]) -> list[Pause]:
    """Live pauses that hold back clips of *cohort* made with one of the models."""
    return list(
        Pause.objects.live()
        .filter(Q(cohort=None) | Q(cohort=cohort), model_key__in=["", *model_keys])
        .order_by("paused_at", "pk")
    )


# Model, width, height, frames, steps.
Shape: TypeAlias = tuple[str, int, int, int, int]
# An account that is charged nothing would be served again and again.
LEAST_CHARGE = Decimal("0.001")


def in_own_order(models: Collection[str]) -> QuerySet[Clip, Any]:
    """Keys of an account's waiting clips of *models* that no pause holds back, its first one first.

    For a subquery on accounts.
    """
    waiting = Clip.objects.filter(
        account=OuterRef("pk"), state=ClipState.QUEUED, model_key__in=list(models)
    )
    return unpaused(waiting).order_by("-priority", "queued_at", "pk").values("pk")


def learnt_costs(shapes: Collection[Shape], *, device: str) -> dict[Shape, Decimal]:
    """GPU seconds that clips of *shapes* took on *device*; nothing for what it never made."""
    if not device:
        return {}
    rows = RenderCost.objects.filter(
        device=device, model_key__in={shape[0] for shape in shapes}
    ).values_list("model_key", "width", "height", "frames", "steps", "seconds")
    known: dict[Shape, Decimal] = {
        (model, width, height, frames, steps): seconds
        for model, width, height, frames, steps, seconds in rows
    }
    return {shape: known[shape] for shape in shapes if shape in known}


def expected(shape: Shape, estimate: Decimal, costs: Mapping[Shape, Decimal]) -> Decimal:
    """What a clip is charged when a worker takes it: by *costs*, else its own *estimate*."""
    return max(costs.get(shape, estimate), LEAST_CHARGE)


def queue_summary(cohort: Cohort) -> dict[str, int]:
    """How many clips of *cohort* wait, run, are ready, failed and are in quarantine."""
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
        "quarantined": counts.get(ClipState.QUARANTINED, 0),
    }


def has_finished(token: UUID) -> bool:
    """Whether the attempt with *token* made its clip ready."""
    return Attempt.objects.filter(lease_token=token, state=AttemptState.FINISHED).exists()


def lease_verdicts(tokens: Collection[UUID]) -> dict[UUID, Heartbeat]:
    """What became of the attempts with *tokens*: one read by a unique key, no lock, no renewal."""
    # Asked at every step of every render.
    states: dict[UUID, str] = dict(prepared(_STATES, {"tokens": list(tokens)}))
    return {token: _verdict(states.get(token, AttemptState.LOST)) for token in tokens}


_STATES = """
SELECT lease_token, state FROM generation_attempt WHERE lease_token = ANY (%(tokens)s)
"""


def _verdict(state: str) -> Heartbeat:
    if state == AttemptState.RUNNING:
        return Heartbeat.OK
    return Heartbeat.CANCEL if state == AttemptState.CANCELLED else Heartbeat.LOST


def seconds_of_those_who_left(tokens: Collection[UUID]) -> list[Decimal]:
    """GPU seconds that those of the attempts which ended were put down for."""
    if not tokens:
        return []
    found = Attempt.objects.filter(lease_token__in=tokens).values_list("gpu_seconds", flat=True)
    return [seconds for seconds in found if seconds is not None]


def weights_in(cohort: Cohort) -> tuple[int, dict[int, int]]:
    """The weight of *cohort* beside the others, and those of its artists by their id, where set."""
    share = CohortShare.objects.filter(cohort=cohort).first()
    accounts = GpuAccount.objects.filter(cohort=cohort)
    return share.weight if share is not None else 1, dict(
        accounts.values_list("artist_id", "weight")
    )
