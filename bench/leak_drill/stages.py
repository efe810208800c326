"""How soon each stage of containment holds on the website, which is other processes than ours."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.chaos.stage import StageFailed
from bench.leak_drill.people import ARTISTS_AT, ask, network

if TYPE_CHECKING:
    from types import TracebackType

    from bench.chaos.stage import Stage as Scene
    from bench.leak_drill.people import Door
    from portal.containment import Target
    from portal.states import Stage

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.02
# Requests that must have been answered after a change before the next one.
_ENOUGH = 5


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One stage, shut and opened again.

    Attributes:
        shut: seconds from the call that contains to the first request refused.
        opened: seconds from the call that undoes it to the first request served.
        late: requests that left after either call had returned and were answered as before it.
        beside: whether who is not touched was served meanwhile; None where everybody is touched.
    """

    stage: Stage
    shut: float
    opened: float
    late: int
    beside: bool | None


@dataclass(frozen=True, kw_only=True)
class _Sample:
    left: float
    came: float
    served: bool


class _Prober:
    """Asks the same again and again, in a thread of its own."""

    def __init__(self, served: Callable[[], bool]) -> None:
        self._served = served
        self._ended = threading.Event()
        self._error: Exception | None = None
        self.samples: list[_Sample] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Prober:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def change(self, change: Callable[[], object], *, to: bool) -> tuple[float, int]:
        """Carry out *change*; seconds until the answers were *to*, and how many came late."""
        called = time.time()
        change()
        returned = time.time()
        self._await(lambda: len(self._answers(returned)) >= _ENOUGH)
        self._await(lambda: any(found.served is to for found in self._answers(called)))
        first = min(found.came for found in self._answers(called) if found.served is to)
        late = sum(found.served is not to for found in self._answers(returned))
        return first - called, late

    def await_served(self) -> None:
        self._await(lambda: any(found.served for found in list(self.samples)))

    def _answers(self, since: float) -> list[_Sample]:
        return [found for found in list(self.samples) if found.left >= since]

    def _await(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            if self._error is not None:
                raise StageFailed(f"The website could not be asked: {self._error}")
            if time.monotonic() > deadline:
                raise StageFailed("In a minute, a containment changed nothing.")
            time.sleep(0.005)

    def _run(self) -> None:
        try:
            while not self._ended.wait(_PAUSE_SECONDS):
                left = time.time()
                served = self._served()
                self.samples.append(_Sample(left=left, came=time.time(), served=served))
        except (OSError, http.client.HTTPException, ValueError, StageFailed) as error:
            self._error = error


def timings(scene: Scene, door: Door, *, model: str) -> list[Timing]:
    """Contain everything once, one stage after the other, each undone before the next."""
    from portal.containment import Target
    from portal.states import Stage
    from tests.factories.portal import make_key

    artist, other = scene.artists[1], scene.artists[2]
    key = make_key(artist, scene.cohort, name="Stages")
    theirs = make_key(other, scene.cohort, name="Stages").clear
    wish = {"prompt": "a red boat on the sea", "seconds": "1", "model": model}
    file = _shared_file(scene)

    def look(clear: str, number: int) -> Callable[[], bool]:
        return lambda: _answered(door, clear, number)

    def make(clear: str, number: int) -> Callable[[], bool]:
        return lambda: _answered(door, clear, number, wish)

    mine, beside = look(key.clear, 1), look(theirs, 2)
    cases: list[tuple[Target, Callable[[], bool], Callable[[], bool] | None]] = [
        (Target(stage=Stage.KEY, key_id=key.row.pk), mine, beside),
        (Target(stage=Stage.PERSON, person_id=artist.pk), mine, beside),
        (Target(stage=Stage.COHORT, cohort_id=scene.cohort.pk), mine, None),
        (Target(stage=Stage.MODEL, model_key=model), make(key.clear, 1), mine),
        (Target(stage=Stage.SHARING), lambda: _is_served(door, file), mine),
        (Target(stage=Stage.GENERATION), make(key.clear, 1), mine),
        (Target(stage=Stage.EVERYTHING), mine, None),
    ]
    return [_time(scene, target, served, others) for target, served, others in cases]


def _time(
    scene: Scene,
    target: Target,
    served: Callable[[], bool],
    others: Callable[[], bool] | None,
) -> Timing:
    from django.utils import timezone

    from portal.models import Containment
    from portal.services import containment

    def shut() -> None:
        containment.contain(
            actor=scene.admin,
            target=target,
            until=timezone.now() + timedelta(hours=1),
            reason="A drill",
            words_en="This is a drill.",
        )

    def undo() -> None:
        containment.lift(actor=scene.admin, containment=Containment.objects.live().get())

    with _Prober(served) as prober:
        prober.await_served()
        shut_after, late = prober.change(shut, to=False)
        beside = None if others is None else others()
        opened_after, late_again = prober.change(undo, to=True)
    return Timing(
        stage=target.stage,
        shut=shut_after,
        opened=opened_after,
        late=late + late_again,
        beside=beside,
    )


def _answered(door: Door, key: str, number: int, wish: dict[str, str] | None = None) -> bool:
    answer = ask(door, key, address=network(ARTISTS_AT, number), wish=wish)
    if answer.status < 400 or answer.code == "contained":
        return answer.status < 400
    raise StageFailed(f"Refused, but not contained: {answer.status} {answer.code}")


def _shared_file(scene: Scene) -> str:
    """The path of an approved clip, for anybody who has its link."""
    from django.urls import reverse

    from portal.states import Role
    from review.services import shares
    from tests.factories import review as make
    from tests.factories.portal import make_person

    artist = scene.artists[1]
    review = make.make_review(artist, scene.cohort)
    make.approve(review, make_person("Rosa Lindqvist", role=Role.REVIEWER))
    link = shares.create_link(actor=artist, clip=review.clip, title="Boat")
    return reverse("review:shared_media", args=[link.token, "master"])


def _is_served(door: Door, path: str) -> bool:
    line = http.client.HTTPConnection(door.host, door.port, timeout=_PATIENCE_SECONDS)
    try:
        line.request("GET", path)
        response = line.getresponse()
        response.read()
    finally:
        line.close()
    if response.status not in {200, 404}:
        raise StageFailed(f"A shared clip answers {response.status}.")
    return response.status == 200
