"""Notes on frames: who reads, writes, answers and resolves them, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from portal.errors import NotAllowed
from portal.models import Notification, User
from review.models import FrameNote, Review
from review.note_access import notes_for
from review.services import framenotes
from tests.factories import review as make
from tests.factories.portal import browser_of

BOX = [{"tool": "box", "points": [[0, 0], [10_000, 5_000]]}]

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(cohort: Any) -> User:
    return make.make_artist(cohort)


@pytest.fixture
def cohort() -> Any:
    return make.make_cohort()


@pytest.fixture
def review(cohort: Any, ada: User) -> Review:
    return make.make_review(ada, cohort)


def note(review: Review, author: User, **said: Any) -> FrameNote:
    values = {"first_frame": 1, "last_frame": 2, "text": "A logo.", "drawing": ""}
    return framenotes.write(
        actor=author, clip=review.clip, **{**values, "is_for_artist": True, **said}
    )


def typed(**said: Any) -> dict[str, Any]:
    return {"first": 2, "last": 3, "text": "A logo.", "drawing": json.dumps(BOX), **said}


def test_a_note_is_pinned_answered_resolved_and_taken_along(review: Review, ada: User) -> None:
    rosa = make.make_reviewer()
    desk, studio = browser_of(rosa), browser_of(ada)
    address = reverse("review:notes", args=[review.clip_id])

    assert desk.post(address, typed(text="Between us.")).status_code == 302
    assert desk.post(address, typed(for_artist="on")).status_code == 302

    inner, told = FrameNote.objects.order_by("id")
    assert (told.first_frame, told.last_frame, told.drawing) == (1, 2, BOX)
    shown = studio.get(reverse("generation:clip", args=[review.clip_id])).content.decode()
    assert "A logo." in shown
    assert "Between us." not in shown
    assert rosa.name not in shown
    assert studio.post(address, typed()).status_code == 404
    assert studio.post(reverse("review:notes_answer", args=[inner.pk])).status_code == 404
    answer = reverse("review:notes_answer", args=[told.pk])
    assert studio.post(answer, {"text": "It is mine."}).status_code == 302
    heard = Notification.objects.order_by("id").values_list("user", "kind", "text")
    assert list(heard) == [
        (ada.pk, "note_on_frame", "A logo."),
        (rosa.pk, "note_answered", "It is mine."),
    ]
    resolve = reverse("review:notes_resolve", args=[told.pk])
    assert studio.post(resolve).status_code == 404
    assert desk.post(resolve).status_code == 302
    told.refresh_from_db()
    assert told.resolved_by == rosa
    theirs = studio.get(reverse("review:notes_download", args=[review.clip_id])).json()
    [said] = theirs["notes"]
    assert said["by"] == "The programme"
    assert said["drawing"] == BOX
    assert [one["text"] for one in said["replies"]] == ["It is mine."]
    assert len(desk.get(f"{address}notes.json").json()["notes"]) == 2
    assert desk.get(reverse("review:desk", args=[review.pk])).content.count(b"data-note ") == 2
    assert desk.post(resolve, {"again": "1"}).status_code == 302
    told.refresh_from_db()
    assert told.resolved_at is None


def test_what_cannot_be_kept_is_refused_and_nothing_typed_is_lost(review: Review) -> None:
    desk = browser_of(make.make_reviewer())
    address = reverse("review:notes", args=[review.clip_id])
    last = review.clip.file_frames
    many = json.dumps([{"tool": "pen", "points": [[1, 1]] * 4_000}] * 2)
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"text": "", "drawing": ""}, 422, "this note is empty"),
        ({"first": last + 1, "last": last + 1}, 422, "no such frames"),
        ({"first": 3, "last": 2}, 422, "no such frames"),
        ({"drawing": "x" * 100_001}, 413, "too large to keep"),
        ({"drawing": many}, 413, "too large to keep"),
        ({"drawing": "x" * 10_000_000}, 413, "too large to keep"),
        ({"text": "é" * 1_001}, 400, ""),
    ]
    for drawing in (
        "{",
        "{}",
        "[1]",
        "[" * 50_000,
        '[{"tool": "pen", "points": [[1, 2]]}]',
        '[{"tool": "box", "points": [[1, 2], [3, 10001]]}]',
        '[{"tool": "box", "points": [[1, 2], [3, 1.5]]}]',
        '[{"tool": ["box"], "points": [[1, 2], [3, 4]]}]',
    ):
        wrong.append(({"drawing": drawing}, 422, "could not be read"))
    for said, status, words in wrong:
        answer = desk.post(address, typed(**said))
        assert (answer.status_code, words in answer.content.decode()) == (status, True), said
        if status == 422 and said.get("text", "A logo."):
            assert "A logo." in answer.content.decode()
    assert not FrameNote.objects.exists()


def test_a_post_needs_its_token(review: Review) -> None:
    reviewer = make.make_reviewer()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser_of(reviewer).cookies

    assert strict.post(reverse("review:notes", args=[review.clip_id]), typed()).status_code == 403
    assert not FrameNote.objects.exists()


def test_who_does_not_meet_the_clip_writes_and_reads_nothing(
    review: Review, ada: User, cohort: Any
) -> None:
    rosa, lucien = make.make_reviewer(), make.make_artist(cohort, "Lucien Moreau")
    pinned = note(review, rosa)
    for stranger in (lucien, make.make_reviewer("Elsewhere", make.make_cohort())):
        assert not notes_for(stranger, review.clip).exists()
        with pytest.raises(NotAllowed):
            framenotes.reply(actor=stranger, note=pinned, text="Me too.")
        with pytest.raises(NotAllowed):
            framenotes.resolve(actor=stranger, note=pinned, is_resolved=True)
    with pytest.raises(NotAllowed):
        note(review, ada)


def test_the_database_refuses_what_a_note_is_not(review: Review) -> None:
    rosa = make.make_reviewer()
    inner = note(review, rosa, is_for_artist=False)
    elsewhere = make.make_review(review.artist, review.cohort)
    fields: dict[str, Any] = {
        "clip": review.clip,
        "author": rosa,
        "first_frame": 1,
        "last_frame": 1,
        "text": "Words.",
    }
    for wrong in (
        {"first_frame": 2},
        {"last_frame": review.clip.file_frames},
        {"text": " "},
        {"parent": inner, "is_for_artist": True},
        {"parent": inner, "drawing": BOX},
        {"parent": inner, "clip": elsewhere.clip},
        {"resolved_by": rosa},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            FrameNote.objects.create(**{**fields, **wrong})
    with pytest.raises(ProgrammingError), transaction.atomic():
        FrameNote.objects.filter(pk=inner.pk).update(text="Other words.")
    with pytest.raises(ProgrammingError), transaction.atomic():
        inner.delete()
