"""The pictures clips start from: who may see them, and what the desk says."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from generation.models import StartPicture
from generation.services import clips
from generation.states import Lineage
from portal.models import Cohort, User
from review.services import submissions
from tests.factories import review as make
from tests.factories.generation import make_ready_clip, make_start_picture


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def ask(person: User | None, picture: StartPicture) -> int:
    client = browser(person) if person else Client()
    return client.get(reverse("review:start_picture", args=[picture.pk])).status_code


def test_it_is_seen_by_its_artist_and_once_submitted_by_the_cohorts_staff(
    ada: User, lucien: User, rosa: User, alba: User, spring: Cohort
) -> None:
    elsewhere = make.make_reviewer("Remy Chen", make.make_cohort())
    picture = make_start_picture(ada)
    clip = make_ready_clip(artist=ada, cohort=spring, start_picture=picture)
    people = (ada, rosa, alba, lucien, elsewhere, None)
    assert [ask(person, picture) for person in people] == [200, 404, 404, 404, 404, 404]

    review = submissions.submit(actor=ada, clip=clip)
    assert [ask(person, picture) for person in people] == [200, 200, 200, 404, 404, 404]

    submissions.withdraw(actor=ada, review=review)
    assert [ask(person, picture) for person in people] == [200, 404, 404, 404, 404, 404]
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert ask(ada, picture) != 200


def test_what_is_served_is_what_was_kept(ada: User) -> None:
    picture = make_start_picture(ada)
    here = reverse("review:start_picture", args=[picture.pk])
    client = browser(ada)

    answer = client.get(here)

    with default_storage.open(str(picture.file)) as file:
        assert answer.content == file.read()
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = client.get(here, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    path = Path(default_storage.path(str(picture.file)))
    path.write_bytes(path.read_bytes() + b" ")
    assert client.get(here).status_code == 404
    path.unlink()
    assert client.get(here).status_code == 404


def test_the_desk_shows_where_a_clip_starts(ada: User, rosa: User, spring: Cohort) -> None:
    picture = make_start_picture(ada)
    review = make.make_review(ada, spring, start_picture=picture)
    desk = reverse("review:desk", args=[review.pk])

    page = browser(rosa).get(desk).text
    assert reverse("review:start_picture", args=[picture.pk]) in page
    assert "Starts from a picture." in page

    StartPicture.objects.filter(pk=picture.pk).update(file="")
    page = browser(rosa).get(desk).text
    assert "The picture is no longer kept." in page


@pytest.mark.parametrize("submitted", [False, True])
def test_the_desk_says_which_clip_a_clip_extends(
    ada: User, rosa: User, spring: Cohort, submitted: bool
) -> None:
    parent = make_ready_clip(artist=ada, cohort=spring, prompt="a secret island")
    review = make.make_review(
        ada, spring, source=parent, lineage=Lineage.EXTEND, lead_frames=17, frames=9
    )
    first = submissions.submit(actor=ada, clip=parent) if submitted else None

    page = browser(rosa).get(reverse("review:desk", args=[review.pk])).text

    assert f"Extends {parent.short_id}: its first 17 frames are that clip." in page
    assert "25 frames at 8 a second" in page
    assert ("See its review</a> (Waiting)" in page) == submitted
    # What was not submitted is still the artist's alone.
    assert "a secret island" not in page
    assert f"/studio/clips/{parent.pk}/" not in page
    link = f'<a href="{reverse("review:desk", args=[first.pk])}">' if first else "See its review"
    assert (link in page) == submitted


def test_the_picture_of_a_deleted_clip_is_out_of_sight(
    ada: User, rosa: User, spring: Cohort
) -> None:
    picture = make_start_picture(ada)
    review = make.make_review(ada, spring, start_picture=picture)
    make_ready_clip(artist=ada, cohort=spring, start_picture=picture)
    make.decline(review, rosa)
    assert ask(rosa, picture) == 200

    clips.delete(actor=ada, clip=review.clip)

    assert [ask(ada, picture), ask(rosa, picture)] == [200, 404]
