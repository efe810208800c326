"""What a containment touches: pure functions, without database or clock.

Who asks gives a :class:`Subject`, with as much as it knows of who wants what; stages that name
something the subject does not have do not touch it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.states import CLOSES_KEYS, CLOSES_LINKS, OF_ALL, STOPS_MAKING, Stage

if TYPE_CHECKING:
    from portal.models import Containment


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a stage names: exactly one thing, or nothing where it is of all.

    ``key_id``, ``person_id`` and ``cohort_id`` are primary keys, ``model_key`` the catalogue's.
    """

    stage: Stage
    key_id: int | None = None
    person_id: int | None = None
    cohort_id: int | None = None
    model_key: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it names exactly what its stage needs."""
        named = {
            Stage.KEY: self.key_id is not None,
            Stage.PERSON: self.person_id is not None,
            Stage.COHORT: self.cohort_id is not None,
            Stage.MODEL: bool(self.model_key),
        }
        wanted = set() if self.stage in OF_ALL else {self.stage}
        return {stage for stage, has in named.items() if has} == wanted


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Who wants something, for which cohort, with which model and key."""

    person_id: int | None = None
    cohort_id: int | None = None
    model_key: str = ""
    key_id: int | None = None


def touches(target: Target, subject: Subject) -> bool:
    """Whether *subject* is within *target*, whatever its stage takes away."""
    match target.stage:
        case Stage.KEY:
            return target.key_id == subject.key_id
        case Stage.PERSON:
            return target.person_id == subject.person_id
        case Stage.COHORT:
            return target.cohort_id == subject.cohort_id
        case Stage.MODEL:
            return target.model_key == subject.model_key
        case Stage.SHARING | Stage.GENERATION | Stage.EVERYTHING:
            return True


Effect = Callable[[Target, Subject], bool]


def stops_making(target: Target, subject: Subject) -> bool:
    """Whether *subject* may not have a clip made, and one that waits or renders is held."""
    return target.stage in STOPS_MAKING and touches(target, subject)


def closes_key(target: Target, subject: Subject) -> bool:
    """Whether the subject's access key lets nobody in."""
    return target.stage in CLOSES_KEYS and touches(target, subject)


def closes_links(target: Target, subject: Subject) -> bool:
    """Whether share links of the subject's clips are closed."""
    return target.stage in CLOSES_LINKS and touches(target, subject)


def concerns(
    target: Target,
    *,
    person_id: int,
    cohorts: Collection[int],
    models: Collection[str],
    keys: Collection[int],
) -> bool:
    """Whether an artist of *cohorts*, with *models* on offer and those *keys*, should be told."""
    match target.stage:
        case Stage.KEY:
            return target.key_id in keys
        case Stage.PERSON:
            return target.person_id == person_id
        case Stage.COHORT:
            return target.cohort_id in cohorts
        case Stage.MODEL:
            return target.model_key in models
        case Stage.SHARING | Stage.GENERATION | Stage.EVERYTHING:
            return bool(cohorts)


def first_of(live: Collection[Containment], effect: Effect, subject: Subject) -> Containment | None:
    """The oldest of *live* that has *effect* on *subject*."""
    return next((found for found in live if effect(found.target, subject)), None)
