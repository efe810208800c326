from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format

from generation.budgets import budgets_of, this_week, week_of
from generation.errors import BudgetSpent, TooManyWaiting
from generation.models import Attempt, Clip, GpuAccount, GpuWeek
from generation.queries import obstacles_to
from generation.services import accounts, attempts, create
from generation.services import clips as clip_services
from generation.states import ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.test_services_create import ask

pytestmark = pytest.mark.usefixtures("tiny_catalogue")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A page that an earlier test asked for in French leaves its language behind."""
    with translation.override("en"):
        yield


def terms(cohort: Cohort, **values: Any) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(**{"gpu_seconds_per_artist": None, **values})
    cohort.refresh_from_db()


def refused(artist: User, cohort: Cohort, **wish: Any) -> str:
    with pytest.raises(BudgetSpent) as caught, transaction.atomic():
        ask(artist, cohort, **wish)
    assert caught.value.status == 409
    return str(caught.value.message)


def next_monday() -> str:
    return date_format(this_week() + timedelta(days=7), "l j F")


class TestWeeks:
    @pytest.mark.parametrize(
        ("moment", "monday"),
        [
            # Paris is an hour ahead of UTC in winter and two in summer.
            (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), date(2026, 11, 16)),
            (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), date(2026, 11, 23)),
            (datetime(2026, 7, 5, 21, 59, tzinfo=UTC), date(2026, 6, 29)),
            (datetime(2026, 7, 5, 22, 0, tzinfo=UTC), date(2026, 7, 6)),
            (datetime(2026, 12, 31, 12, 0, tzinfo=UTC), date(2026, 12, 28)),
        ],
    )
    def test_a_week_begins_on_monday_where_the_site_is(
        self, moment: datetime, monday: date
    ) -> None:
        assert week_of(moment) == monday
        with timezone.override("Pacific/Auckland"):
            assert week_of(moment) == monday

    def test_a_render_counts_in_the_week_in_which_it_began(self, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort, estimate="6.000")
        lease = attempts.claim_next(worker="gpu@one", models=["starter"])
        assert lease is not None
        attempt = Attempt.objects.get()
        assert (attempt.charged_week, attempt.charged_seconds) == (this_week(), Decimal(6))
        Attempt.objects.update(started_at=timezone.now() - timedelta(days=9))

        clip_services.cancel(actor=ada, clip=clip)

        week = GpuWeek.objects.get()
        assert (week.monday, week.charged_seconds) == (this_week(), Decimal(6))
        assert GpuAccount.objects.get().charged_seconds == Decimal(6)

    def test_last_weeks_time_is_not_this_weeks(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist_week=10, gpu_seconds_per_artist=100)
        account = GpuAccount.objects.create(artist=ada, cohort=cohort, charged_seconds=Decimal(13))
        for weeks, seconds in ((0, 3), (1, 10)):
            GpuWeek.objects.create(
                account=account,
                monday=this_week() - timedelta(weeks=weeks),
                charged_seconds=Decimal(seconds),
            )
        make_clip(artist=ada, cohort=cohort, estimate="2.500")

        budgets = budgets_of(ada, cohort)

        assert (budgets.artist_week.used, budgets.artist_week.left) == (Decimal(3), Decimal("4.5"))
        assert (budgets.artist.used, budgets.artist.left) == (Decimal(13), Decimal("84.5"))
        assert (budgets.artist_week.percent_used, budgets.artist.percent_used) == (55, 15)

    def test_the_database_keeps_the_weeks_books(self, ada: User, cohort: Cohort) -> None:
        account = GpuAccount.objects.create(artist=ada, cohort=cohort)
        monday = date(2026, 11, 23)
        for values, name in (
            ({"monday": date(2026, 11, 24)}, "gpu_week_begins_on_monday"),
            ({"monday": monday, "charged_seconds": Decimal(-1)}, "gpu_week_not_negative"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                GpuWeek.objects.create(account=account, **values)
        GpuWeek.objects.create(account=account, monday=monday)
        with pytest.raises(IntegrityError, match="gpu_week_once"), transaction.atomic():
            GpuWeek.objects.create(account=account, monday=monday)
        make_clip(artist=ada, cohort=cohort)
        attempts.claim_next(worker="gpu@one", models=["starter"])
        with pytest.raises(IntegrityError, match="attempt_charged_in_a_week"):
            Attempt.objects.update(charged_week=None)


class TestRefusals:
    """One take of the tiny model is expected to take two seconds."""

    def test_waiting_clips_count(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist=7)
        ask(ada, cohort, takes=2)
        assert budgets_of(ada, cohort).artist.left == Decimal(3)

        assert refused(ada, cohort, takes=2) == (
            "This needs about 4 s of GPU time. You have 3 s left in this cohort. "
            "Ask for fewer takes, or write to the programme's team."
        )
        assert len(ask(ada, cohort)) == 1

    def test_a_week_says_when_it_renews(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist_week=1000)
        make_clip(artist=ada, cohort=cohort, estimate="997.500")

        assert refused(ada, cohort, takes=2) == (
            "This needs about 4 s of GPU time. You have 2 s of GPU time left this week; "
            f"on {next_monday()} you get 16 min again."
        )
        with translation.override("fr"):
            assert refused(ada, cohort, takes=2).replace("\xa0", " ").replace("\u202f", " ") == (
                "Il faut environ 4 s de temps GPU. Il vous reste 2 s de temps GPU cette semaine ; "
                f"le {next_monday()}, vous aurez de nouveau 16 min."
            )

    def test_a_wish_longer_than_a_week_is_told_so(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist_week=3)

        assert refused(ada, cohort, takes=2) == (
            "This needs about 4 s of GPU time. "
            "You have 3 s a week. Ask for fewer takes or a shorter clip."
        )

    def test_the_last_week_does_not_renew(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist_week=5, ends_on=timezone.localdate())
        ask(ada, cohort, takes=2)

        assert refused(ada, cohort) == (
            "This needs about 2 s of GPU time. You have 1 s left this week, the cohort's last."
        )

    def test_a_budget_without_a_monday_is_told_first(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist_week=4, gpu_seconds_per_artist=5)
        ask(ada, cohort, takes=2)

        assert "You have 1 s left in this cohort." in refused(ada, cohort)

    def test_the_cohorts_budget_is_everybodys(
        self, ada: User, lucien: User, cohort: Cohort
    ) -> None:
        terms(cohort, gpu_seconds_of_cohort_week=7)
        ask(ada, cohort, takes=2)
        assert len(ask(lucien, cohort)) == 1

        assert refused(lucien, cohort) == (
            "This needs about 2 s of GPU time. Your whole cohort has 1 s of GPU time left "
            f"this week; on {next_monday()} it gets 7 s again."
        )
        terms(cohort, gpu_seconds_of_cohort=7)
        assert "Your whole cohort has 1 s left." in refused(lucien, cohort)
        terms(cohort, gpu_seconds_of_cohort=6)
        assert "Your whole cohort has 0 s left." in refused(ada, cohort)

    def test_one_artists_budget_is_not_anothers(
        self, ada: User, lucien: User, cohort: Cohort
    ) -> None:
        terms(cohort, gpu_seconds_per_artist=4)
        ask(ada, cohort, takes=2)

        assert len(ask(lucien, cohort, takes=2)) == 2

    def test_running_again_needs_room_too(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist=9)
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.FAILED)
        ask(ada, cohort)

        with pytest.raises(BudgetSpent):
            create.run_again(actor=ada, clip=clip)

    def test_without_a_budget_nothing_is_refused(self, ada: User, cohort: Cohort) -> None:
        terms(cohort)
        make_clip(artist=ada, cohort=cohort, estimate="999999.000")

        assert len(ask(ada, cohort, takes=4)) == 4
        assert budgets_of(ada, cohort).artist.left is None


class TestLimits:
    def test_a_full_queue_is_told_with_its_numbers(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, clips_waiting_per_artist=3)
        ask(ada, cohort, takes=2)

        with pytest.raises(TooManyWaiting) as caught:
            ask(ada, cohort, takes=2)

        assert (caught.value.status, caught.value.permanent) == (409, False)
        assert str(caught.value.message) == (
            "You have 2 clips waiting, and at most 3 may wait. "
            "Wait until one begins, or cancel one."
        )
        assert len(ask(ada, cohort)) == 1

    def test_what_runs_no_longer_waits(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, clips_waiting_per_artist=1)
        make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)

        assert len(ask(ada, cohort)) == 1

    def test_an_empty_limit_is_none(self, ada: User, cohort: Cohort) -> None:
        terms(cohort, clips_waiting_per_artist=None)
        for _turn in range(12):
            ask(ada, cohort, takes=4)
        assert Clip.objects.count() == 48

    def test_accounts_that_may_begin_nothing_more(
        self, ada: User, lucien: User, cohort: Cohort
    ) -> None:
        terms(cohort, clips_running_per_artist=2)
        for state in (ClipState.LOADING, ClipState.ENCODING, ClipState.QUEUED):
            make_clip(artist=ada, cohort=cohort, state=state)
        make_clip(artist=lucien, cohort=cohort, state=ClipState.RENDERING)
        make_clip(artist=lucien, cohort=cohort, state=ClipState.FAILED)
        ids = {
            artist: GpuAccount.objects.get(artist=artist, cohort=cohort).pk
            for artist in (ada, lucien)
        }
        both = set(ids.values())
        assert obstacles_to(both).full == {ids[ada]}
        assert obstacles_to({ids[lucien]}).full == set()
        terms(cohort, clips_running_per_artist=1)
        assert obstacles_to(both).full == both
        terms(cohort, clips_running_per_artist=None)
        assert obstacles_to(both).full == set()


class TestPages:
    @pytest.fixture
    def studio(self, ada: User) -> Client:
        client = Client()
        client.force_login(ada)
        return client

    def test_the_studio_says_what_is_used_and_left(
        self, studio: Client, ada: User, lucien: User, cohort: Cohort
    ) -> None:
        terms(cohort, gpu_seconds_per_artist_week=600, gpu_seconds_of_cohort=1200)
        clip = make_clip(artist=ada, cohort=cohort, estimate="20.000")
        page = studio.get("/studio/").text
        assert "20 s used, 580 s left" in page
        assert "GPU time in all</span><span>0 s used" in page
        assert "Everybody’s" not in page
        make_clip(artist=lucien, cohort=cohort, estimate="900.000")
        live = studio.get("/studio/live/", {"watch": str(clip.pk)}).text
        assert 'id="budget-spring-residency" hx-swap-oob="true"' in live
        assert "Everybody’s GPU time in all" in live
        assert "16 min used, 280 s left" in live

    def test_a_refused_wish_stays_in_the_form(self, studio: Client, cohort: Cohort) -> None:
        terms(cohort, gpu_seconds_per_artist_week=3)
        sent = {
            "request_id": str(uuid.uuid4()),
            "cohort": cohort.slug,
            "prompt": "a red boat",
            "model_key": "starter",
            "size": "48x32",
            "frames": "9",
            "takes": "2",
            "seed": "77",
        }
        for headers, status in (({}, 409), ({"HX-Request": "true"}, 422)):
            answer = studio.post("/studio/clips/new/", sent, headers=headers)
            assert answer.status_code == status
            assert "You have 3 s a week." in answer.text
            assert "a red boat" in answer.text
            assert 'value="77"' in answer.text


def test_a_settled_charge_never_leaves_the_books_apart(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort, estimate="6.000")
    attempts.claim_next(worker="gpu@one", models=["starter"])
    for seconds in ("6.000", "7.250", "0.000", "0.500"):
        attempt = Attempt.objects.select_related("clip").get()
        accounts.settle(attempt, Decimal(seconds))
        assert attempt.charged_seconds == Decimal(seconds)
        assert GpuAccount.objects.get().charged_seconds == Decimal(seconds)
        assert GpuWeek.objects.get().charged_seconds == Decimal(seconds)
