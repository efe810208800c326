"""Whatever waits: who is read for a claim decides as the policy does over everybody who waits.

The oracle is written here a second time, in Python and from the queue as it was made up.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from pytest_django import Settings

from generation.heads import waiting_heads
from generation.models import Clip, CohortShare, GpuAccount, Pause, Pool, RenderCost
from generation.scheduling import SKIPS, Choice, Group, Head, choose
from generation.services import turns
from generation.states import ClipState
from portal.models import AccessKey, Cohort, Containment, User
from portal.states import Stage
from tests.factories.portal import make_cohort, make_key
from tests.generation.conftest import make_artist

MODELS = ["starter", "wan", "ltx"]
DEVICE = "cpu"
# Artist and cohort of each account.
SEATS = [(0, 0), (0, 1), (1, 0), (1, 2), (2, 1), (3, 0), (4, 0), (5, 0), (6, 1), (7, 2)]
# Workers that look at the same queue, one after the other.
LOOKS = 8
SHAPE = {"width": 128, "height": 128, "frames": 17}


@dataclass(frozen=True, kw_only=True)
class Wish:
    model: str
    priority: int
    minute: int
    steps: int
    by_key: bool
    pk: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class Place:
    vtime: int
    weight: int
    skips: int
    active: bool
    running: int
    wishes: list[Wish]


@dataclass(frozen=True, kw_only=True)
class Share:
    vtime: int
    weight: int
    clock: int


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Who waits; ``paused`` and ``shut`` name cohorts and artists by their place.

    ``costs`` are of model and steps.
    """

    places: list[Place]
    shares: list[Share | None]
    limits: list[int | None]
    paused: set[tuple[str, int | None]]
    shut: set[tuple[Stage, int | str | None]]
    costs: dict[tuple[str, int], int]
    clock: int


@dataclass(frozen=True, kw_only=True)
class Look:
    """A worker that looks for a clip."""

    models: list[str]
    warm: list[str]
    device: str
    delta: int


@dataclass(kw_only=True)
class Stand:
    """The rows that stay from one queue to the next."""

    artists: list[User]
    cohorts: list[Cohort]
    accounts: list[GpuAccount]
    admin: User
    key: AccessKey
    now: datetime = field(default_factory=timezone.now)


def some_queue(rng: Random, *, most: int, held: int) -> Queue:
    """Up to *most* clips an account, and *held* things that hold clips back."""
    tags = [0, 1, 1, 2, 3, 4, 65]

    def wish() -> Wish:
        return Wish(
            model=rng.choice(MODELS),
            priority=rng.choice([0, 0, 1]),
            minute=rng.randrange(5),
            steps=rng.choice([10, 20]),
            by_key=rng.random() < 0.2,
            pk=uuid.UUID(int=rng.getrandbits(128)),
        )

    def share() -> Share:
        return Share(vtime=rng.choice(tags), weight=rng.randint(1, 2), clock=rng.randrange(4))

    def place() -> Place:
        return Place(
            vtime=rng.choice(tags),
            weight=rng.randint(1, 2),
            skips=rng.randint(0, SKIPS),
            active=not held or rng.random() < 0.9,
            running=rng.choice([0, 0, 1, 2]) if held else 0,
            wishes=[wish() for _ in range(rng.randint(0, most))],
        )

    pauses: list[tuple[str, int | None]] = [
        (rng.choice(MODELS), None),
        ("", rng.randrange(3)),
        ("", None),
    ]
    stages: list[tuple[Stage, int | str | None]] = [
        (Stage.MODEL, rng.choice(MODELS)),
        (Stage.COHORT, rng.randrange(3)),
        (Stage.PERSON, rng.randrange(8)),
        (Stage.KEY, None),
        (Stage.GENERATION, None),
    ]
    pausing = rng.randint(0, held)
    return Queue(
        places=[place() for _ in SEATS],
        shares=[rng.choice([share(), share(), None]) for _ in range(3)],
        limits=[rng.choice([None, 1, 2]) if held else None for _ in range(3)],
        paused=set(rng.choices(pauses, weights=[4, 4, 1], k=pausing)),
        shut=set(rng.choices(stages, weights=[4, 4, 4, 4, 1], k=held - pausing)),
        costs={
            (model, steps): rng.randrange(9)
            for model in MODELS
            for steps in (10, 20)
            if rng.random() < 0.3
        },
        clock=rng.randrange(4),
    )


