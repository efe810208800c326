from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from generation.board import board_for, workers
from generation.budgets import this_week
from generation.models import Attempt, GpuAccount, GpuWeek, Pause, Worker
from generation.services import attempts, pauses
from generation.services import workers as worker_services
from generation.states import ClipState
from portal.errors import IllegalTransition
from portal.models import AuditEntry, Cohort, User
from portal.states import CohortState, Role
from tests.factories.generation import make_clip
from tests.factories.portal import make_cohort, make_person
from tests.generation.conftest import make_artist
from tests.generation.test_budgets import terms

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

LIVE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def local_admin(cohort: Cohort) -> User:
    """An admin of this cohort alone."""
    return make_person("Noor Haddad", role=Role.ADMIN, cohort=cohort)


@pytest.fixture
def other_cohort(admin: User) -> Cohort:
    return make_cohort("Autumn residency", actor=admin)


def worker(name: str = "gpu@one", **values: Any) -> Worker:
    made = worker_services.started(
        name=name, device="cuda:0 (NVIDIA H100)", memory_bytes=80 * 2**30, model_key="starter"
    )
    if values:
        Worker.objects.filter(pk=made.pk).update(**values)
    return Worker.objects.get(pk=made.pk)


class TestBoard:
    def test_who_waits_what_runs_and_what_it_took(
        self, admin: User, ada: User, lucien: User, cohort: Cohort
    ) -> None:
        terms(
            cohort,
            gpu_seconds_per_artist_week=100,
            gpu_seconds_of_cohort_week=500,
            clips_running_per_artist=1,
        )
        make_artist(cohort, "quiet@example.org", "Somebody Quiet")
        make_clip(artist=ada, cohort=cohort, estimate="8.000")
        attempts.claim_next(worker="gpu@one", models=["starter"])
        first = make_clip(artist=ada, cohort=cohort, estimate="4.000")
        make_clip(artist=ada, cohort=cohort, estimate="4.000")
        idle = GpuAccount.objects.create(artist=lucien, cohort=cohort, charged_seconds=Decimal(30))
        GpuWeek.objects.create(
            account=idle, monday=this_week() - timedelta(days=7), charged_seconds=Decimal(30)
        )

        board = board_for(admin)

        assert (board.waiting, board.running, board.week_seconds) == (2, 1, Decimal(8))
        [group] = board.cohorts
        assert [group.week.used, group.week.reserved, group.week.left] == [8, 8, 484]
        assert [group.whole.used, group.whole.limit] == [38, None]
        [row] = group.rows
        assert row.account.artist == ada
        assert (row.waiting, row.oldest) == (2, first.queued_at)
        assert [attempt.worker for attempt in row.running] == ["gpu@one"]
        assert [row.week.used, row.week.left, row.is_at_limit] == [8, 84, True]
        [model] = board.models
        assert (model.title, model.waiting, model.running) == ("Tiny", 2, 1)

    def test_an_admin_of_one_cohort_sees_that_one(
        self,
        local_admin: User,
        ada: User,
        cohort: Cohort,
        other_cohort: Cohort,
        signed_in: Callable[[User], Client],
    ) -> None:
        make_clip(artist=ada, cohort=cohort)
        make_clip(artist=ada, cohort=other_cohort)
        board = board_for(local_admin)
        assert [group.cohort for group in board.cohorts] == [cohort]
        assert board.waiting == 1
        page = signed_in(local_admin).get("/programme/queue/").text
        assert "Spring residency" in page
        assert "Autumn residency" not in page
        assert "Pause all rendering" not in page

    def test_a_closed_cohort_stays_while_something_waits(
        self, admin: User, ada: User, cohort: Cohort
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.CLOSED)
        assert [group.cohort for group in board_for(admin).cohorts] == [cohort]
        type(clip).objects.filter(pk=clip.pk).update(state=ClipState.CANCELLED)
        assert board_for(admin).cohorts == []

    def test_more_artists_ask_no_more(
        self,
        admin: User,
        cohort: Cohort,
        signed_in: Callable[[User], Client],
        django_assert_max_num_queries: Any,
    ) -> None:
        client = signed_in(admin)

        def join(number: int) -> None:
            artist = make_artist(cohort, f"a{number}@example.org", f"Artist {number}")
            make_clip(artist=artist, cohort=cohort)
            attempts.claim_next(worker=f"gpu@{number}", models=["starter"])
            worker(f"gpu@{number}")

        join(0)
        for url in ("/programme/queue/live/", "/programme/workers/live/"):
            client.get(url)
        counts = []
        for _turn in range(2):
            for url in ("/programme/queue/live/", "/programme/workers/live/"):
                with django_assert_max_num_queries(20) as asked:
                    assert client.get(url).status_code == 200
                counts.append(len(asked))
            for number in range(1, 4):
                if _turn == 0:
                    join(number)
        assert counts[:2] == counts[2:]


