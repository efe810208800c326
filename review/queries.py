"""Reads. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from review import access
from review.models import Claim, Decision, Review
from review.states import ReviewState, Verdict

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import Cohort, User

PAGE = 25
TABS = ("waiting", "mine", "overdue", "decided")

_ORDER = {
    "waiting": ("due_at", "turn", "id"),
    "decided": ("-closed_at", "-id"),
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a queue is narrowed by; empty fields narrow nothing."""

    cohort: str = ""
    model: str = ""
    artist: str = ""

    def apply(self, reviews: QuerySet[Review]) -> QuerySet[Review]:
        if self.cohort:
            reviews = reviews.filter(cohort__slug=self.cohort)
        if self.model:
            reviews = reviews.filter(clip__model_key=self.model)
        if self.artist:
            reviews = reviews.filter(artist_id=int(self.artist))
        return reviews

    def as_query(self) -> dict[str, str]:
        pairs = {"cohort": self.cohort, "model": self.model, "artist": self.artist}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a queue: the sort key of a row; ``str`` and ``parse`` carry it through a link."""

    at: datetime
    turn: int
    review_id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.turn}_{self.review_id}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for anything that is no cursor."""
        at, _, rest = text.partition("_")
        turn, _, review_id = rest.partition("_")
        try:
            moment = datetime.fromisoformat(at)
            numbers = int(turn), int(review_id)
        except ValueError:
            return None
        if moment.tzinfo is None or not all(0 <= number < 2**31 for number in numbers):
            return None
        return cls(at=moment, turn=numbers[0], review_id=numbers[1])

    @classmethod
    def of(cls, review: Review, tab: str) -> Self:
        at = review.closed_at if tab == "decided" else review.due_at
        return cls(at=at or review.due_at, turn=review.turn, review_id=review.pk)


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    reviews: list[Review]
    next: Cursor | None
    previous: Cursor | None


def in_tab(reviews: QuerySet[Review], tab: str, user: User) -> QuerySet[Review]:
    """*reviews* of one tab of the queue; *user* is whose claims count as mine."""
    if tab == "decided":
        return reviews.exclude(state=ReviewState.WAITING)
    waiting = reviews.filter(state=ReviewState.WAITING).exclude(Exists(_approved_by(user)))
    if tab == "mine":
        return waiting.filter(Exists(_claims_of(user)))
    if tab == "overdue":
        return waiting.filter(due_at__lt=timezone.now())
    return waiting


def _approved_by(user: User) -> QuerySet[Decision]:
    """What waits for another person's approval is nothing to do for who approved it."""
    return Decision.objects.filter(review=OuterRef("pk"), reviewer=user, verdict=Verdict.APPROVE)


def _claims_of(user: User) -> QuerySet[Claim]:
    return Claim.objects.live().filter(review=OuterRef("pk"), reviewer=user)


def tab_counts(reviews: QuerySet[Review], user: User) -> dict[str, int]:
    """How many rows each tab holds, in one query."""
    waiting = Q(state=ReviewState.WAITING, is_approved=False)
    marked = reviews.annotate(
        is_mine=Exists(_claims_of(user)), is_approved=Exists(_approved_by(user))
    )
    counts: dict[str, int] = marked.aggregate(
        waiting=Count("pk", filter=waiting),
        mine=Count("pk", filter=waiting & Q(is_mine=True)),
        overdue=Count("pk", filter=waiting & Q(due_at__lt=timezone.now())),
        decided=Count("pk", filter=~Q(state=ReviewState.WAITING)),
    )
    return counts