def some_look(rng: Random) -> Look:
    return Look(
        models=rng.choice([MODELS, MODELS, rng.sample(MODELS, 2)]),
        warm=rng.sample(MODELS, rng.choice([0, 1, 1, 1, 2])),
        device=rng.choice([DEVICE, DEVICE, ""]),
        delta=rng.choice([0, 2, 60]),
    )


@pytest.fixture
def stand(admin: User, cohort: Cohort) -> Stand:
    cohorts = [cohort, *(make_cohort(f"Cohort {number}", actor=admin) for number in (1, 2))]
    artists = [
        make_artist(cohort, f"artist-{number}@demo.example", f"Artist {number}")
        for number in range(8)
    ]
    accounts = GpuAccount.objects.bulk_create(
        GpuAccount(artist=artists[artist], cohort=cohorts[place]) for artist, place in SEATS
    )
    Pool.objects.update_or_create(key=turns.POOL)
    made = Stand(
        artists=artists,
        cohorts=cohorts,
        accounts=accounts,
        admin=admin,
        key=make_key(artists[0], cohort).row,
    )
    # What is over holds nothing back.
    _shut(Stage.GENERATION, None, made, at=made.now - timedelta(hours=2))
    return made


def test_the_first_in_line_decide_as_everybody_would(stand: Stand, settings: Settings) -> None:
    seen: Counter[str] = Counter()

    @_few
    @given(seed=st.integers(0, 2**32), most=st.integers(1, 3), held=st.sampled_from([0, 0, 1, 2]))
    def agrees(seed: int, most: int, held: int) -> None:
        rng = Random(seed)
        queue = some_queue(rng, most=most, held=held)
        with transaction.atomic():
            _lay(queue, stand)
            for _ in range(LOOKS):
                look = some_look(rng)
                settings.GENERATION_MODEL_LOAD_SECONDS = look.delta
                seen.update(_compare(queue, look, stand))
            transaction.set_rollback(True)

    agrees()
    assert seen["nobody"] < seen["in turn"]
    assert seen["gave way"] > LOOKS


_few = hypothesis(max_examples=40, deadline=None, derandomize=True)


def _compare(queue: Queue, look: Look, stand: Stand) -> Iterator[str]:
    heads = _heads(queue, look, stand)
    everybody = waiting_heads(look.models, device=look.device)
    assert [head.clip_id for head in everybody] == [pk for pk, _head in heads]
    line = turns.Line(models=look.models, warm=look.warm, device=look.device)
    # A clip that somebody else holds at the moment is passed over.
    for _ in range(2):
        wanted = _choice(queue, look, stand, [head for _pk, head in heads])
        turn = line.first()
        assert (turn.choice if turn is not None else None) == wanted
        if turn is None or wanted is None:
            yield "nobody"
            return
        assert (turn.clip_id, wanted.head) in heads
        yield "in turn" if wanted.passed is None else "gave way"
        line.pass_over(turn)
        heads.remove((turn.clip_id, wanted.head))


def _lay(queue: Queue, stand: Stand) -> None:
    """Write *queue* into the database."""
    User.objects.filter(pk__in=[stand.artists[artist].pk for artist in _frozen(queue)]).update(
        is_active=False
    )
    for cohort, limit in zip(stand.cohorts, queue.limits, strict=True):
        if limit is not None:
            Cohort.objects.filter(pk=cohort.pk).update(clips_running_per_artist=limit)
    clips = []
    for account, place in zip(stand.accounts, queue.places, strict=True):
        account.vtime = Decimal(place.vtime)
        account.weight, account.skips = place.weight, place.skips
        clips += [_clip(account, wish, stand) for wish in place.wishes]
        clips += [_running(account) for _ in range(place.running)]
    GpuAccount.objects.bulk_update(stand.accounts, ["vtime", "weight", "skips"])
    Clip.objects.bulk_create(clips)
    CohortShare.objects.bulk_create(
        CohortShare(cohort=cohort, vtime=share.vtime, weight=share.weight, clock=share.clock)
        for cohort, share in zip(stand.cohorts, queue.shares, strict=True)
        if share is not None
    )
    Pool.objects.update(clock=Decimal(queue.clock))
    RenderCost.objects.bulk_create(
        RenderCost(model_key=model, steps=steps, device=DEVICE, seconds=seconds, **SHAPE)
        for (model, steps), seconds in queue.costs.items()
    )
    Pause.objects.bulk_create(
        Pause(
            cohort=None if place is None else stand.cohorts[place],
            model_key=model,
            reason="Maintenance",
            paused_by=stand.admin,
        )
        for model, place in queue.paused
    )
    for stage, target in queue.shut:
        _shut(stage, target, stand)


