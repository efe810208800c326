"""Of a clip on its way: how far it is, why it waits and how long, in words and as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.forecast import Place, places_of
from generation.holds import Hold, holds
from generation.progress import Progress, progress_of
from generation.scheduling import Outlook, Reason
from generation.states import ClipState

if TYPE_CHECKING:
    from generation.models import Clip

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


@dataclass(frozen=True, kw_only=True)
class OnItsWay:
    """What is known of a clip that waits or renders.

    ``hint`` says it to its artist; ``hold`` is what holds it back whosever turn it is.
    """

    clip: Clip
    progress: Progress | None
    place: Place | None
    hold: Hold | None
    hint: str

    @property
    def step(self) -> int:
        """The denoising steps done; 0 where that is not known."""
        rendering = self.clip.state == ClipState.RENDERING
        return self.progress.step if rendering and self.progress is not None else 0

    @property
    def percent(self) -> int | None:
        """How much of the render is done, or None."""
        if self.clip.state == ClipState.RENDERING:
            return self.progress.percent if self.progress is not None else None
        return 100 if self.clip.state == ClipState.ENCODING else None

    @property
    def label(self) -> str:
        """What is happening: the step, or the state where no step is known."""
        if self.step:
            told = {"step": self.step, "steps": self.clip.steps}
            return _("Step %(step)s of %(steps)s") % told
        return str(ClipState(self.clip.state).label)

    @property
    def is_behind_own(self) -> bool:
        """Whether another clip of the same artist waits before it."""
        return self.place is not None and not self.place.is_first

    @property
    def stamp(self) -> str:
        """What only the server draws: a page whose card bears another stamp asks for it anew."""
        parts = {
            "percent": self.percent is not None,
            "hint": bool(self.hint),
            "held": self.hold is not None,
            "behind": self.is_behind_own,
        }
        return ".".join([self.clip.state, *(name for name, has in parts.items() if has)])

    def data(self) -> dict[str, Any]:
        """The same for a machine; seconds are rounded up."""
        progress = self.progress
        outlook = self.place.outlook if self.place is not None else None
        return {
            "id": str(self.clip.pk),
            "state": self.clip.state,
            "stamp": self.stamp,
            "label": self.label,
            "hint": self.hint,
            "percent": self.percent,
            "progress": None
            if progress is None
            else {
                "step": progress.step,
                "steps": progress.steps,
                "seconds_left": progress.seconds_left,
            },
            "queue": None
            if outlook is None
            else {
                "before": outlook.before,
                "own": outlook.own,
                "artists": outlook.artists,
                "seconds": None if outlook.seconds is None else math.ceil(outlook.seconds),
                "at_least": outlook.at_least,
                "reasons": [reason.value for reason in outlook.reasons],
            },
        }


def on_their_way(clips: Iterable[Clip], *, patient: bool = False) -> dict[UUID, OnItsWay]:
    """Of those of *clips* that are live; the same few queries for one and for a hundred.

    Their cohorts are at hand. For *patient* see ``forecast.places_of``.
    """
    live = [clip for clip in clips if clip.is_live]
    progress = progress_of(live)
    places = places_of(live, patient=patient)
    held = holds(live)
    return {
        clip.pk: OnItsWay(
            clip=clip,
            progress=progress.get(clip.pk),
            place=places.get(clip.pk),
            hold=held.get(clip.pk),
            hint=_hint(progress.get(clip.pk), places.get(clip.pk), held.get(clip.pk)),
        )
        for clip in live
    }


def _hint(progress: Progress | None, place: Place | None, hold: Hold | None) -> str:
    if progress is not None and progress.seconds_left is not None:
        return left_in_words(progress.seconds_left)
    if hold is not None:
        until = _until(place.outlook) if place is not None and not hold.is_pause else ""
        return _joined(hold.text, until) if until else hold.text
    # A pause that has just ended is foreseen for a moment still; then nothing is known.
    if place is None or Reason.PAUSED in place.outlook.reasons:
        return ""
    return wait_in_words(place.outlook)


def left_in_words(seconds: int) -> str:
    """Until a clip is ready."""
    if seconds < 5:
        return _("a few seconds left")
    if seconds < _MINUTE:
        fives = min(math.ceil(seconds / 5) * 5, 55)
        return _("about %(seconds)d seconds left") % {"seconds": fives}
    minutes = round(seconds / _MINUTE)
    return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {
        "count": minutes
    }


def wait_in_words(outlook: Outlook) -> str:
    """Why a clip waits that nothing but the queue holds back, and about how long."""
    if Reason.NO_MODEL in outlook.reasons:
        return _("No GPU at work has this model; the clip keeps its place")
    parts = []
    if Reason.NO_WORKER in outlook.reasons:
        parts.append(_("No GPU is at work right now"))
        parts.append(_before(outlook) if outlook.before else _("this clip is next"))
    else:
        next_one = _("Next, as soon as a GPU is free")
        parts.append(_before(outlook) if outlook.before else next_one)
    if until := _until(outlook):
        parts.append(until)
    if Reason.OTHER_MODEL in outlook.reasons:
        parts.append(_("the GPUs hold another model"))
    text = parts[0]
    for part in parts[1:]:
        text = _joined(text, part)
    return text[:1].upper() + text[1:]


def time_in_words(seconds: Decimal, *, at_least: bool = False) -> str:
    """A wait, as exactly as can be told: in minutes, from an hour on in hours, later in days.

    "" for less than a minute of which nobody knows how much longer it is.
    """
    if at_least:
        if seconds < _MINUTE:
            return ""
        return _("more than %(time)s") % {"time": _rounded(seconds, math.floor)}
    if seconds < _MINUTE * 3 / 4:
        return _("less than a minute")
    return _("about %(time)s") % {"time": _rounded(seconds, round)}


def _rounded(seconds: Decimal, whole: Callable[[Decimal], int]) -> str:
    if seconds < _HOUR * 3 / 2:
        count = max(whole(seconds / _MINUTE), 1)
        if count > 20:
            count = whole(seconds / _MINUTE / 5) * 5
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    if seconds < 2 * _DAY:
        count = max(whole(seconds / _HOUR), 1)
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    count = whole(seconds / _DAY)
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _until(outlook: Outlook) -> str:
    if outlook.seconds is None or not (outlook.before or outlook.seconds):
        return ""
    return time_in_words(outlook.seconds, at_least=outlook.at_least)


def _before(outlook: Outlook) -> str:
    """How many clips come first, and whose."""
    if outlook.own == outlook.before and not outlook.at_least:
        return ngettext(
            "%(count)d clip of yours is before it",
            "%(count)d clips of yours are before it",
            outlook.own,
        ) % {"count": outlook.own}
    clips = ngettext("%(count)s clip", "%(count)s clips", outlook.before) % {
        "count": number_format(outlook.before, 0)
    }
    told = {
        "clips": _("more than %(clips)s") % {"clips": clips} if outlook.at_least else clips,
        "artists": ngettext("one other artist", "%(count)s other artists", outlook.artists)
        % {"count": number_format(outlook.artists, 0)},
        "own": number_format(outlook.own, 0),
    }
    if not outlook.artists:
        return _("%(clips)s of yours before this one") % told
    if not outlook.own:
        return _("%(clips)s of %(artists)s before yours") % told
    return _("%(clips)s before it: %(own)s of your own, the others of %(artists)s") % told


def _joined(first: str, then: str) -> str:
    return _("%(first)s; %(then)s") % {"first": first, "then": then}
