"""What holds a waiting clip back, in words for its card. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue import catalogue
from generation.models import Pause
from generation.queries import obstacles_to, pauses_of
from generation.states import ClipState
from portal.containment import Subject, first_of, stops_making
from portal.prepared import prepared_rows
from portal.services import containment

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import Cohort


_PAUSES = """
    SELECT * FROM generation_pause WHERE resumed_at IS NULL ORDER BY paused_at DESC, id DESC
"""


class Hold(NamedTuple):
    """What holds a clip back, in words.

    ``is_pause`` is set for pauses and containments: when one ends, nobody knows.
    """

    text: str
    is_pause: bool


def holds(clips: Iterable[Clip]) -> dict[UUID, Hold]:
    """For each waiting clip that is held back: by what. One query while nothing is paused or
    contained, none when nothing waits.

    The clips' cohorts are at hand.
    """
    waiting = [clip for clip in clips if clip.state == ClipState.QUEUED]
    if not waiting:
        return {}
    obstacles = obstacles_to({clip.account_id for clip in waiting})
    pauses = prepared_rows(Pause, _PAUSES, {}) if obstacles.any_paused else []
    shut = containment.live() if obstacles.any_contained else []
    told = {}
    for clip in waiting:
        found = first_of(shut, stops_making, subject_of(clip)) if shut else None
        if found is not None:
            text = _("Stopped by the programme’s team: %(words)s") % {"words": found.words}
            told[clip.pk] = Hold(text, is_pause=True)
            continue
        pause = next((pause for pause in pauses if _concerns(pause, clip)), None)
        if pause is not None:
            text = _("Paused by the programme’s team: %(reason)s") % {"reason": pause.reason}
            told[clip.pk] = Hold(text, is_pause=True)
        elif clip.account_id in obstacles.full:
            most = clip.cohort.clips_running_per_artist or 1
            text = ngettext(
                "Waits until your other clip is done: %(most)d may run at once",
                "Waits until one of yours is done: %(most)d may run at once",
                most,
            ) % {"most": most}
            told[clip.pk] = Hold(text, is_pause=False)
    return told


def subject_of(clip: Clip) -> Subject:
    """*clip* as containments see it."""
    return Subject(
        person_id=clip.artist_id,
        cohort_id=clip.cohort_id,
        model_key=clip.model_key,
        key_id=clip.access_key_id,
    )


def shown_pauses(cohort: Cohort) -> list[dict[str, object]]:
    """Pauses an artist of *cohort* meets, each with the ``model`` it is of ("" when of all)."""
    titles = {key: made.title for key, made in catalogue().items()}
    return [
        {"pause": pause, "model": titles.get(pause.model_key, pause.model_key)}
        for pause in pauses_of(cohort, cohort.models_on_offer)
    ]


def _concerns(pause: Pause, clip: Clip) -> bool:
    if pause.cohort_id is not None:
        return pause.cohort_id == clip.cohort_id
    return pause.model_key in ("", clip.model_key)
