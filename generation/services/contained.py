"""What containments of the ground floor do to clips on GPUs."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from generation.errors import LeaseLost
from generation.models import Attempt, Clip, Pool
from generation.queries import clips_within
from generation.services.attempts import hand_back
from generation.services.turns import POOL
from generation.states import RUNNING, AttemptState, ClipState
from portal.containment import Target
from portal.registry import Touched
from portal.services import containment
from portal.states import STOPS_MAKING

REASON = "contained"


def stop_running() -> int:
    """Take back from their workers the clips that are contained; answers how many.

    They wait again, in their places, free of charge and without losing a try; each worker finds
    its lease lost after the step it is at. Safe to repeat. Each clip in a transaction of its own:
    a worker that reports another one meanwhile cannot come to wait for us and we for it.
    """
    targets = [found.target for found in containment.live() if found.stage in STOPS_MAKING]
    if not targets:
        return 0
    with transaction.atomic():
        # A claim that began before the containment has ended when this is ours.
        list(Pool.objects.select_for_update().filter(key=POOL))
        tokens = {token for target in targets for token in _tokens_within(target)}
    return sum(_stop(token) for token in tokens)


def reach(target: Target) -> list[Touched]:
    """How many clips a containment of *target* would hold and stop now."""
    if target.stage not in STOPS_MAKING:
        return []
    clips = clips_within(target)
    return [
        Touched(
            key="waiting",
            label=_("Waiting clips that are held"),
            count=clips.filter(state=ClipState.QUEUED).count(),
        ),
        Touched(
            key="running",
            label=_("Running clips that stop and wait again"),
            count=clips.filter(state__in=RUNNING).count(),
            names=[clip.label for clip in _first_running(target)],
        ),
    ]


def _first_running(target: Target) -> list[Clip]:
    return list(clips_within(target).filter(state__in=RUNNING).order_by("started_at")[:20])


def _tokens_within(target: Target) -> list[UUID]:
    return list(
        Attempt.objects.filter(
            state=AttemptState.RUNNING, clip__in=clips_within(target)
        ).values_list("lease_token", flat=True)
    )


def _stop(token: UUID) -> bool:
    try:
        hand_back(token=token, reason=REASON)
    except LeaseLost:
        # It has ended meanwhile, one way or another.
        return False
    return True
