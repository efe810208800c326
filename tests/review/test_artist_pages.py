from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from generation.states import ClipState
from portal.models import Cohort, User
from review.models import Review
from review.states import ReviewState
from review.templatetags.review_clock import day_and_time
from tests.factories import review as make
from tests.factories.generation import make_clip, make_ready_clip


@pytest.fixture
def clip(ada: User, spring: Cohort) -> Clip:
    return make_ready_clip(artist=ada, cohort=spring, title="Red boat")


@pytest.fixture
def browser(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def url(name: str, clip: Clip) -> str:
    return reverse(f"review:{name}", args=[clip.pk])


def text(response: Any) -> str:
    return str(response.content.decode())


def test_submitting_with_a_note(browser: Client, clip: Clip) -> None:
    page = text(browser.get(url("submit", clip)))
    assert reverse("review:media", args=[clip.pk, "preview"]) in page
    response = browser.post(url("submit", clip), {"note": "For the festival."})
    assert response["Location"] == url("standing", clip)
    review = Review.objects.get()
    assert (review.clip, review.note) == (clip, "For the festival.")
    browser.post(url("submit", clip), {"note": "Twice."})
    assert Review.objects.get().note == "For the festival."


def test_a_note_that_is_too_long_is_kept(browser: Client, clip: Clip) -> None:
    note = "word " * 300
    response = browser.post(url("submit", clip), {"note": note})
    assert response.status_code == 400
    assert note.strip() in text(response)
    assert not Review.objects.exists()


def test_a_clip_that_is_not_ready(browser: Client, ada: User, spring: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=spring, state=ClipState.QUEUED)
    assert browser.get(url("submit", clip)).status_code == 302
    refused = browser.post(url("submit", clip), {"note": ""})
    assert refused.status_code == 409
    assert "Only a finished clip can be submitted" in text(refused)


def test_where_it_stands(browser: Client, clip: Clip, rosa: User) -> None:
    assert browser.get(url("standing", clip))["Location"] == url("submit", clip)
    review = make.submit(clip, note="My note.")
    page = text(browser.get(url("standing", clip)))
    assert day_and_time(review.due_at) in page
    assert "Yours is next." in page
    make.decline(review, rosa, reason="rights", note="A logo on the cup.")
    page = text(browser.get(url("standing", clip)))
    for said in ("Somebody else&#x27;s work or brand", "A logo on the cup.", "My note."):
        assert said in page
    # The artist hears the programme, not the name of one person in it.
    assert "Rosa" not in page


def test_taking_back(browser: Client, clip: Clip, rosa: User) -> None:
    assert browser.post(url("withdraw", clip)).status_code == 404
    review = make.submit(clip)
    assert browser.post(url("withdraw", clip)).status_code == 302
    review.refresh_from_db()
    assert review.state == ReviewState.WITHDRAWN
    assert "Only you can see it." in text(browser.get(url("standing", clip)))
    decided = make.submit(clip)
    make.approve(decided, rosa)
    response = browser.post(url("withdraw", clip), follow=True)
    assert "This clip has already been decided." in text(response)


def test_sharing_comes_after_an_approval(browser: Client, clip: Clip, rosa: User) -> None:
    review = make.submit(clip)
    assert browser.get(url("sharing", clip))["Location"] == url("standing", clip)
    refused = browser.post(url("sharing", clip), {"title": "Too early"})
    assert refused.status_code == 409
    assert "Too early" in text(refused)
    make.approve(review, rosa)
    page = text(browser.get(url("sharing", clip)))
    assert reverse("review:media", args=[clip.pk, "master"]) in page


def test_other_peoples_clips_do_not_exist(clip: Clip, lucien: User, rosa: User) -> None:
    make.submit(clip)
    for person in (lucien, rosa):
        client = Client()
        client.force_login(person)
        for name in ("submit", "standing", "sharing"):
            assert client.get(url(name, clip)).status_code == 404
        assert client.post(url("withdraw", clip)).status_code == 404