def _frozen(queue: Queue) -> set[int]:
    """Artists, by their place, who may not sign in."""
    rows = zip(SEATS, queue.places, strict=True)
    return {artist for (artist, _cohort), place in rows if not place.active}


def _clip(account: GpuAccount, wish: Wish, stand: Stand) -> Clip:
    return Clip(
        pk=wish.pk,
        artist_id=account.artist_id,
        cohort_id=account.cohort_id,
        account=account,
        prompt="a red boat",
        model_key=wish.model,
        fps=8,
        steps=wish.steps,
        guidance=Decimal(3),
        seed=7,
        estimate=Decimal(wish.steps) / 10,
        priority=wish.priority,
        queued_at=stand.now + timedelta(minutes=wish.minute),
        access_key=stand.key if wish.by_key else None,
        **SHAPE,
    )


def _running(account: GpuAccount) -> Clip:
    return Clip(
        artist_id=account.artist_id,
        cohort_id=account.cohort_id,
        account=account,
        prompt="a red boat",
        model_key="starter",
        fps=8,
        steps=10,
        guidance=Decimal(3),
        seed=7,
        estimate=Decimal(1),
        state=ClipState.RENDERING,
        **SHAPE,
    )


def _shut(
    stage: Stage, target: int | str | None, stand: Stand, *, at: datetime | None = None
) -> None:
    began = at or stand.now
    Containment.objects.create(
        stage=stage,
        key=stand.key if stage == Stage.KEY else None,
        person=stand.artists[int(str(target))] if stage == Stage.PERSON else None,
        cohort=stand.cohorts[int(str(target))] if stage == Stage.COHORT else None,
        model_key=str(target) if stage == Stage.MODEL else "",
        reason="A leak",
        words_en="Closed for a moment.",
        by=stand.admin,
        at=began,
        until=began + timedelta(hours=1),
    )


def _heads(queue: Queue, look: Look, stand: Stand) -> list[tuple[uuid.UUID, Head]]:
    """Whom the policy should hear of, the one that waits longest first."""
    found = []
    frozen = _frozen(queue)
    for (artist, cohort), account, place in zip(SEATS, stand.accounts, queue.places, strict=True):
        limit = queue.limits[cohort]
        if artist in frozen or (limit is not None and place.running >= limit):
            continue
        free = [
            wish
            for wish in place.wishes
            if wish.model in look.models
            and not queue.paused & {("", None), (wish.model, None), ("", cohort)}
            and not queue.shut
            & {
                (Stage.GENERATION, None),
                (Stage.MODEL, wish.model),
                (Stage.COHORT, cohort),
                (Stage.PERSON, artist),
                *([(Stage.KEY, None)] if wish.by_key else []),
            }
        ]
        if not free:
            continue
        first = min(free, key=lambda wish: (-wish.priority, wish.minute, wish.pk))
        learnt = queue.costs.get((first.model, first.steps)) if look.device else None
        estimate = Decimal(first.steps) / 10 if learnt is None else Decimal(learnt)
        head = Head(
            account=account.pk,
            group=account.cohort_id,
            model=first.model,
            estimate=max(estimate, Decimal("0.001")),
            vtime=Decimal(place.vtime),
            weight=place.weight,
            skips=place.skips,
        )
        found.append((first.minute, first.pk, head))
    found.sort(key=lambda one: one[:2])
    return [(pk, head) for _minute, pk, head in found]


def _choice(queue: Queue, look: Look, stand: Stand, heads: list[Head]) -> Choice | None:
    return choose(
        heads,
        {
            cohort.pk: Group(
                vtime=Decimal(share.vtime if share else 0),
                weight=share.weight if share else 1,
                clock=Decimal(share.clock if share else 0),
            )
            for cohort, share in zip(stand.cohorts, queue.shares, strict=True)
        },
        clock=Decimal(queue.clock),
        warm=frozenset(look.warm),
        delta=Decimal(look.delta),
    )
