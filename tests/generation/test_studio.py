from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generation.models import Clip
from generation.progress import tell
from generation.states import ClipState
from portal.models import Brief, Cohort, User
from portal.states import CohortState
from tests.factories.generation import make_clip, make_ready_clip

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

LIVE = {"HX-Request": "true"}


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid.uuid4()),
        "cohort": "spring-residency",
        "prompt": "a red boat",
        "model_key": "starter",
        "size": "48x32",
        "frames": "9",
        "takes": "2",
        "seed": "",
        "brief": "",
        **changes,
    }


def test_an_empty_studio_says_how_to_begin(studio: Client) -> None:
    page = studio.get("/studio/")

    assert page.status_code == 200
    assert "Your first clip starts with a sentence" in page.text
    assert 'maxlength="60"' in page.text


def test_generate_makes_the_takes_and_shows_them(studio: Client, ada: User, brief: Brief) -> None:
    answer = studio.post("/studio/clips/new/", wish(brief=str(brief.pk), seed="5"))

    assert (answer.status_code, answer["Location"]) == (302, "/studio/")
    clips = list(Clip.objects.filter(artist=ada).order_by("take"))
    assert [(clip.seed, clip.width, clip.brief) for clip in clips] == [
        (5, 48, brief),
        (6, 48, brief),
    ]
    page = studio.get("/studio/").text
    assert page.count('data-live="1"') == 2
    assert "2 takes are on their way." in page
    assert all(f"/studio/clips/{clip.pk}/cancel/" in page for clip in clips)


def test_a_live_page_gets_the_new_cards(studio: Client) -> None:
    answer = studio.post("/studio/clips/new/", wish(takes="1"), headers=LIVE)

    clip = Clip.objects.get()
    assert answer.status_code == 200
    assert 'hx-swap-oob="afterbegin:#clips"' in answer.text
    assert f'data-clip="{clip.pk}" data-live="1" data-stamp="queued.hint"' in answer.text
    assert "a red boat</textarea>" in answer.text
    assert '"text": "1 take is on its way."' in answer["HX-Trigger"]


def test_generate_asks_the_database_little(
    studio: Client,
    ada: User,
    lucien: User,
    cohort: Cohort,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Cohort.objects.update(gpu_seconds_per_artist_week=1_000, clips_waiting_per_artist=40)
    make_clip(artist=lucien, cohort=cohort)
    studio.post("/studio/clips/new/", wish(takes="1"))

    for _ in range(2):
        # Six: two for the person and their roles, then one each for cohorts, the account's lock,
        # budgets, the clip with its audit entry. In a test a transaction is a savepoint, which
        # counts.
        with django_assert_num_queries(6 + 2):
            answer = studio.post("/studio/clips/new/", wish(takes="1"))
        assert answer.status_code == 302
    assert Clip.objects.filter(artist=ada).count() == 3


def test_posting_the_same_form_twice_makes_its_clips_once(studio: Client) -> None:
    data = wish()
    for _ in range(2):
        assert studio.post("/studio/clips/new/", data).status_code == 302

    assert Clip.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prompt": ""}, "Say what the clip shows."),
        ({"prompt": "   "}, "Say what the clip shows."),
        ({"prompt": "b" * 61}, "This prompt is 1 letter too long: Tiny reads at most 60."),
        ({"size": "640x480"}, "This model does not offer that size."),
        ({"frames": "17"}, "This model does not offer that length."),
        ({"frames": "many"}, "This model does not offer that length."),
        ({"takes": "5"}, "Ask for one to four takes."),
        ({"seed": "-1"}, "A seed is a whole number from 0 to 4294967295."),
        ({"seed": "blue"}, "A seed is a whole number from 0 to 4294967295."),
        ({"model_key": "other"}, "This model is not on offer in your cohort."),
    ],
)
def test_bad_input_is_said_and_keeps_what_was_typed(
    studio: Client, changes: dict[str, str], said: str
) -> None:
    answer = studio.post("/studio/clips/new/", wish(**{"seed": "77", **changes}))

    assert answer.status_code == 400
    assert said in answer.text
    assert changes.get("prompt", "a red boat").strip() in answer.text
    if "seed" not in changes:
        assert 'value="77"' in answer.text
    assert Clip.objects.count() == 0


def test_bad_input_on_a_live_page_changes_only_the_form(studio: Client) -> None:
    answer = studio.post("/studio/clips/new/", wish(prompt=""), headers=LIVE)

    assert answer.status_code == 422
    assert answer.text.strip().startswith("<form")
    assert "Say what the clip shows." in answer.text


def test_a_spent_budget_is_said_with_what_is_left(studio: Client, cohort: Cohort) -> None:
    cohort.gpu_seconds_per_artist = 4
    cohort.save()

    answer = studio.post("/studio/clips/new/", wish())

    assert answer.status_code == 409
    assert "needs about 6 s of GPU time. You have 4 s left in this cohort." in answer.text


