"""Scripts file feedback in their owner's name, and read what the owner's work has earned."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from generation.models import Clip
from payments.models import Feedback, WorkItem
from payments.states import FeedbackState, RateKind
from portal.models import Cohort, User
from portal.services.key_rows import NewKey
from portal.states import Scope
from tests.factories.generation import make_clip, make_ready_clip
from tests.factories.payments import make_rate, make_work
from tests.factories.portal import join, make_cohort, make_key


def told(answer: Any) -> tuple[int, str, str | None]:
    error = json.loads(answer.content)["error"]
    return answer.status_code, error["code"], error["param"]


def report(api: Client, data: dict[str, Any], **headers: str) -> Any:
    return api.post("/v1/feedback", json.dumps(data), "application/json", headers=headers)


def test_a_report_is_filed_once_and_earns(api: Client, artist: User, cohort: Cohort) -> None:
    make_rate(cohort, RateKind.FEEDBACK, 25_00)
    clip = make_ready_clip(artist=artist, cohort=cohort, files=False, model_key="retired")
    said = {"video": f"video_{clip.pk.hex}", "opinion": "This tool is exploitative.", "minutes": 30}
    first = report(api, said, **{"Idempotency-Key": "monday"})
    again = report(api, said, **{"Idempotency-Key": "monday"})
    filed = Feedback.objects.get()
    assert (
        first.json()
        == again.json()
        == {
            "id": f"feedback_{filed.pk}",
            "object": "feedback",
            "created_at": int(filed.filed_at.timestamp()) if filed.filed_at else None,
            "model": "retired",
            "video": said["video"],
            "tried": "",
            "happened": "",
            "change": "",
            "opinion": said["opinion"],
            "minutes": 30,
        }
    )
    assert (filed.state, filed.author, filed.cohort) == (FeedbackState.FILED, artist, cohort)
    [line] = api.get("/v1/earnings/work").json()["data"]
    work = WorkItem.objects.get()
    assert line == {
        "id": f"work_{work.pk}",
        "object": "work",
        "created_at": int(work.accrued_at.timestamp()),
        "kind": "feedback",
        "about": filed.headline,
        "video": None,
        "amount": 25_00,
        "currency": "EUR",
        "state": "owed",
    }


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, (400, "feedback_empty", "tried")),
        ({"tried": "  "}, (400, "feedback_empty", "tried")),
        ({"tried": "x" * 8_001}, (400, "invalid_value", "tried")),
        ({"tried": "x", "minutes": 0}, (400, "invalid_value", "minutes")),
        ({"tried": "x", "model": "made-up"}, (400, "model_not_offered", "model")),
        ({"tried": "x", "video": "video_1"}, (400, "invalid_value", "video")),
    ],
)
def test_what_does_not_fit_is_named(
    api: Client, said: dict[str, Any], problem: tuple[int, str, str | None]
) -> None:
    assert told(report(api, said)) == problem
    assert not Feedback.objects.exists()


def test_an_unfinished_clip_and_a_key_in_the_text(
    api: Client, artist: User, cohort: Cohort, key: NewKey
) -> None:
    waiting = make_clip(artist=artist, cohort=cohort)
    refused = report(api, {"tried": "x", "video": f"video_{waiting.pk.hex}"})
    assert told(refused) == (400, "invalid_value", "video")
    refused = report(api, {"tried": f"I used {key.clear} for it"})
    assert told(refused)[1:] == ("key_in_text", "tried")
    refused = api.post("/v1/videos", {"prompt": f"a boat {key.clear}"})
    assert told(refused)[1:] == ("key_in_text", "prompt")
    assert Clip.objects.count() == 1


def test_sums_and_lines_are_those_of_the_keys_cohort(
    api: Client, artist: User, cohort: Cohort
) -> None:
    elsewhere = make_cohort("Elsewhere")
    join(artist, elsewhere)
    make_work(artist, elsewhere, 99_00)
    items = [make_work(artist, cohort, amount) for amount in (10_00, 20_00, 30_00)]
    assert api.get("/v1/earnings").json() == {
        "object": "earnings",
        "data": [{"currency": "EUR", "owed": 60_00, "in_payout": 0, "in_transit": 0, "paid": 0}],
    }
    page = api.get("/v1/earnings/work?limit=2").json()
    assert [line["amount"] for line in page["data"]] == [30_00, 20_00]
    assert (page["has_more"], page["last_id"]) == (True, f"work_{items[1].pk}")
    rest = api.get(f"/v1/earnings/work?after={page['last_id']}").json()
    assert ([line["amount"] for line in rest["data"]], rest["has_more"]) == ([10_00], False)
    other = WorkItem.objects.get(cohort=elsewhere)
    for wrong in ("work_0", "work_x", "9" * 40, f"work_{other.pk}"):
        assert told(api.get(f"/v1/earnings/work?after={wrong}"))[1:] == ("invalid_value", "after")


def test_each_needs_its_scope(artist: User, cohort: Cohort) -> None:
    scopes = [Scope.CLIPS_READ, Scope.CLIPS_WRITE]
    plain = Client(
        headers={"Authorization": f"Bearer {make_key(artist, cohort, scopes=scopes).clear}"}
    )
    for answer in (
        report(plain, {"tried": "x"}),
        plain.get("/v1/earnings"),
        plain.get("/v1/earnings/work"),
    ):
        assert told(answer)[:2] == (403, "missing_scope")
