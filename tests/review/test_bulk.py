"""One verdict for a selection in the queue."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.models import AuditEntry, Notification, User
from review.bulk_errors import NothingChosen, SomeRefused, TooManyChosen
from review.errors import NoteMissing
from review.models import Decision, PendingVerdict, Review
from review.services import bulk, claims, undoing
from review.services.bulk import Chosen
from review.states import ReviewState, Verdict
from tests.factories import review as make
from tests.factories.portal import browser_of


@pytest.fixture
def three(ada: User, review: Review) -> list[Review]:
    more = [make.make_review(ada, review.cohort, title=f"Boat {number}") for number in (2, 3)]
    return [review, *more]


def chosen(reviews: list[Review]) -> list[Chosen]:
    return [
        Chosen(review=one, sha256=one.clip.sha256, settings_sha256=one.clip.settings_sha256)
        for one in reviews
    ]


def states(reviews: list[Review]) -> set[str]:
    found = Review.objects.filter(pk__in=[one.pk for one in reviews])
    return set(found.values_list("state", flat=True))


def test_each_is_recorded_on_its_own(three: list[Review], ada: User, rosa: User) -> None:
    done = bulk.decide_all(
        actor=rosa,
        chosen=chosen(three),
        verdict=Verdict.CHANGES,
        reason="rights",
        note="Take the logo out.",
    )
    assert done == 3
    assert states(three) == {ReviewState.CHANGES}
    assert Decision.objects.filter(reason="rights", note="Take the logo out.").count() == 3
    assert Notification.objects.filter(user=ada, kind="review_changes").count() == 3
    assert AuditEntry.objects.filter(action="review.changes").count() == 3


def test_all_or_none(three: list[Review], rosa: User, remy: User) -> None:
    first, second, third = three
    make.approve(second, remy)
    claims.claim(actor=remy, review=third)
    with pytest.raises(SomeRefused) as refusal:
        bulk.decide_all(actor=rosa, chosen=chosen(three), verdict=Verdict.APPROVE)
    named = {review.pk: error.code for review, error in refusal.value.refused}
    assert named == {second.pk: "already_decided", third.pk: "already_claimed"}
    first.refresh_from_db()
    assert first.state == ReviewState.WAITING
    assert Decision.objects.count() == 1
    own = make.make_review(make.make_artist(first.cohort), first.cohort)
    own.artist_id = rosa.pk
    with pytest.raises(SomeRefused):
        bulk.decide_all(actor=rosa, chosen=chosen([first, own]), verdict=Verdict.APPROVE)
    for wrong, selection in ((NothingChosen, []), (TooManyChosen, [first] * 101)):
        with pytest.raises(wrong):
            bulk.decide_all(actor=rosa, chosen=chosen(selection), verdict=Verdict.APPROVE)
    with pytest.raises(NoteMissing):
        bulk.decide_all(
            actor=rosa, chosen=chosen([first]), verdict=Verdict.DECLINE, reason="rights"
        )


def test_they_are_undone_together(three: list[Review], rosa: User, settings: Settings) -> None:
    settings.REVIEW_UNDO_SECONDS = 20
    bulk.decide_all(actor=rosa, chosen=chosen(three), verdict=Verdict.APPROVE)
    page = browser_of(rosa).get(reverse("review:queue")).content.decode()
    assert "Approved: 3 clips" in page
    said = PendingVerdict.objects.order_by("-id")[0]
    assert len(undoing.undo(actor=rosa, pending=said)) == 3
    assert not PendingVerdict.objects.unended().exists()
    assert states(three) == {ReviewState.WAITING}


def _post(browser: Client, reviews: list[Review], **said: str) -> tuple[int, str]:
    keys = [f"{one.pk}:{one.clip.sha256}:{one.clip.settings_sha256}" for one in reviews]
    answer = browser.post(
        f"{reverse('review:decide_all')}?tab=free", {"chosen": keys, **said}, follow=True
    )
    return answer.status_code, answer.content.decode()


def test_in_the_queue(three: list[Review], rosa: User, remy: User, alba: User) -> None:
    browser = browser_of(rosa)
    page = browser.get(reverse("review:queue")).content.decode()
    assert page.count('name="chosen"') == 3
    decided = browser.get(f"{reverse('review:queue')}?tab=decided").content.decode()
    assert 'name="chosen"' not in decided
    assert 'name="chosen"' not in browser_of(alba).get(reverse("review:queue")).content.decode()
    make.approve(three[2], remy)
    refusal = {"verdict": "decline", "reason": "rights", "note": "A logo on each."}
    status, page = _post(browser, three, **refusal)
    assert status == 409
    assert "Nothing was decided" in page
    assert "Boat 3" in page
    assert "A logo on each." in page
    assert len(re.findall(r'name="chosen"[^>]*checked', page)) == 2
    status, page = _post(browser, three[:2], **refusal)
    assert (status, "2 clips decided." in page) == (200, True)
    assert states(three[:2]) == {ReviewState.DECLINED}
    status, _page = _post(browser, three[:1], verdict="approve", chosen="nonsense")
    assert status == 404