def test_a_closed_cohort_keeps_the_clips_and_offers_no_form(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    make_ready_clip(artist=ada, cohort=cohort, title="Boat one")
    cohort.state = CohortState.CLOSED
    cohort.save()

    page = studio.get("/studio/").text
    assert "No cohort of yours is open" in page
    assert "Boat one" in page
    assert 'id="composer"' not in page
    assert studio.post("/studio/clips/new/", wish()).status_code == 302
    assert Clip.objects.count() == 1


def test_a_live_card_shows_its_step(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)
    tell([clip], step=7, seconds_left=40)

    page = studio.get("/studio/").text
    assert "about 40 seconds left" in page
    assert "Step 7 of 20" in page
    assert 'value="35"' in page


def test_the_watch_answers_for_clips_on_their_way_at_rest_and_gone(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    done = make_ready_clip(artist=ada, cohort=cohort)
    live = make_clip(artist=ada, cohort=cohort)
    gone = uuid.uuid4()

    answer = studio.get(f"/studio/live/?watch={done.pk},{live.pk},{gone}").text

    assert answer.count("data-clip=") == 2
    assert answer.count("data-live=") == 1
    assert f'data-clip="{live.pk}" data-live="1"' in answer
    assert f"/media/clips/{done.pk}/preview" in answer
    assert f'<div id="clip-{gone}" hx-swap-oob="delete"></div>' in answer


def test_the_watch_shows_nobody_elses_clips(studio: Client, lucien: User, cohort: Cohort) -> None:
    theirs = make_clip(artist=lucien, cohort=cohort)

    answer = studio.get(f"/studio/live/?watch={theirs.pk},nonsense")

    assert answer.status_code == 200
    assert "data-clip=" not in answer.text
    # As of a clip that never was.
    never = uuid.uuid4()
    assert answer.text.replace(str(theirs.pk), str(never)) == (
        studio.get(f"/studio/live/?watch={never}").text
    )


def test_filters_by_state_words_and_brief(
    studio: Client, ada: User, cohort: Cohort, brief: Brief
) -> None:
    make_ready_clip(artist=ada, cohort=cohort, title="Red boat", brief=brief)
    make_clip(artist=ada, cohort=cohort, title="Blue bird", state=ClipState.FAILED)

    def titles(query: str) -> list[bool]:
        page = studio.get(f"/studio/?{query}").text
        return ["Red boat</a>" in page, "Blue bird</a>" in page]

    assert titles("") == [True, True]
    assert titles("state=ready") == [True, False]
    assert titles("state=failed") == [False, True]
    assert titles(f"brief={brief.pk}") == [True, False]
    assert titles("q=BIRD") == [False, True]
    assert titles("state=nonsense&brief=x&after=y") == [True, True]
    assert "No clip fits" in studio.get("/studio/?q=zebra").text


def test_pages_follow_each_other_without_gap_or_repeat(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    for number in range(30):
        make_clip(artist=ada, cohort=cohort, state=ClipState.CANCELLED, title=f"No {number:02}.")

    first = studio.get("/studio/")
    second = studio.get("/studio/" + first.context["next_url"])

    seen = [card.title for page in (first, second) for card in page.context["cards"]]
    assert seen == [f"No {number:02}." for number in reversed(range(30))]
    assert second.context["next_url"] == ""


def test_a_page_costs_the_same_queries_for_one_card_and_for_ten(
    studio: Client,
    ada: User,
    cohort: Cohort,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def cost() -> int:
        # Also of the session, and of what was foreseen a moment ago.
        cache.clear()
        with django_assert_max_num_queries(40) as counted:
            studio.get("/studio/")
        return len(counted)

    make_ready_clip(artist=ada, cohort=cohort, files=False)
    make_clip(artist=ada, cohort=cohort)
    cost()
    few = cost()
    for _ in range(9):
        make_ready_clip(artist=ada, cohort=cohort, files=False)
        make_clip(artist=ada, cohort=cohort)

    assert cost() == few


def test_words_the_model_does_not_know_are_named(studio: Client) -> None:
    note = studio.get("/studio/words/", {"prompt": "a red zeppelin", "model_key": "starter"})

    assert "This model does not know “zeppelin”." in note.text
    assert studio.get("/studio/words/", {"prompt": "a red boat"}).text.strip() == ""
    assert studio.get("/studio/words/", {"prompt": "\x00 𝔘 <b>"}).status_code == 200


def test_settings_of_a_clip_fill_the_form(studio: Client, ada: User, cohort: Cohort) -> None:
    clip = make_ready_clip(
        artist=ada, cohort=cohort, prompt="a blue bird", width=48, height=32, seed=123, frames=5
    )

    page = studio.get(f"/studio/?from={clip.pk}").text

    assert "a blue bird</textarea>" in page
    assert 'value="123"' in page
    assert '<option value="48x32" selected>' in page
    assert '<option value="5" selected>' in page


def test_the_composer_keeps_what_was_typed_when_the_model_changes(studio: Client) -> None:
    answer = studio.get("/studio/composer/", {"prompt": "a sea", "takes": "3"}, headers=LIVE)

    assert answer.text.strip().startswith("<form")
    assert "a sea</textarea>" in answer.text


def test_the_studio_does_not_exist_for_who_is_no_artist(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("s@example.org", name="Stranger"))

    assert client.get("/studio/").status_code == 404
    assert client.post("/studio/clips/new/", wish()).status_code == 404


def test_french_artists_read_french_numbers_of_takes(lucien: User) -> None:
    client = Client()
    client.force_login(lucien)

    assert client.get("/studio/").status_code == 200