class TestPausePages:
    def post(self, client: Client, **sent: str) -> Any:
        return client.post("/programme/queue/pause/", sent)

    def test_pause_and_resume(
        self, admin: User, cohort: Cohort, signed_in: Callable[[User], Client]
    ) -> None:
        client = signed_in(admin)
        for sent in ({}, {"model": "starter"}, {"cohort": cohort.slug}):
            assert self.post(client, reason="A talk", **sent).status_code == 302
        page = client.get("/programme/queue/").text
        assert "All rendering is paused" in page
        assert page.count("Alba Ferrari, since") == 3
        for made in Pause.objects.all():
            assert client.post(f"/programme/queue/pauses/{made.pk}/resume/").status_code == 302
        assert not Pause.objects.live().exists()
        again = client.post(f"/programme/queue/pauses/{made.pk}/resume/", follow=True)
        assert "no longer possible" in again.text

    def test_without_a_reason_the_dialog_comes_back(
        self, admin: User, cohort: Cohort, signed_in: Callable[[User], Client]
    ) -> None:
        answer = self.post(signed_in(admin), cohort=cohort.slug, reason="")
        assert answer.status_code == 400
        assert "Say why: the artists read it while they wait." in answer.text
        assert answer.text.count("data-dialog-now") == 1
        too_long = self.post(signed_in(admin), cohort=cohort.slug, reason="x" * 301)
        assert too_long.status_code == 400
        assert "x" * 301 in too_long.text
        assert Pause.objects.count() == 0

    def test_what_is_paused_already(
        self, admin: User, second_admin: User, signed_in: Callable[[User], Client]
    ) -> None:
        pauses.pause(actor=second_admin, reason="Power cut")
        answer = self.post(signed_in(admin), reason="A talk")
        assert answer.status_code == 409
        assert "This is paused already." in answer.text

    def test_an_admin_of_one_cohort_pauses_that_one(
        self,
        admin: User,
        local_admin: User,
        cohort: Cohort,
        other_cohort: Cohort,
        signed_in: Callable[[User], Client],
    ) -> None:
        client = signed_in(local_admin)
        for sent in ({}, {"model": "starter"}, {"cohort": other_cohort.slug}):
            assert self.post(client, reason="Mine", **sent).status_code == 404
        assert self.post(client, reason="Mine", cohort=cohort.slug).status_code == 302
        mine = Pause.objects.get()
        everything = pauses.pause(actor=admin, reason="Power cut")
        assert client.post(f"/programme/queue/pauses/{everything.pk}/resume/").status_code == 404
        assert client.post(f"/programme/queue/pauses/{mine.pk}/resume/").status_code == 302

    def test_a_model_nobody_knows(self, admin: User, signed_in: Callable[[User], Client]) -> None:
        assert self.post(signed_in(admin), reason="Mine", model="nothing").status_code == 404


