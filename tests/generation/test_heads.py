"""Who is read for a claim: the first in line are enough."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generation.heads import WaitingHead, first_heads, groups_of, waiting_heads
from generation.models import Clip, CohortShare, GpuAccount, RenderCost
from generation.scheduling import Choice, Group, choose
from generation.services import attempts
from generation.states import ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.factories.portal import make_cohort
from tests.generation.conftest import make_artist
from tests.generation.test_attempts import STORED, render

MODELS = ["starter", "wan"]
WARM = frozenset(MODELS)


def next_of(found: list[WaitingHead]) -> Choice | None:
    """Whose turn it is for a worker that holds every model."""
    groups: dict[int, Group] = {}
    for key, group in groups_of(found).items():
        assert group is not None
        groups[key] = group
    heads = [head.head for head in found]
    return choose(heads, groups, clock=Decimal(3), warm=WARM, delta=Decimal(60))


@pytest.fixture
def crowd(admin: User, cohort: Cohort) -> list[GpuAccount]:
    """Two cohorts of five artists, the virtual times from 0 to 4, the clocks at 2."""
    other = make_cohort("Other cohort", actor=admin)
    made = []
    for number in range(10):
        here = (cohort, other)[number % 2]
        artist = make_artist(here, f"artist-{number}@demo.example", f"Artist {number}")
        clip = make_clip(artist=artist, cohort=here, model_key=MODELS[number % 3 == 0])
        GpuAccount.objects.filter(pk=clip.account_id).update(vtime=Decimal(number // 2))
        made.append(clip.account)
    for here in (cohort, other):
        CohortShare.objects.update_or_create(cohort=here, defaults={"clock": Decimal(2)})
    return made


@pytest.mark.parametrize("seed", range(12))
def test_the_first_in_line_decide_as_everybody_would(crowd: list[GpuAccount], seed: int) -> None:
    rng = random.Random(seed)
    gone = rng.sample(crowd, rng.randrange(9))
    Clip.objects.filter(account__in=gone).update(state=ClipState.CANCELLED)
    for account in crowd:
        GpuAccount.objects.filter(pk=account.pk).update(vtime=Decimal(rng.randrange(5)))

    everybody, first = waiting_heads(MODELS), first_heads(MODELS)

    assert len(everybody) == len(crowd) - len(gone)
    assert set(first) <= set(everybody)
    assert len(first) <= 4
    assert next_of(first) == next_of(everybody)


def test_of_those_ahead_of_the_clock_only_the_least_is_read(crowd: list[GpuAccount]) -> None:
    Clip.objects.filter(account__vtime__lte=2).update(state=ClipState.CANCELLED)
    accounts = GpuAccount.objects.in_bulk([head.account_id for head in first_heads(MODELS)])
    assert [account.vtime for account in GpuAccount.objects.filter(pk__in=accounts)] == [
        Decimal(3),
        Decimal(3),
    ]


def test_of_those_that_tie_only_who_waits_longest_is_read(crowd: list[GpuAccount]) -> None:
    for vtime in (0, 7):
        GpuAccount.objects.update(vtime=Decimal(vtime))
        assert [head.account_id for head in first_heads(MODELS)] == [
            account.pk for account in crowd[:2]
        ]


def test_nobody_waits(db: None) -> None:
    assert waiting_heads(MODELS) == first_heads(MODELS) == []


def test_a_cohort_without_a_share_is_told_apart(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    CohortShare.objects.filter(cohort=cohort).delete()
    assert groups_of(first_heads(MODELS)) == {cohort.pk: None}


def test_what_the_device_took_counts_and_what_others_took_does_not(
    ada: User, cohort: Cohort
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    shape = {name: getattr(clip, name) for name in ("width", "height", "frames", "steps")}
    RenderCost.objects.create(model_key="starter", device="cpu", seconds=Decimal("1.500"), **shape)
    assert [head.learnt for head in first_heads(MODELS, device="cpu")] == [Decimal("1.500")]
    assert [head.learnt for head in first_heads(MODELS, device="other")] == [None]


def test_a_claim_and_a_finish_are_few_statements(ada: User, cohort: Cohort) -> None:
    for _ in range(2):
        make_clip(artist=ada, cohort=cohort)
    claim()

    with CaptureQueriesContext(connection) as claiming:
        lease = claim()
    render(lease)
    with CaptureQueriesContext(connection) as finishing:
        attempts.finish(token=lease.token, files=STORED, manifest={"device": "cpu"}, gpu_seconds=0)

    def told(queries: CaptureQueriesContext) -> list[str]:
        words = [query["sql"].split() for query in queries]
        return [" ".join(sql[:2]) for sql in words if "SAVEPOINT" not in sql]

    assert told(claiming) == ["SELECT clock,", "SELECT clip_id,", "WITH clip"]
    assert told(finishing) == ['SELECT attempt."id",', "WITH attempt"]


def claim() -> attempts.Lease:
    lease = attempts.claim_next(worker="gpu@one", models=MODELS, warm=MODELS, device="cpu")
    assert lease is not None
    return lease
