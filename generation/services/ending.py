"""What stops when a cohort closes, or when one of its members goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from generation.models import Clip
from generation.states import RUNNING, ClipState
from portal.registry import Touched

if TYPE_CHECKING:
    from portal.models import Cohort, User


def reach(cohort: Cohort, member: User | None) -> list[Touched]:
    """How many clips of *cohort*, or only of *member* there, would be stopped now."""
    clips = Clip.objects.filter(cohort=cohort)
    if member is not None:
        clips = clips.filter(artist=member)
    return [
        Touched(
            key="waiting",
            label=_("Waiting clips that are cancelled"),
            count=clips.filter(state=ClipState.QUEUED).count(),
        ),
        Touched(
            key="running",
            label=_("Running clips that stop within one step"),
            count=clips.filter(state__in=RUNNING).count(),
        ),
    ]
