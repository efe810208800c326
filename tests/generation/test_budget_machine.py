"""Any order of asking, rendering and giving up keeps the books of GPU time and the budgets."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from generation.budgets import budgets_of, this_week
from generation.errors import BudgetSpent, OutOfMemory, TooManyWaiting, WeightsChanged
from generation.media.store import StoredFiles
from generation.models import Attempt, Clip, GpuAccount, GpuWeek
from generation.services import attempts, create
from generation.services import clips as clip_services
from generation.services.attempts import Lease
from generation.states import LIVE, AttemptState, ClipState
from portal.models import Cohort, User

FILES = StoredFiles(
    original="o", preview="p", poster="q", filmstrip="f", cover="c", sha256="a" * 64
)
LIMITS = st.one_of(st.none(), st.integers(1, 24))


class Spending(RuleBasedStateMachine):
    artists: list[User]
    cohort: Cohort

    leases: Bundle[Lease] = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @initialize(
        artist_week=LIMITS, artist=LIMITS, cohort_week=LIMITS, cohort=LIMITS, waiting=LIMITS
    )
    def set_terms(
        self,
        artist_week: int | None,
        artist: int | None,
        cohort_week: int | None,
        cohort: int | None,
        waiting: int | None,
    ) -> None:
        Cohort.objects.filter(pk=self.cohort.pk).update(
            gpu_seconds_per_artist_week=artist_week,
            gpu_seconds_per_artist=artist,
            gpu_seconds_of_cohort_week=cohort_week,
            gpu_seconds_of_cohort=cohort,
            clips_waiting_per_artist=waiting,
        )
        self.cohort = Cohort.objects.get(pk=self.cohort.pk)

    @rule(who=st.integers(0, 1), takes=st.integers(1, 4), size=st.sampled_from(["32x32", "48x32"]))
    def ask(self, who: int, takes: int, size: str) -> None:
        artist = self.artists[who]
        price = takes * (2 if size == "32x32" else 3)

        def call() -> None:
            create.create_clips(
                actor=artist,
                cohort=self.cohort,
                prompt="a red boat",
                model_key="starter",
                size=size,
                frames=9,
                takes=takes,
                request_id=uuid.uuid4(),
            )

        self._submit(artist, takes, Decimal(price), call)

    @rule(pick=st.integers(0, 50))
    def run_again(self, pick: int) -> None:
        clips = list(
            Clip.objects.filter(state__in=[ClipState.FAILED, ClipState.CANCELLED]).order_by("pk")
        )
        if clips:
            clip = clips[pick % len(clips)]
            self._submit(
                clip.artist,
                1,
                clip.estimate,
                lambda: create.run_again(actor=clip.artist, clip=clip),
            )

    def _submit(self, artist: User, clips: int, seconds: Decimal, call: Any) -> None:
        """It passes exactly when no limit and no budget is in its way."""
        before = budgets_of(artist, self.cohort)
        most = self.cohort.clips_waiting_per_artist
        waiting = Clip.objects.filter(artist=artist, state=ClipState.QUEUED).count()
        has_place = most is None or waiting + clips <= most
        has_time = all(
            budget.limit is None or budget.used + budget.reserved + seconds <= budget.limit
            for budget in before.all
        )
        try:
            with transaction.atomic():
                call()
        except TooManyWaiting:
            assert not has_place
        except BudgetSpent:
            assert has_place
            assert not has_time
        else:
            assert has_place
            assert has_time
            for old, new in zip(before.all, budgets_of(artist, self.cohort).all, strict=True):
                assert new.taken == old.taken + seconds
                assert new.limit is None or new.taken <= new.limit

    @rule(target=leases)
    def claim(self) -> Any:
        lease = attempts.claim_next(worker="gpu@one", models=["starter"])
        if lease is not None:
            # Long ago, so that the worker's own measure counts, not the age of the lease.
            past = timezone.now() - timedelta(minutes=10)
            Attempt.objects.filter(lease_token=lease.token).update(started_at=past)
        return lease

    @rule(lease=consumes(leases), took=st.integers(0, 12_000))
    def finish(self, lease: Lease | None, took: int) -> None:
        if self._holds(lease):
            assert lease is not None
            for state in (ClipState.RENDERING, ClipState.ENCODING):
                attempts.report(token=lease.token, state=state, step=1)
            attempts.finish(token=lease.token, files=FILES, manifest={}, gpu_seconds=took / 1000)
            attempt = Attempt.objects.get(lease_token=lease.token)
            assert attempt.charged_seconds == Decimal(took) / 1000

    @rule(lease=consumes(leases), error=st.sampled_from([OutOfMemory, WeightsChanged]))
    def fail(self, lease: Lease | None, error: Any) -> None:
        if self._holds(lease):
            assert lease is not None
            attempts.fail(token=lease.token, error=error())

    @rule(lease=consumes(leases))
    def hand_back(self, lease: Lease | None) -> None:
        if self._holds(lease):
            assert lease is not None
            attempts.hand_back(token=lease.token)

    @rule(pick=st.integers(0, 50))
    def cancel(self, pick: int) -> None:
        clips = list(Clip.objects.filter(state__in=LIVE).order_by("pk"))
        if clips:
            clip = clips[pick % len(clips)]
            clip_services.cancel(actor=clip.artist, clip=clip)

    @rule()
    def a_week_passes(self) -> None:
        week = timedelta(days=7)
        for row in GpuWeek.objects.order_by("monday"):
            GpuWeek.objects.filter(pk=row.pk).update(monday=row.monday - week)
        for attempt in Attempt.objects.exclude(charged_week=None):
            assert attempt.charged_week is not None
            Attempt.objects.filter(pk=attempt.pk).update(charged_week=attempt.charged_week - week)

    def _holds(self, lease: Lease | None) -> bool:
        return (
            lease is not None
            and Attempt.objects.filter(lease_token=lease.token, state=AttemptState.RUNNING).exists()
        )

    @invariant()
    def the_books_are_the_sums_of_the_rows(self) -> None:
        charged: dict[Any, Decimal] = {}
        for attempt in Attempt.objects.select_related("clip"):
            for key in (
                attempt.clip.account_id,
                (attempt.clip.account_id, attempt.charged_week),
            ):
                charged[key] = charged.get(key, Decimal(0)) + attempt.charged_seconds
        for account in GpuAccount.objects.all():
            assert account.charged_seconds == charged.get(account.pk, Decimal(0))
        for week in GpuWeek.objects.all():
            expected = charged.pop((week.account_id, week.monday), Decimal(0))
            assert week.charged_seconds == expected
        left = [seconds for key, seconds in charged.items() if isinstance(key, tuple)]
        assert not any(left)

    @invariant()
    def the_budgets_say_what_the_rows_say(self) -> None:
        monday = this_week()
        waiting = Clip.objects.filter(state=ClipState.QUEUED)
        for artist in self.artists:
            budgets = budgets_of(artist, self.cohort)
            own = Attempt.objects.filter(clip__artist=artist)
            assert budgets.artist.used == _sum(own, "charged_seconds")
            assert budgets.artist_week.used == _sum(
                own.filter(charged_week=monday), "charged_seconds"
            )
            assert budgets.artist.reserved == _sum(waiting.filter(artist=artist), "estimate")
            if budgets.cohort.limit or budgets.cohort_week.limit:
                everyone = Attempt.objects.all()
                assert budgets.cohort.used == _sum(everyone, "charged_seconds")
                assert budgets.cohort_week.used == _sum(
                    everyone.filter(charged_week=monday), "charged_seconds"
                )
                assert budgets.cohort.reserved == _sum(waiting, "estimate")


def _sum(rows: Any, field: str) -> Decimal:
    total: Decimal = rows.aggregate(total=Sum(field, default=Decimal(0)))["total"]
    return total


@pytest.mark.usefixtures("tiny_catalogue")
def test_spending(ada: User, lucien: User, cohort: Cohort) -> None:
    Spending.artists = [ada, lucien]
    Spending.cohort = cohort
    run_state_machine_as_test(
        Spending,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
