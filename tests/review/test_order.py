"""The order of the queue, the same wherever it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portal.models import Cohort, User
from portal.numbers import COUNTED, tally
from review import access, facts, queries
from review.models import Claim, Review
from review.models.review import hour_of
from review.services import claims, submissions
from tests.factories import review as make

STEPS = some.lists(
    some.tuples(
        some.integers(0, 2),  # whose clip
        some.integers(1, 2),  # due in how many hours
        some.integers(0, 59),  # at which minute of that hour
        some.integers(0, 4),  # 0: their oldest is taken back first
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Placed:
    """A review as the test reckons it."""

    review: Review
    artist: int
    hour: datetime
    turn: int
    due_at: datetime

    @property
    def key(self) -> tuple[datetime, int, datetime, int]:
        return self.hour, self.turn, self.due_at, self.review.pk


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_every_teller_of_the_order_tells_the_same(
    ada: User, lucien: User, spring: Cohort, rosa: User, steps: list[tuple[int, int, int, int]]
) -> None:
    artists = [ada, lucien, make.make_artist(spring, "Third")]
    with transaction.atomic():
        waiting: list[Placed] = []
        for whose, hours, minute, taking_back in steps:
            mine = [one for one in waiting if one.artist == whose]
            if mine and not taking_back:
                submissions.withdraw(actor=artists[whose], review=mine[0].review)
                waiting.remove(mine[0])
            waiting.append(submitted(waiting, artists, spring, whose, hours, minute))
        expected = [one.review.pk for one in sorted(waiting, key=lambda one: one.key)]

        assert [Review.objects.get(pk=one.review.pk).turn for one in waiting] == [
            one.turn for one in waiting
        ]
        assert paged(rosa) == expected
        assert opened(rosa, len(expected)) == expected
        rows = [Review.objects.get(pk=pk) for pk in expected]
        assert [queries.ahead_of(row) for row in rows] == list(range(len(rows)))
        told = facts._newest_reviews([row.clip_id for row in rows])
        assert [told[row.clip_id].ahead for row in rows] == list(range(len(rows)))
        transaction.set_rollback(True)


def submitted(
    waiting: list[Placed], artists: list[User], spring: Cohort, whose: int, hours: int, minute: int
) -> Placed:
    Cohort.objects.filter(pk=spring.pk).update(review_hours=hours)
    spring.refresh_from_db()
    review = make.make_review(artists[whose], spring, files=False)
    hour = hour_of(review.due_at)
    due_at = max(hour + timedelta(minutes=minute), review.submitted_at + timedelta(seconds=1))
    Review.objects.filter(pk=review.pk).update(due_at=due_at)
    turns = [one.turn for one in waiting if one.artist == whose and one.hour == hour]
    turn = max(turns, default=0) + 1
    return Placed(review=review, artist=whose, hour=hour, turn=turn, due_at=due_at)


def paged(reader: User) -> list[int]:
    reviews = queries.in_tab(access.visible_to(reader), "waiting", reader)
    page = queries.page_of(reviews, "waiting", size=3)
    found = [review.pk for review in page.reviews]
    while page.next is not None:
        page = queries.page_of(reviews, "waiting", after=page.next, size=3)
        found += [review.pk for review in page.reviews]
    return found


def opened(reviewer: User, count: int) -> list[int]:
    found: list[int] = []
    last: Review | None = None
    for _ in range(count):
        claim = claims.claim_next(actor=reviewer, after=last)
        assert claim is not None
        found.append(claim.review_id)
        last = claim.review
    return found


def test_fifty_clips_over_five_minutes_do_not_bury_another_artists_one(
    ada: User, lucien: User, spring: Cohort, rosa: User
) -> None:
    hour = hour_of(timezone.now()) + timedelta(hours=48)
    for number in range(50):
        review = make.make_review(ada, spring, files=False)
        Review.objects.filter(pk=review.pk).update(
            due_at=hour + timedelta(minutes=10 + number // 10), turn=number + 1
        )
    one = make.make_review(lucien, spring, files=False)
    Review.objects.filter(pk=one.pk).update(due_at=hour + timedelta(minutes=16))
    one.refresh_from_db()

    assert one.turn == 1
    assert queries.ahead_of(one) == 1
    assert paged(rosa)[1] == one.pk


@pytest.mark.parametrize(("count", "said"), [(0, ""), (7, "7"), (999, "999"), (COUNTED, "999+")])
def test_what_was_counted_up_to_a_bound_says_so(count: int, said: str) -> None:
    assert tally(count) == said


def test_no_count_reads_more_than_its_bound(
    ada: User, spring: Cohort, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNTED", 3)
    reviews = [make.make_review(ada, spring, files=False) for _ in range(5)]
    claims.claim(actor=rosa, review=reviews[0])
    make.make_overdue(reviews[0])
    seen = access.visible_to(rosa)

    assert queries.tab_counts(seen, rosa) == {
        "waiting": 3,
        "free": 3,
        "mine": 1,
        "second": 0,
        "overdue": 1,
        "decided": 0,
    }
    assert queries.waiting_count(rosa) == 3
    assert queries.ahead_of(reviews[4]) == 3
    assert Claim.objects.count() == 1
