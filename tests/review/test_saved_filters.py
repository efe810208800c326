"""Saved filters of the queue, and the clip that is fetched ahead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.errors import NotAllowed
from portal.models import Cohort, User
from review.filter_errors import FilterNameMissing, NothingFiltered, TooManyFilters
from review.models import Claim, Review, SavedFilter
from review.queries import Filters
from review.services import claims, conflicts, saved_filters
from tests.factories import review as make
from tests.factories.portal import browser_of

QUEUE = "/review/"


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_filter_is_saved_opens_the_queue_and_goes(
    review: Review, ada: User, lucien: User, spring: Cohort, rosa: User, remy: User
) -> None:
    client = browser_of(rosa)
    narrowed = f"{QUEUE}?artist={lucien.pk}"
    assert "save-filter" in text(client.get(narrowed))

    answer = client.post(
        f"{QUEUE}filters/?artist={lucien.pk}", {"name": " Only  Lucien ", "is_default": "on"}
    )

    assert answer["Location"] == narrowed
    saved = SavedFilter.objects.get()
    assert (saved.name, saved.query) == ("Only Lucien", {"artist": str(lucien.pk)})
    assert client.get(QUEUE)["Location"] == narrowed
    page = text(client.get(narrowed))
    assert "Only Lucien" in page
    assert "Red boat" not in page
    # Nothing of Lucien’s waits, and the form says what is chosen all the same.
    assert re.search(rf'value="{lucien.pk}" selected>\s*Lucien Moreau', page)
    # Every way to the whole queue stays open.
    assert "Red boat" in text(client.get(f"{QUEUE}?tab=waiting"))
    assert browser_of(remy).get(QUEUE).status_code == 200
    assert browser_of(remy).post(f"{QUEUE}filters/{saved.pk}/remove/").status_code == 404

    client.post(f"{QUEUE}filters/{saved.pk}/default/")
    assert client.get(QUEUE).status_code == 200
    client.post(f"{QUEUE}filters/{saved.pk}/remove/")
    assert not SavedFilter.objects.exists()


def test_what_cannot_be_saved(ada: User, rosa: User, remy: User) -> None:
    some = Filters(artist=str(ada.pk))
    with pytest.raises(FilterNameMissing):
        saved_filters.save(actor=rosa, name="  ", filters=some)
    with pytest.raises(NothingFiltered):
        saved_filters.save(actor=rosa, name="All", filters=Filters())
    kept = [
        saved_filters.save(actor=rosa, name=f"No {number}", filters=some, is_default=True)
        for number in range(saved_filters.MOST)
    ]
    with pytest.raises(TooManyFilters):
        saved_filters.save(actor=rosa, name="One more", filters=some)
    assert saved_filters.save(actor=rosa, name="No 3", filters=some).pk == kept[3].pk
    assert list(SavedFilter.objects.filter(is_default=True)) == [kept[-1]]
    with pytest.raises(NotAllowed):
        saved_filters.remove(actor=remy, saved=kept[0])
    # The database: one default a person, one filter a name.
    for fields in ({"name": "Other", "is_default": True}, {"name": "No 1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedFilter.objects.create(person=rosa, query={"artist": "1"}, **fields)
    answer = browser_of(rosa).post(f"{QUEUE}filters/?artist={ada.pk}", {"name": "x" * 41})
    assert answer.status_code == 302
    assert SavedFilter.objects.count() == saved_filters.MOST


def fetched_ahead(person: User, review: Review, query: str = "") -> list[str]:
    page = text(browser_of(person).get(f"{QUEUE}{review.pk}/{query}"))
    return re.findall(r'data-next-video="/media/clips/([0-9a-f-]+)/original"', page)


def test_the_next_clip_is_fetched_ahead_and_claimed_by_nobody(
    review: Review, ada: User, lucien: User, spring: Cohort, rosa: User, remy: User
) -> None:
    assert fetched_ahead(rosa, review) == []
    of_lucien = make.make_review(lucien, spring)
    second = make.make_review(ada, spring)

    assert fetched_ahead(rosa, review) == [str(of_lucien.clip_id)]
    assert list(Claim.objects.unreleased().values_list("review", flat=True)) == [review.pk]
    assert fetched_ahead(rosa, review, f"?artist={ada.pk}") == [str(second.clip_id)]
    conflicts.declare(actor=rosa, person=rosa, artist=lucien, reason="We share a studio.")
    assert fetched_ahead(rosa, review) == [str(second.clip_id)]
    claims.claim(actor=remy, review=second)
    assert fetched_ahead(rosa, review) == []
    # Who only looks presses no Next.
    assert fetched_ahead(remy, review) == []
