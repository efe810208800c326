from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Cohort, User
from review import access, queries
from review.models import Review
from review.queries import Cursor, Filters
from review.services import claims, submissions
from tests.factories import review as make


@pytest.fixture
def queue(ada: User, lucien: User, spring: Cohort, rosa: User, remy: User) -> dict[str, Review]:
    """One review of every kind."""
    reviews = {
        name: make.make_review(artist, spring, files=False)
        for name, artist in {
            "free": ada,
            "mine": lucien,
            "remys": ada,
            "late": lucien,
            "withdrawn": ada,
        }.items()
    }
    reviews["approved"] = make.make_review(ada, spring)
    reviews["declined"] = make.make_review(lucien, spring)
    claims.claim(actor=rosa, review=reviews["mine"])
    claims.claim(actor=remy, review=reviews["remys"])
    make.make_overdue(reviews["late"])
    submissions.withdraw(actor=ada, review=reviews["withdrawn"])
    make.approve(reviews["approved"], rosa)
    make.decline(reviews["declined"], remy)
    return reviews


def names(reviews: list[Review], known: dict[str, Review]) -> list[str]:
    by_id = {review.pk: name for name, review in known.items()}
    return [by_id[review.pk] for review in reviews]


def test_each_tab_holds_what_it_says_and_counts_it(queue: dict[str, Review], rosa: User) -> None:
    reviews = access.visible_to(rosa)
    found = {
        tab: names(queries.page_of(queries.in_tab(reviews, tab, rosa), tab).reviews, queue)
        for tab in queries.TABS
    }
    assert found["waiting"][0] == "late"
    assert sorted(found["waiting"]) == ["free", "late", "mine", "remys"]
    assert found["free"] == ["late", "free"]
    assert found["mine"] == ["mine"]
    assert found["overdue"] == ["late"]
    assert found["decided"] == ["declined", "approved"]
    assert queries.tab_counts(reviews, rosa) == {tab: len(rows) for tab, rows in found.items()}


def test_filters_narrow(queue: dict[str, Review], rosa: User, ada: User, spring: Cohort) -> None:
    reviews = access.visible_to(rosa)
    assert Filters(artist=str(ada.pk)).apply(reviews).count() == 3
    assert Filters(cohort=spring.slug, model="starter").apply(reviews).count() == 6
    assert not Filters(cohort="elsewhere").apply(reviews).exists()
    choices = queries.choices_for(rosa, Filters())
    assert choices.cohorts == [("spring-residency", "Spring residency")]
    assert choices.models == [("starter", "starter")]
    assert [name for _, name in choices.artists] == ["Ada Okafor", "Lucien Moreau"]


@pytest.mark.parametrize("tab", ["waiting", "decided"])
def test_paging_forwards_and_back_sees_every_row_once(
    ada: User, lucien: User, spring: Cohort, rosa: User, tab: str
) -> None:
    for number in range(11):
        review = make.make_review(ada if number % 3 else lucien, spring, files=False)
        if tab == "decided":
            make.decline(review, rosa)
    # Ties in due time are what a cursor gets wrong.
    first_due = Review.objects.order_by("due_at").values_list("due_at", flat=True)[0]
    Review.objects.filter(pk__gt=0).update(due_at=first_due + timedelta(minutes=1))
    reviews = queries.in_tab(access.visible_to(rosa), tab, rosa)
    order = ("-closed_at", "-id") if tab == "decided" else ("due_hour", "turn", "due_at", "id")
    expected = list(reviews.order_by(*order).values_list("pk", flat=True))
    pages = [queries.page_of(reviews, tab, size=4)]
    while pages[-1].next is not None:
        pages.append(queries.page_of(reviews, tab, after=pages[-1].next, size=4))
    assert [review.pk for page in pages for review in page.reviews] == expected
    assert [len(page.reviews) for page in pages] == [4, 4, 3]
    assert pages[0].previous is None
    back = queries.page_of(reviews, tab, before=pages[2].previous, size=4)
    assert [review.pk for review in back.reviews] == expected[4:8]
    assert back.previous is not None
    start = queries.page_of(reviews, tab, before=back.previous, size=4)
    assert [review.pk for review in start.reviews] == expected[:4]
    assert start.previous is None


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-01_1_1", "2026-01-01T00:00:00+00:00_1_-1", "_1_1", "a_b_c"]
)
def test_a_cursor_that_is_none(text: str) -> None:
    assert Cursor.parse(text) is None


def test_a_cursor_survives_a_link(review: Review) -> None:
    cursor = Cursor.of(review, "waiting")
    assert Cursor.parse(str(cursor)) == cursor


def test_a_person_of_another_cohort_sees_nothing(queue: dict[str, Review]) -> None:
    elsewhere = make.make_reviewer("Nour Haddad", make.make_cohort())
    assert not access.visible_to(elsewhere).exists()
    assert access.visible_to(make.make_admin("Anselm Weber")).count() == 6


def test_how_many_come_before(ada: User, lucien: User, spring: Cohort) -> None:
    reviews = [make.make_review(artist, spring, files=False) for artist in (ada, ada, lucien)]
    due_at = reviews[0].due_at
    Review.objects.update(due_at=due_at)
    assert [queries.ahead_of(Review.objects.get(pk=review.pk)) for review in reviews] == [0, 2, 1]


def test_a_cohorts_queue_in_figures(queue: dict[str, Review], spring: Cohort) -> None:
    stats = queries.stats_of(spring)
    assert (stats.waiting, stats.overdue, stats.approved, stats.declined) == (4, 1, 1, 1)
    assert stats.typical is not None
    assert stats.typical < timedelta(minutes=10)
    assert queries.stats_of(make.make_cohort()).typical is None
