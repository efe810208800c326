"""Reads. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.duties import Duty, cohorts_for
from portal.models import Cohort, User
from portal.numbers import COUNTED
from review import access, order
from review.models import Claim, Decision, Review, SavedFilter
from review.models.review import overdue_at
from review.states import DECIDED, PASSED_TO, ReviewState, Verdict

if TYPE_CHECKING:
    from generation.models import Clip

M = TypeVar("M", bound=Model)

PAGE = 25
TABS = ("waiting", "free", "mine", "second", "overdue", "decided")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a queue is narrowed by; empty fields narrow nothing."""

    cohort: str = ""
    model: str = ""
    artist: str = ""

    def apply(self, reviews: QuerySet[Review]) -> QuerySet[Review]:
        if self.cohort:
            # As one value and not by a join: the index of a cohort's queue needs to know it.
            named = Cohort.objects.filter(slug=self.cohort).order_by().values("pk")[:1]
            reviews = reviews.filter(cohort=Subquery(named))
        if self.model:
            reviews = reviews.filter(clip__model_key=self.model)
        if self.artist:
            reviews = reviews.filter(artist_id=int(self.artist))
        return reviews

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """What ``as_query`` gave."""
        return cls(**{name: query.get(name, "") for name in ("cohort", "model", "artist")})

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
    """*reviews* of one tab of the queue in its order; *user* is whose claims count as mine."""
    if tab == "decided":
        return reviews.filter(state__in=DECIDED).order_by(*order.DECIDED)
    waiting = access.unsaid_by(user, reviews.filter(state=ReviewState.WAITING))
    if tab == "mine":
        # By name: asked as a condition, they may be looked for among everything that waits.
        held = Claim.objects.live().filter(reviewer=user).values_list("review", flat=True)
        waiting = waiting.filter(pk__in=list(held))
    elif tab == "free":
        waiting = waiting.exclude(Exists(Claim.objects.live().filter(review=OuterRef("pk"))))
    elif tab == "second":
        waiting = waiting.filter(waits_for__in=PASSED_TO)
    elif tab == "overdue":
        waiting = waiting.filter(overdue_at(timezone.now()))
    return waiting.order_by(*order.WAITING)


def tab_counts(reviews: QuerySet[Review], user: User) -> dict[str, int]:
    """How many rows each tab holds; ``COUNTED`` stands for that many or more."""
    return {tab: bounded(in_tab(reviews, tab, user)) for tab in TABS}


def bounded(reviews: QuerySet[Review]) -> int:
    """How many *reviews* there are, but no more than ``COUNTED`` of them are read.

    They are read in their order, so that its index says which: without one, the table may be read
    from its beginning, where everything is decided.
    """
    return reviews[:COUNTED].count()


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
    ways = order.DECIDED if decided else order.WAITING
    if before is not None:
        backwards = [name[1:] if name.startswith("-") else f"-{name}" for name in ways]
        reviews = reviews.filter(_beyond(before, decided, back=True))
        found = list(with_rows(reviews).order_by(*backwards)[: size + 1])
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        if after is not None:
            reviews = reviews.filter(_beyond(after, decided, back=False))
        found = list(with_rows(reviews).order_by(*ways)[: size + 1])
        more_before, more_after = after is not None, len(found) > size
        found = found[:size]
    return QueuePage(
        reviews=found,
        next=Cursor.of(found[-1], tab) if found and more_after else None,
        previous=Cursor.of(found[0], tab) if found and more_before else None,
    )