def with_rows(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """What a row of the queue shows; ``claims_now`` and ``verdicts`` are lists."""
    return reviews.select_related("clip", "artist", "cohort", "clip__brief").prefetch_related(
        Prefetch(
            "claims",
            queryset=Claim.objects.live().select_related("reviewer"),
            to_attr="claims_now",
        ),
        Prefetch(
            "decisions",
            queryset=Decision.objects.select_related("reviewer").order_by("-id"),
            to_attr="verdicts",
        ),
    )


def page_of(
    reviews: QuerySet[Review],
    tab: str,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = PAGE,
) -> QueuePage:
    """One page of *reviews* in the order of *tab*: by due time, or newest decision first.

    Args:
        after, before: where the neighbouring page ended or began; at most one of them.
    """
    decided = tab == "decided"
    order = _ORDER["decided" if decided else "waiting"]
    if before is not None:
        backwards = [name[1:] if name.startswith("-") else f"-{name}" for name in order]
        found = list(
            with_rows(reviews.filter(_beyond(before, decided, back=True))).order_by(*backwards)[
                : size + 1
            ]
        )
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        if after is not None:
            reviews = reviews.filter(_beyond(after, decided, back=False))
        found = list(with_rows(reviews).order_by(*order)[: size + 1])
        more_before, more_after = after is not None, len(found) > size
        found = found[:size]
    return QueuePage(
        reviews=found,
        next=Cursor.of(found[-1], tab) if found and more_after else None,
        previous=Cursor.of(found[0], tab) if found and more_before else None,
    )


def _beyond(cursor: Cursor, decided: bool, *, back: bool) -> Q:
    """Rows behind *cursor* in the tab's order, or in front of it with *back*."""
    if decided:
        side = "gt" if back else "lt"
        return Q(**{f"closed_at__{side}": cursor.at}) | Q(
            closed_at=cursor.at, **{f"pk__{side}": cursor.review_id}
        )
    side = "lt" if back else "gt"
    return (
        Q(**{f"due_at__{side}": cursor.at})
        | Q(due_at=cursor.at, **{f"turn__{side}": cursor.turn})
        | Q(due_at=cursor.at, turn=cursor.turn, **{f"pk__{side}": cursor.review_id})
    )


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the filters of a queue offer, as (value, label)."""

    cohorts: list[tuple[str, str]] = field(default_factory=list)
    models: list[tuple[str, str]] = field(default_factory=list)
    artists: list[tuple[str, str]] = field(default_factory=list)


def choices_in(reviews: QuerySet[Review]) -> Choices:
    """The cohorts, models and artists that occur among *reviews*."""
    plain = reviews.order_by()
    return Choices(
        cohorts=list(
            plain.values_list("cohort__slug", "cohort__name").distinct().order_by("cohort__name")
        ),
        models=[
            (key, key)
            for key in plain.values_list("clip__model_key", flat=True)
            .distinct()
            .order_by("clip__model_key")
        ],
        artists=[
            (str(pk), name or email)
            for pk, name, email in plain.values_list("artist_id", "artist__name", "artist__email")
            .distinct()
            .order_by("artist__name")
        ],
    )


def waiting_count(user: User) -> int:
    """The number beside *Review* in the navigation: what *user* could decide now."""
    return access.decidable_by(user).count()


def ahead_of(review: Review) -> int:
    """How many reviews of the cohort come before this one."""
    return (
        Review.objects.filter(cohort_id=review.cohort_id, state=ReviewState.WAITING)
        .filter(
            Q(due_at__lt=review.due_at)
            | Q(due_at=review.due_at, turn__lt=review.turn)
            | Q(due_at=review.due_at, turn=review.turn, pk__lt=review.pk)
        )
        .count()
    )


def other_takes(review: Review) -> list[Review]:
    """Reviews of takes that came from the same press of *Generate*."""
    return list(
        with_rows(
            Review.objects.filter(
                clip__request_id=review.clip.request_id, artist_id=review.artist_id
            )
            .exclude(pk=review.pk)
            .exclude(state=ReviewState.WITHDRAWN)
        ).order_by("clip__take", "id")[:8]
    )


def decisions_of_clip(clip: Clip) -> QuerySet[Decision]:
    return (
        Decision.objects.filter(review__clip=clip)
        .select_related("reviewer", "review")
        .order_by("id")
    )


@dataclass(frozen=True, kw_only=True)
class QueueStats:
    """A cohort's queue at a glance; ``typical`` is the median time to a decision."""

    waiting: int
    overdue: int
    approved: int
    declined: int
    typical: timedelta | None


def stats_of(cohort: Cohort) -> QueueStats:
    reviews = Review.objects.filter(cohort=cohort)
    counts: dict[str, Any] = reviews.aggregate(
        waiting=Count("pk", filter=Q(state=ReviewState.WAITING)),
        overdue=Count("pk", filter=Q(state=ReviewState.WAITING, due_at__lt=timezone.now())),
        approved=Count("pk", filter=Q(state__in=[ReviewState.APPROVED, ReviewState.REVOKED])),
        declined=Count("pk", filter=Q(state=ReviewState.DECLINED)),
    )
    waits = sorted(
        Decision.objects.filter(review__cohort=cohort)
        .exclude(verdict=Verdict.REVOKE)
        .exclude(review__state=ReviewState.WAITING)
        .annotate(wait=F("decided_at") - F("review__submitted_at"))
        .order_by("-id")
        .values_list("wait", flat=True)[:500]
    )
    return QueueStats(typical=waits[len(waits) // 2] if waits else None, **counts)
