"""The drill in small: a published key is frozen, and nobody else notices."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from bench.leak_drill.people import Artists, Door, Strangers
from generation.models import Clip
from generation.services.leases import claim_next, heartbeat
from generation.states import ClipState, Heartbeat
from portal.models import AccessKey, Cohort, LeakReport, User
from portal.states import KeyState
from tests.factories.generation import make_clip
from tests.factories.portal import join, make_key, make_person

WISH = {"prompt": "a red boat on the sea"}
STRANGERS = 30


def test_one_leak_costs_one_key(live_server: Any, artist: User, cohort: Cohort) -> None:
    people = [artist, *(make_person(f"Artist {number}") for number in range(3))]
    for person in people[1:]:
        join(person, cohort)
    published = make_key(artist, cohort, name="Published")
    rendering = make_clip(artist=artist, cohort=cohort, access_key=published.row)
    lease = claim_next(worker="w", models=[rendering.model_key])
    assert lease is not None

    where = urlsplit(live_server.url)
    door = Door(host=where.hostname or "", port=where.port or 0)
    keys = [make_key(person, cohort, name="Desk").clear for person in people]
    artists = Artists(door=door, keys=keys, wish=WISH, pause=0.2).start()
    strangers = Strangers(door=door, key=published.clear, count=STRANGERS, wish=WISH, at_a_time=5)
    strangers.rush()
    artists.end()

    # Five cross the line; of those on their way together some are served, some find it crossed.
    assert strangers.served <= 10
    assert strangers.refused == {"key_frozen": STRANGERS - strangers.served}
    assert artists.requests >= 4
    assert artists.refused == {}
    assert set(AccessKey.objects.filter(state=KeyState.FROZEN)) == {published.row}
    report = LeakReport.objects.get()
    assert (report.key, report.page) == (published.row, "free-clips.example")

    assert heartbeat(token=lease.token) == Heartbeat.CANCEL
    of_key = Clip.objects.filter(access_key=published.row)
    assert of_key.count() <= strangers.served + 1
    assert {(clip.state, clip.error_code) for clip in of_key} == {
        (ClipState.CANCELLED, "key_frozen")
    }
    assert (
        not Clip.objects.exclude(access_key=published.row).exclude(state=ClipState.QUEUED).exists()
    )


@pytest.mark.django_db
def test_a_frozen_key_is_told_why_and_where(artist: User, cohort: Cohort) -> None:
    key = make_key(artist, cohort)
    clip = make_clip(artist=artist, cohort=cohort, access_key=key.row)
    api = Client(headers={"Authorization": f"Bearer {key.clear}", "Origin": "https://x.example"})
    codes = []
    for number in range(7):
        answer = api.get("/v1/videos", REMOTE_ADDR=f"198.51.{number}.7")
        codes.append(answer.status_code)
    assert codes == [200] * 4 + [403] * 3 or codes == [200] * 5 + [403] * 2
    error = json.loads(answer.content)["error"]
    assert (error["type"], error["code"]) == ("permission_error", "key_frozen")
    assert f"/keys/{key.row.pk}/frozen/" in error["message"]
    other = make_key(artist, cohort, name="Desk")
    desk = Client(headers={"Authorization": f"Bearer {other.clear}"})
    told = desk.get(f"/v1/videos/{clip.pk}").json()
    assert (told["status"], told["error"]["code"]) == ("failed", "key_frozen")
