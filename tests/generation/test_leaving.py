"""Clips stop with their artist's membership, none slips in behind it, and what is made stays."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from generation.models import Attempt, Clip
from generation.services import quarantine, sheets
from generation.services.create import create_clips, run_again
from generation.services.leases import claim_next, heartbeat
from generation.states import AttemptState, ClipState, Heartbeat
from portal.member_errors import MembershipEnded
from portal.models import Cohort, Membership, User
from portal.services import members
from tests.factories.generation import make_clip, make_ready_clip
from tests.factories.portal import browser_of, join, make_cohort, make_key


@pytest.fixture
def membership(artist: User, cohort: Cohort) -> Membership:
    return Membership.objects.get(user=artist, cohort=cohort)


def wish(artist: User, cohort: Cohort) -> dict[str, Any]:
    return {
        "actor": artist,
        "cohort": cohort,
        "prompt": "a boat",
        "model_key": "starter",
        "size": "128x128",
        "frames": 17,
        "request_id": uuid.uuid4(),
    }


def test_waiting_and_running_clips_stop_with_it(
    membership: Membership, artist: User, other_artist: User, cohort: Cohort, admin: User
) -> None:
    running = make_clip(artist=artist, cohort=cohort)
    lease = claim_next(worker="w", models=[running.model_key])
    assert lease is not None
    waiting = make_clip(artist=artist, cohort=cohort)
    elsewhere = make_cohort()
    join(artist, elsewhere)
    others = [
        make_clip(artist=artist, cohort=elsewhere),
        make_clip(artist=other_artist, cohort=cohort),
    ]
    finished = make_ready_clip(artist=artist, cohort=cohort, files=False)
    members.remove(actor=admin, membership=membership, reason="The rules")
    for clip in (running, waiting):
        clip.refresh_from_db()
        assert (clip.state, clip.error_code) == (ClipState.CANCELLED, "membership_ended")
        assert str(clip.error_text).startswith("Stopped because you are no longer a member")
    # What the worker asks after each step.
    assert heartbeat(token=lease.token) == Heartbeat.CANCEL
    assert Attempt.objects.get(clip=running).state == AttemptState.CANCELLED
    assert {Clip.objects.get(pk=clip.pk).state for clip in others} == {ClipState.QUEUED}
    finished.refresh_from_db()
    assert finished.state == ClipState.READY


def test_nothing_new_is_made(
    membership: Membership, artist: User, cohort: Cohort, admin: User
) -> None:
    failed = make_clip(artist=artist, cohort=cohort, state=ClipState.FAILED)
    killed = make_clip(artist=artist, cohort=cohort, state=ClipState.QUARANTINED)
    key = make_key(artist, cohort).row
    members.leave(actor=artist, membership=membership)
    with pytest.raises(MembershipEnded):
        create_clips(**wish(artist, cohort))
    with pytest.raises(MembershipEnded):
        create_clips(**wish(artist, cohort), access_key=key)
    with pytest.raises(MembershipEnded):
        run_again(actor=artist, clip=failed)
    with pytest.raises(MembershipEnded, match="Let it fail"):
        quarantine.release(actor=admin, clip=killed)
    with pytest.raises(MembershipEnded):
        sheets.bring(actor=artist, cohort=cohort, name="a.csv", content=b"prompt\na red boat\n")
    assert Clip.objects.filter(state=ClipState.QUEUED).count() == 0
    members.reinstate(actor=admin, membership=membership)
    assert run_again(actor=artist, clip=failed).state == ClipState.QUEUED


def test_a_sheet_waits_for_its_artist_to_come_back(
    membership: Membership, artist: User, cohort: Cohort, admin: User
) -> None:
    sheet = sheets.bring(actor=artist, cohort=cohort, name="a.csv", content=b"prompt\na red boat\n")
    members.leave(actor=artist, membership=membership)
    sheet = sheets.start(actor=artist, sheet=sheet)
    assert (sheet.state, sheet.held_by) == ("running", "membership_ended")
    assert Clip.objects.count() == 0
    members.reinstate(actor=admin, membership=membership)
    assert sheets.go_on() == 1


def test_a_key_reads_on_and_makes_nothing(
    membership: Membership, artist: User, cohort: Cohort
) -> None:
    clip = make_ready_clip(artist=artist, cohort=cohort, files=False)
    headers = {"Authorization": f"Bearer {make_key(artist, cohort).clear}"}
    members.leave(actor=artist, membership=membership)
    client = Client()
    answer = client.post("/v1/videos", {"prompt": "a boat"}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "membership_ended")
    answer = client.post(
        f"/v1/videos/video_{clip.pk.hex}/remix",
        {"prompt": "a boat"},
        "application/json",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "membership_ended")
    listed = client.get("/v1/videos", headers=headers)
    assert (listed.status_code, len(listed.json()["data"])) == (200, 1)


def test_the_studio_is_calm(
    membership: Membership, artist: User, cohort: Cohort, artist_client: Client
) -> None:
    clip = make_ready_clip(artist=artist, cohort=cohort, title="Night boat")
    members.leave(actor=artist, membership=membership)
    page = artist_client.get(reverse("generation:studio")).content.decode()
    assert "No new clips here, but everything you made" in page
    assert "You left Spring residency on" in page
    assert "Night boat" in page
    assert artist_client.get(reverse("generation:clip", args=[clip.pk])).status_code == 200
    for name in ("generation:sheets", "generation:script", "generation:presets"):
        assert artist_client.get(reverse(name)).status_code == 200
    answer = artist_client.post(
        reverse("generation:clip_new"), {"prompt": "a boat", "cohort": cohort.pk}
    )
    assert (answer.status_code, Clip.objects.count()) == (302, 1)


def test_no_button_makes_what_is_refused(
    membership: Membership, artist: User, cohort: Cohort, admin: User
) -> None:
    ready = make_ready_clip(artist=artist, cohort=cohort, files=False)
    failed = make_clip(
        artist=artist, cohort=cohort, state=ClipState.FAILED, error_code="render_failed"
    )

    def pages() -> str:
        browser = browser_of(artist)
        urls = [reverse("generation:clip", args=[clip.pk]) for clip in (ready, failed)]
        return "".join(
            browser.get(url).content.decode() for url in (*urls, reverse("generation:studio"))
        )

    makes = [
        reverse(f"generation:{name}", args=[clip.pk])
        for name, clip in (
            ("clip_vary", ready),
            ("clip_rerun", ready),
            ("clip_run_again", failed),
        )
    ]
    makes += [f"remix={ready.pk}", f"from={failed.pk}"]
    said = "What is here stays yours."
    before = pages()
    assert [made in before for made in makes] == [True] * 5
    assert said not in before
    members.remove(actor=admin, membership=membership, reason="The rules")
    after = pages()
    assert [made in after for made in makes] == [False] * 5
    assert after.count(said) == 2


def test_another_cohort_goes_on(membership: Membership, artist: User, cohort: Cohort) -> None:
    elsewhere = make_cohort("Second")
    join(artist, elsewhere)
    members.leave(actor=artist, membership=membership)
    assert len(create_clips(**wish(artist, elsewhere))) == 1


@pytest.mark.django_db(transaction=True)
def test_no_clip_slips_in_behind_an_end(
    membership: Membership, artist: User, cohort: Cohort
) -> None:
    """Who asks while it ends waits, and is refused; who was there first is stopped."""
    make_clip(artist=artist, cohort=cohort, state=ClipState.FAILED)
    outcome: list[object] = []

    def ask() -> None:
        try:
            outcome.append(create_clips(**wish(artist, cohort)))
        except MembershipEnded as error:
            outcome.append(type(error))
        finally:
            connection.close()

    asking = threading.Thread(target=ask)
    with transaction.atomic():
        members.leave(actor=artist, membership=membership)
        asking.start()
        wait_until_somebody_waits()
        assert outcome == []
    asking.join(timeout=30)
    assert outcome == [MembershipEnded]

    members_again = Membership.objects.get(pk=membership.pk)
    Membership.objects.filter(pk=membership.pk).update(
        ended_how="", ended_at=None, ended_by=None, ended_reason=""
    )

    def leave() -> None:
        try:
            outcome.append(members.leave(actor=artist, membership=members_again))
        finally:
            connection.close()

    leaving = threading.Thread(target=leave)
    with transaction.atomic():
        [clip] = create_clips(**wish(artist, cohort))
        leaving.start()
        wait_until_somebody_waits()
    leaving.join(timeout=30)
    clip.refresh_from_db()
    assert (clip.state, clip.error_code) == (ClipState.CANCELLED, "membership_ended")


def wait_until_somebody_waits() -> None:
    """Until another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        for _try in range(2000):
            cursor.execute(
                "SELECT FROM pg_locks "
                "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.rowcount:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits")
