"""What waits and renders when a cohort closes stops; while it is paused it waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from generation.models import Attempt, Clip, Pause
from generation.services import ending, pauses, quarantine
from generation.services.create import create_clips
from generation.services.leases import claim_next, heartbeat
from generation.states import AttemptState, ClipState, Heartbeat
from portal.errors import CohortNotOpen
from portal.models import Cohort, User
from portal.services import cohorts
from portal.states import CohortState
from tests.factories.generation import make_clip, make_ready_clip
from tests.factories.portal import join, make_cohort, make_key
from tests.generation.test_leaving import wait_until_somebody_waits, wish

Commits = Callable[..., Any]


def close(cohort: Cohort, admin: User) -> None:
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED, reason="Over.")


def test_waiting_and_running_clips_stop(
    cohort: Cohort, admin: User, artist: User, django_capture_on_commit_callbacks: Commits
) -> None:
    running = make_clip(artist=artist, cohort=cohort)
    lease = claim_next(worker="w", models=[running.model_key])
    assert lease is not None
    waiting = make_clip(artist=artist, cohort=cohort)
    elsewhere = make_cohort("Elsewhere")
    join(artist, elsewhere)
    other = make_clip(artist=artist, cohort=elsewhere)
    with django_capture_on_commit_callbacks(execute=True):
        close(cohort, admin)
    for clip in (running, waiting):
        clip.refresh_from_db()
        assert (clip.state, clip.error_code) == (ClipState.CANCELLED, "cohort_closed")
        assert str(clip.error_text).startswith("Stopped because its cohort was closed.")
    assert heartbeat(token=lease.token) == Heartbeat.CANCEL
    assert Attempt.objects.get(clip=running).state == AttemptState.CANCELLED
    other.refresh_from_db()
    assert other.state == ClipState.QUEUED
    assert ending.stop_closed() == 0


def test_beat_stops_what_the_request_could_not(cohort: Cohort, admin: User, artist: User) -> None:
    clip = make_clip(artist=artist, cohort=cohort)
    close(cohort, admin)
    clip.refresh_from_db()
    assert clip.state == ClipState.QUEUED
    assert ending.stop_closed() == 1


def test_nothing_new_is_made_and_the_rest_stays_open(
    cohort: Cohort, admin: User, artist: User, artist_client: Client
) -> None:
    clip = make_ready_clip(artist=artist, cohort=cohort, title="Night boat")
    killed = make_clip(artist=artist, cohort=cohort, state=ClipState.QUARANTINED)
    headers = {"Authorization": f"Bearer {make_key(artist, cohort).clear}"}
    close(cohort, admin)
    with pytest.raises(CohortNotOpen):
        create_clips(**wish(artist, cohort))
    with pytest.raises(CohortNotOpen, match="Let it fail"):
        quarantine.release(actor=admin, clip=killed)
    client = Client()
    answer = client.post("/v1/videos", {"prompt": "a boat"}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cohort_not_open")
    assert client.get("/v1/videos", headers=headers).status_code == 200
    page = artist_client.get(reverse("generation:studio")).content.decode()
    assert ("No cohort of yours is open" in page, "Night boat" in page) == (True, True)
    assert artist_client.get(reverse("generation:clip", args=[clip.pk])).status_code == 200


def test_the_page_says_how_many_stop(
    cohort: Cohort, admin_client: Client, artist: User, other_artist: User
) -> None:
    for maker in (artist, other_artist):
        make_clip(artist=maker, cohort=cohort)
    make_clip(artist=artist, cohort=cohort, state=ClipState.RENDERING)
    page = admin_client.get(reverse("cohort_close", args=[cohort.slug])).content.decode()
    assert "Waiting clips that are cancelled: <strong>2</strong>" in page
    assert "Running clips that stop within one step: <strong>1</strong>" in page


def test_a_pause_keeps_what_waits_waiting(cohort: Cohort, admin: User, artist: User) -> None:
    clip = make_clip(artist=artist, cohort=cohort)
    cohorts.change_state(
        actor=admin, cohort=cohort, state=CohortState.PAUSED, reason="We move house."
    )
    assert claim_next(worker="w", models=[clip.model_key]) is None
    clip.refresh_from_db()
    assert clip.state == ClipState.QUEUED
    assert Pause.objects.live().get().reason == "We move house."
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.OPEN)
    assert not Pause.objects.live().exists()
    lease = claim_next(worker="w", models=[clip.model_key])
    assert lease is not None
    assert lease.clip.pk == clip.pk


def test_a_pause_beside_a_pause_of_rendering(cohort: Cohort, admin: User) -> None:
    pauses.pause(actor=admin, cohort=cohort, reason="Too hot")
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
    assert Pause.objects.live().get().reason == "Too hot"
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)


@pytest.mark.django_db(transaction=True)
def test_no_clip_slips_in_behind_the_end(cohort: Cohort, admin: User, artist: User) -> None:
    """Who was there first is waited for and stopped; who asks while it closes is refused."""
    outcome: list[object] = []
    # The account exists, as of anybody who has made a clip.
    make_clip(artist=artist, cohort=cohort, state=ClipState.FAILED)

    def on_a_thread(call: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                outcome.append(call())
            except CohortNotOpen as error:
                outcome.append(type(error))
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    with transaction.atomic():
        [clip] = create_clips(**wish(artist, cohort))
        closing = on_a_thread(lambda: close(cohort, admin))
        wait_until_somebody_waits()
    closing.join(timeout=30)
    clip.refresh_from_db()
    assert (clip.state, clip.error_code) == (ClipState.CANCELLED, "cohort_closed")

    other = make_cohort("Second")
    join(artist, other)
    make_clip(artist=artist, cohort=other, state=ClipState.FAILED)
    with transaction.atomic():
        close(other, admin)
        asking = on_a_thread(lambda: create_clips(**wish(artist, other)))
        wait_until_somebody_waits()
    asking.join(timeout=30)
    assert outcome == [None, CohortNotOpen]
    assert Clip.objects.live().count() == 0