class TestWorkers:
    def test_what_each_is_at(self, ada: User, cohort: Cohort) -> None:
        worker("gpu@busy")
        worker("gpu@idle")
        worker("gpu@resting", is_resting=True)
        worker("gpu@stopped", stopped_at=timezone.now())
        worker("gpu@silent", seen_at=timezone.now() - timedelta(minutes=2))
        worker("gpu@long-gone", seen_at=timezone.now() - timedelta(days=8))
        for name in ("gpu@busy", "inline@web"):
            make_clip(artist=ada, cohort=cohort)
            attempts.claim_next(worker=name, models=["starter"])

        rows = {row.name: row for row in workers()}

        assert {name: row.state for name, row in rows.items()} == {
            "gpu@busy": "rendering",
            "gpu@idle": "idle",
            "gpu@resting": "resting",
            "gpu@silent": "lost",
            "gpu@stopped": "stopped",
            "inline@web": "rendering",
        }
        assert rows["gpu@busy"].model_title == "Tiny"
        assert rows["inline@web"].worker is None

    def test_what_it_renders_together(
        self,
        admin: User,
        ada: User,
        lucien: User,
        cohort: Cohort,
        signed_in: Callable[[User], Client],
    ) -> None:
        worker(together=3)
        page = signed_in(admin).get("/programme/workers/").text
        assert "renders 3 clips together" in page
        assert "in the same call" not in page
        for artist in (ada, lucien, ada):
            make_clip(artist=artist, cohort=cohort)
        leases = attempts.claim_batch(worker="gpu@one", models=["starter"], room=lambda key: 3)

        [row] = workers()

        assert row.attempt is not None
        assert (row.attempt.clip, row.beside) == (leases[0].clip, 2)
        page = signed_in(admin).get("/programme/workers/").text
        assert "and 2 clips in the same call" in page

    def test_a_renewed_lease_is_a_sign_of_life(self, ada: User, cohort: Cohort) -> None:
        long_ago = timezone.now() - timedelta(hours=1)
        worker(seen_at=long_ago)
        make_clip(artist=ada, cohort=cohort)
        lease = attempts.claim_next(worker="gpu@one", models=["starter"])
        assert lease is not None
        Attempt.objects.update(started_at=long_ago)
        attempts.heartbeat(token=lease.token)
        [row] = workers()
        assert row.state == "rendering"
        assert timezone.now() - row.seen_at < timedelta(minutes=1)

    def test_what_it_rendered_this_week(self, ada: User, cohort: Cohort) -> None:
        worker()
        for seconds, state in (("3.5", "finished"), ("4", "finished"), ("9", "failed")):
            clip = make_clip(artist=ada, cohort=cohort, state=ClipState.CANCELLED)
            Attempt.objects.create(
                clip=clip,
                number=1,
                worker="gpu@one",
                state=state,
                lease_until=timezone.now(),
                ended_at=timezone.now(),
                gpu_seconds=seconds,
                charged_seconds=seconds,
                charged_week=this_week(),
            )
        [row] = workers()
        assert (row.rendered_this_week, row.seconds_this_week) == (2, Decimal("7.5"))

    def test_a_restart_keeps_the_rest(self, admin: User) -> None:
        made = worker()
        worker_services.rest(actor=admin, worker=made)
        worker_services.stopped(name="gpu@one")
        again = worker()
        assert again.pk == made.pk
        assert (again.is_resting, again.stopped_at) == (True, None)
        assert not worker_services.seen(name="gpu@one", model_key="starter")
        worker_services.wake(actor=admin, worker=again)
        assert worker_services.seen(name="gpu@one", model_key="starter")
        with pytest.raises(IllegalTransition):
            worker_services.wake(actor=admin, worker=again)
        actions = AuditEntry.objects.filter(target_type="generation.worker").order_by("id")
        assert [(entry.action, entry.subject) for entry in actions] == [
            ("worker.rested", "gpu@one"),
            ("worker.woken", "gpu@one"),
        ]

    def test_one_that_never_started_may_take_clips(self, db: None) -> None:
        assert worker_services.seen(name="inline@web", model_key="")
        assert not Worker.objects.exists()

    def test_the_page(
        self, admin: User, local_admin: User, signed_in: Callable[[User], Client]
    ) -> None:
        client = signed_in(admin)
        assert "No worker has been seen" in client.get("/programme/workers/").text
        made = worker()
        page = client.get("/programme/workers/").text
        assert "80.0\xa0GB" in page
        assert "NVIDIA H100" in page
        assert "data-confirm=" in page
        assert client.post(f"/programme/workers/{made.pk}/rest/").status_code == 302
        assert "Take clips again" in client.get("/programme/workers/live/").text
        assert client.post(f"/programme/workers/{made.pk}/explode/").status_code == 404
        refused = client.post(f"/programme/workers/{made.pk}/rest/", headers=LIVE)
        assert refused.status_code == 409
        assert client.post(f"/programme/workers/{made.pk}/wake/").status_code == 302
        assert signed_in(local_admin).get("/programme/workers/").status_code == 404