def _beyond(cursor: Cursor, decided: bool, *, back: bool) -> Func:
    """Rows behind *cursor* in the tab's order, or in front of it with *back*."""
    if decided:
        beyond = order.decided_after if back else order.decided_before
        return beyond(cursor.at, cursor.review_id)
    place = order.Place(due_at=cursor.at, turn=cursor.turn, review_id=cursor.review_id)
    return order.before(place) if back else order.behind(place)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the filters of a queue offer, as (value, label)."""

    cohorts: list[tuple[str, str]] = field(default_factory=list)
    models: list[tuple[str, str]] = field(default_factory=list)
    artists: list[tuple[str, str]] = field(default_factory=list)


def choices_for(user: User, chosen: Filters) -> Choices:
    """The cohorts and artists with reviews that *user* meets, and the models of these cohorts.

    What is *chosen* stays among them. Each cohort and each of its artists is asked for one review,
    whatever there is of them.
    """
    seen = access.visible_to(user)
    looked_after = cohorts_for(user, Duty.LOOK)
    cohorts = _with_one(seen, looked_after, "cohort", Q(slug=chosen.cohort)).order_by("name", "pk")
    people = User.objects.filter(memberships__cohort__in=looked_after)
    kept = Q(pk=int(chosen.artist or 0))
    artists = _with_one(seen, people, "artist", kept).distinct().order_by("name", "email")
    models = {key for cohort in cohorts for key in cohort.models_on_offer}
    return Choices(
        cohorts=[(cohort.slug, cohort.name) for cohort in cohorts],
        models=[(key, key) for key in sorted(models | ({chosen.model} - {""}))],
        artists=[(str(artist.pk), artist.name or artist.email) for artist in artists],
    )


def _with_one(seen: QuerySet[Review], things: QuerySet[M], name: str, kept: Q) -> QuerySet[M]:
    """Those of *things* that are the ``name`` of at least one review of *seen*, and *kept*."""
    theirs = seen.filter(**{name: OuterRef("pk")}).values("pk")
    waiting = theirs.filter(state=ReviewState.WAITING).order_by(*order.WAITING)
    decided = theirs.filter(state__in=DECIDED).order_by(*order.DECIDED)
    one = Coalesce(Subquery(waiting[:1]), Subquery(decided[:1]))
    return cast("QuerySet[M]", things.alias(one=one).filter(Q(one__isnull=False) | kept))


def filters_of(user: User) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(person=user)


def default_filter_of(user: User) -> SavedFilter | None:
    """What the queue opens with for *user*, if they chose something."""
    return filters_of(user).filter(is_default=True).first()


def free_for(user: User, queue: QuerySet[Review]) -> QuerySet[Review]:
    """Those of *queue* that *user* may decide and nobody else has open, in order."""
    taken = Claim.objects.live().filter(review=OuterRef("pk")).exclude(reviewer=user)
    waiting = queue.filter(state=ReviewState.WAITING).exclude(artist=user)
    return waiting.exclude(Exists(taken)).order_by(*order.WAITING)


def next_for(user: User, queue: QuerySet[Review], after: Review) -> Review | None:
    """What *Next* would open behind *after* if it were pressed now. Nothing is claimed."""
    free = free_for(user, queue).exclude(pk=after.pk).select_related("clip")
    return free.filter(order.behind(order.Place.of(after))).first() or free.first()


def waiting_count(user: User) -> int:
    """The number beside *Review* in the navigation: what *user* could decide now, bounded."""
    return bounded(access.decidable_by(user).order_by(*order.WAITING))


def ahead_of(review: Review) -> int:
    """How many reviews of the cohort come before this one, bounded."""
    waiting = Review.objects.filter(cohort_id=review.cohort_id, state=ReviewState.WAITING)
    return bounded(waiting.filter(order.before(order.Place.of(review))).order_by(*order.WAITING))


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
    changes: int
    declined: int
    typical: timedelta | None


def stats_of(cohort: Cohort) -> QueueStats:
    reviews = Review.objects.filter(cohort=cohort)
    counts: dict[str, Any] = reviews.aggregate(
        waiting=Count("pk", filter=Q(state=ReviewState.WAITING)),
        overdue=Count("pk", filter=Q(state=ReviewState.WAITING, due_at__lt=timezone.now())),
        approved=Count("pk", filter=Q(state__in=[ReviewState.APPROVED, ReviewState.REVOKED])),
        changes=Count("pk", filter=Q(state=ReviewState.CHANGES)),
        declined=Count("pk", filter=Q(state=ReviewState.DECLINED)),
    )
    waits = sorted(
        Decision.objects.filter(review__cohort=cohort)
        .exclude(verdict__in=[Verdict.REVOKE, Verdict.OVERTURN])
        .exclude(review__state=ReviewState.WAITING)
        .annotate(wait=F("decided_at") - F("review__submitted_at"))
        .order_by("-id")
        .values_list("wait", flat=True)[:500]
    )
    return QueueStats(typical=waits[len(waits) // 2] if waits else None, **counts)
