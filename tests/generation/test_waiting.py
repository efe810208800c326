from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from generation.progress import tell
from generation.scheduling import Outlook, Reason
from generation.services import attempts, pauses, workers
from generation.states import ClipState
from generation.waiting import left_in_words, on_their_way, time_in_words, wait_in_words
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip
from tests.generation.test_budgets import terms

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

Q, N, M = Reason.QUEUE, Reason.NEXT, Reason.OTHER_MODEL


def outlook(
    before: int,
    own: int,
    artists: int,
    seconds: int | None,
    *reasons: Reason,
    at_least: bool = False,
) -> Outlook:
    return Outlook(
        before=before,
        own=own,
        artists=artists,
        seconds=None if seconds is None else Decimal(seconds),
        at_least=at_least,
        reasons=reasons,
    )


WAITS = [
    (
        outlook(3, 0, 2, 240, Q, M),
        "3 clips of 2 other artists before yours; about 4 minutes; the GPUs hold another model",
        "3 clips de 2 autres artistes avant le vôtre\u202f; environ 4 minutes\u202f; "
        "les GPU ont un autre modèle en mémoire",
    ),
    (
        outlook(1, 0, 1, 20, Q),
        "1 clip of one other artist before yours; less than a minute",
        "1 clip de quelqu’un d’autre avant le vôtre\u202f; moins d’une minute",
    ),
    (
        outlook(5, 2, 1, 3600, Q),
        "5 clips before it: 2 of your own, the others of one other artist; about 60 minutes",
        None,
    ),
    (outlook(2, 2, 0, 120, Q), "2 clips of yours are before it; about 2 minutes", None),
    (outlook(0, 0, 0, 0, N), "Next, as soon as a GPU is free", None),
    (
        outlook(0, 0, 0, 70, N, M),
        "Next, as soon as a GPU is free; about 1 minute; the GPUs hold another model",
        None,
    ),
    (
        outlook(200, 30, 7, 9000, Q, at_least=True),
        "More than 200 clips before it: 30 of your own, the others of 7 other artists; "
        "more than 2 hours",
        None,
    ),
    (
        outlook(200, 200, 0, 30, Q, at_least=True),
        "More than 200 clips of yours before this one",
        None,
    ),
    (
        outlook(0, 0, 0, None, Reason.NO_WORKER),
        "No GPU is at work right now; this clip is next",
        None,
    ),
    (
        outlook(4, 0, 3, None, Reason.NO_WORKER),
        "No GPU is at work right now; 4 clips of 3 other artists before yours",
        None,
    ),
    (
        outlook(0, 0, 0, None, Reason.NO_MODEL),
        "No GPU at work has this model; the clip keeps its place",
        None,
    ),
]


@pytest.mark.parametrize(("waits", "english", "french"), WAITS)
def test_why_a_clip_waits_and_how_long(waits: Outlook, english: str, french: str | None) -> None:
    with translation.override("en"):
        assert wait_in_words(waits) == english
    with translation.override("fr"):
        if french is not None:
            assert wait_in_words(waits) == french


