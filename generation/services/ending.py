"""What stops when a cohort closes or one of its members goes, and waits while it is paused."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from generation.errors import AlreadyPaused
from generation.models import Clip, Pause
from generation.services import clips, pauses
from generation.states import RUNNING, ClipState
from portal.models import Cohort
from portal.registry import Touched
from portal.states import CohortState

if TYPE_CHECKING:
    from portal.models import User


def stop_closed() -> int:
    """Stop what waits and renders in closed cohorts; answers how many clips. Safe to repeat.

    After the transaction that closed one: a worker that reports a clip meanwhile holds its row and
    waits for the cohort's, so whoever closes must not wait for the clip.
    """
    closed = Cohort.objects.filter(
        Exists(Clip.objects.live().filter(cohort=OuterRef("pk"))), state=CohortState.CLOSED
    )
    return sum(clips.stop_of_cohort(cohort=cohort) for cohort in closed)


def hold(*, cohort: Cohort, actor: User, reason: str) -> None:
    """Keep what waits in a paused cohort waiting, unless its rendering is paused already."""
    with suppress(AlreadyPaused):
        pauses.pause(actor=actor, cohort=cohort, reason=reason or _("The cohort is paused."))


def let_go(*, cohort: Cohort, actor: User) -> None:
    """Let rendering go on in a cohort that is open again."""
    for pause in Pause.objects.live().filter(cohort=cohort):
        pauses.resume(actor=actor, pause=pause)


def reach(cohort: Cohort, member: User | None) -> list[Touched]:
    """How many clips of *cohort*, or only of *member* there, would be stopped now."""
    found = Clip.objects.filter(cohort=cohort)
    if member is not None:
        found = found.filter(artist=member)
    return [
        Touched(
            key="waiting",
            label=_("Waiting clips that are cancelled"),
            count=found.filter(state=ClipState.QUEUED).count(),
        ),
        Touched(
            key="running",
            label=_("Running clips that stop within one step"),
            count=found.filter(state__in=RUNNING).count(),
        ),
    ]
