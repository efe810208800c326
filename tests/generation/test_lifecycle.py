"""Any order of what artists, workers and the reaper do keeps the books and the states right."""

from __future__ import annotations

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
    invariant,
    rule,
    run_state_machine_as_test,
)

from generation.errors import LeaseLost, OutOfMemory, RenderError, WeightsChanged
from generation.media.store import StoredFiles
from generation.models import Attempt, Clip, CohortShare, GpuAccount, Pool
from generation.services import attempts, create
from generation.services import clips as clip_services
from generation.services.attempts import Lease
from generation.states import RUNNING, AttemptState, ClipState
from portal.errors import IllegalTransition
from portal.models import Cohort, User
from tests.factories.generation import make_clip

FILES = StoredFiles(
    original="o", preview="p", poster="q", filmstrip="f", cover="c", sha256="a" * 64
)


class Lifecycle(RuleBasedStateMachine):
    artists: list[User]
    cohort: Cohort

    leases: Bundle[Lease] = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.finished: set[Any] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @rule(who=st.integers(0, 1))
    def ask(self, who: int) -> None:
        make_clip(artist=self.artists[who], cohort=self.cohort)

    @rule(target=leases, worker=st.sampled_from(["gpu@one", "gpu@two"]))
    def claim(self, worker: str) -> Any:
        waiting = Clip.objects.filter(state=ClipState.QUEUED).exists()
        lease = attempts.claim_next(worker=worker, models=["starter"])
        assert (lease is not None) is waiting
        return lease

    @rule(lease=leases, step=st.integers(0, 20))
    def render(self, lease: Lease | None, step: int) -> None:
        if lease is not None:
            self._as_worker(
                lease,
                lambda: attempts.report(token=lease.token, state=ClipState.RENDERING, step=step),
            )

    @rule(lease=leases)
    def encode(self, lease: Lease | None) -> None:
        if lease is not None:
            self._as_worker(
                lease,
                lambda: attempts.report(token=lease.token, state=ClipState.ENCODING, step=20),
            )

    @rule(lease=leases)
    def finish(self, lease: Lease | None) -> None:
        if lease is None:
            return

        def call() -> None:
            attempts.finish(token=lease.token, files=FILES, manifest={}, gpu_seconds=1.5)
            assert lease.clip.pk not in self.finished
            self.finished.add(lease.clip.pk)

        self._as_worker(lease, call)

    @rule(lease=consumes(leases), error=st.sampled_from([OutOfMemory, WeightsChanged]))
    def fail(self, lease: Lease | None, error: type[RenderError]) -> None:
        if lease is not None:
            self._as_worker(lease, lambda: attempts.fail(token=lease.token, error=error()))

    @rule(lease=leases)
    def hand_back(self, lease: Lease | None) -> None:
        if lease is not None:
            self._as_worker(lease, lambda: attempts.hand_back(token=lease.token))

    @rule(lease=leases)
    def die(self, lease: Lease | None) -> None:
        """The worker's lease runs out and the reaper comes; the lease stays to be tried again."""
        if lease is not None:
            past = timezone.now() - timedelta(minutes=1)
            Attempt.objects.filter(lease_token=lease.token).update(lease_until=past)
            attempts.reap_lost()

    @rule(pick=st.integers(0, 50), verb=st.sampled_from(["cancel", "delete", "run_again"]))
    def artist_acts(self, pick: int, verb: str) -> None:
        clips = list(Clip.objects.filter(deleted_at=None).order_by("created_at", "pk"))
        if not clips:
            return
        clip = clips[pick % len(clips)]
        call: Any = create.run_again if verb == "run_again" else getattr(clip_services, verb)
        try:
            with transaction.atomic():
                call(actor=clip.artist, clip=clip)
        except IllegalTransition:
            live = clip.is_live
            assert (verb == "cancel" and not live) or (
                verb == "run_again" and (live or clip.state == ClipState.READY)
            )

    def _as_worker(self, lease: Lease, call: Any) -> None:
        """Only the holder of the running attempt gets through."""
        attempt = Attempt.objects.get(lease_token=lease.token)
        holds = attempt.state == AttemptState.RUNNING
        try:
            with transaction.atomic():
                call()
        except LeaseLost:
            assert not holds
        except IllegalTransition:
            assert holds
        else:
            assert holds

    @invariant()
    def one_running_attempt_for_each_running_clip(self) -> None:
        running = set(Clip.objects.filter(state__in=RUNNING).values_list("pk", flat=True))
        held = list(
            Attempt.objects.filter(state=AttemptState.RUNNING).values_list("clip_id", flat=True)
        )
        assert set(held) == running
        assert len(held) == len(running)

    @invariant()
    def accounts_hold_what_their_attempts_were_charged(self) -> None:
        for account in GpuAccount.objects.all():
            charged = Attempt.objects.filter(clip__account=account).aggregate(
                seconds=Sum("charged_seconds")
            )["seconds"]
            assert account.charged_seconds == (charged or Decimal(0))

    @invariant()
    def the_queue_was_charged_what_the_accounts_were(self) -> None:
        """Beyond that, a place only ever moves forward: past time nobody may save up."""
        charged = Decimal(0)
        for account in GpuAccount.objects.all():
            assert account.vtime >= account.charged_seconds
            charged += account.charged_seconds
        for share in CohortShare.objects.all():
            assert share.vtime >= charged
            assert share.vtime - charged <= Pool.objects.get().clock

    @invariant()
    def every_ready_clip_was_finished_once(self) -> None:
        ready = set(Clip.objects.filter(state=ClipState.READY).values_list("pk", flat=True))
        assert ready == self.finished
        finished = Attempt.objects.filter(state=AttemptState.FINISHED)
        assert sorted(finished.values_list("clip_id", flat=True)) == sorted(ready)


@pytest.mark.usefixtures("tiny_catalogue")
def test_lifecycle(ada: User, lucien: User, cohort: Cohort) -> None:
    cohort.gpu_seconds_per_artist = 10**6
    cohort.save()
    Lifecycle.artists = [ada, lucien]
    Lifecycle.cohort = cohort
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