@pytest.mark.parametrize(
    ("seconds", "about", "more"),
    [
        (0, "less than a minute", ""),
        (44, "less than a minute", ""),
        (45, "about 1 minute", ""),
        (100, "about 2 minutes", "more than 1 minute"),
        (1170, "about 20 minutes", "more than 19 minutes"),
        (27 * 60, "about 25 minutes", "more than 25 minutes"),
        (5399, "about 90 minutes", "more than 85 minutes"),
        (5400, "about 2 hours", "more than 1 hour"),
        (47 * 3600, "about 47 hours", "more than 47 hours"),
        (60 * 3600, "about 2 days", "more than 2 days"),
    ],
)
def test_a_wait_is_rounded_as_it_is_known(seconds: int, about: str, more: str) -> None:
    with translation.override("en"):
        assert time_in_words(Decimal(seconds)) == about
        assert time_in_words(Decimal(seconds), at_least=True) == more


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a few seconds left"),
        (12, "about 15 seconds left"),
        (59, "about 55 seconds left"),
        (60, "about 1 minute left"),
        (200, "about 3 minutes left"),
    ],
)
def test_the_time_left_of_a_render(seconds: int, said: str) -> None:
    with translation.override("en"):
        assert left_in_words(seconds) == said


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def test_a_page_asks_how_its_clips_are(
    studio: Client, ada: User, lucien: User, cohort: Cohort
) -> None:
    workers.started(name="gpu@one", device="H100", memory_bytes=None, model_key="other")
    mine = make_clip(artist=ada, cohort=cohort)
    lease = attempts.claim_next(worker="gpu@one", models=["starter"])
    assert lease is not None
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    mine.refresh_from_db()
    tell([mine], step=5, seconds_left=61.5)
    theirs = make_clip(artist=lucien, cohort=cohort)
    waits = make_clip(artist=ada, cohort=cohort)
    ready = make_ready_clip(artist=ada, cohort=cohort, files=False)
    watch = ",".join(str(clip.pk) for clip in (mine, waits, theirs, ready))

    answer = studio.get("/studio/progress/", {"watch": watch})

    assert answer["Content-Type"] == "application/json"
    told = {clip["id"]: clip for clip in answer.json()["clips"]}
    assert told.keys() == {str(mine.pk), str(waits.pk)}
    assert told[str(mine.pk)] == {
        "id": str(mine.pk),
        "state": "rendering",
        "stamp": "rendering.percent.hint",
        "label": "Step 5 of 20",
        "hint": "about 1 minute left",
        "percent": 25,
        "progress": {"step": 5, "steps": 20, "seconds_left": 62},
        "queue": None,
    }
    queue = told[str(waits.pk)]["queue"]
    # What renders loads its model first: a minute, and eight seconds of its own; theirs follows.
    assert 8 <= queue.pop("seconds") <= 76
    assert queue == {
        "before": 1,
        "own": 0,
        "artists": 1,
        "at_least": False,
        "reasons": ["queue"],
    }
    assert told[str(waits.pk)]["stamp"] == "queued.hint"
    page = studio.get("/studio/").text
    assert 'data-stamp="rendering.percent.hint"' in page
    assert "Step 5 of 20" in page
    assert "1 clip of one other artist before yours" in page
    own = studio.get(f"/studio/clips/{mine.pk}/").text
    assert "about 1 minute left" in own
    assert f'data-clip="{mine.pk}" data-live="1"' in own


def test_nobody_asks_for_anothers_clips_or_without_signing_in(
    studio: Client, lucien: User, cohort: Cohort
) -> None:
    theirs = make_clip(artist=lucien, cohort=cohort)
    asked = {"watch": f"{theirs.pk},nonsense"}

    assert studio.get("/studio/progress/", asked).json() == {"clips": []}
    assert Client().get("/studio/progress/", asked).status_code == 302


def test_what_holds_a_clip_back_is_said_first(
    admin: User, ada: User, lucien: User, cohort: Cohort
) -> None:
    terms(cohort, clips_running_per_artist=1)
    workers.started(name="gpu@one", device="H100", memory_bytes=None, model_key="starter")
    make_clip(artist=ada, cohort=cohort)
    attempts.claim_next(worker="gpu@one", models=["starter"], warm=["starter"])
    hers, his = (make_clip(artist=artist, cohort=cohort) for artist in (ada, lucien))

    with translation.override("en"):
        told = on_their_way([hers, his])
        assert told[hers.pk].hint == (
            "Waits until your other clip is done: 1 may run at once; less than a minute"
        )
        assert told[hers.pk].stamp == "queued.hint.held"
        pauses.pause(actor=admin, cohort=cohort, reason="A talk")
        assert on_their_way([his])[his.pk].hint == "Paused by the programme’s team: A talk"
