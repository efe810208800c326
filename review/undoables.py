"""What a reviewer can still undo, as the next page offers it. Reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.models import User
from review import access
from review.models import PendingVerdict
from review.states import STATE_AFTER, PendingEnd, Verdict


@dataclass(frozen=True, kw_only=True)
class Undoable:
    """What the bar says; ``seconds`` are left from now."""

    text: str
    url: str
    until: datetime
    seconds: int


def undoable_by(user: User) -> Undoable | None:
    """The last press of *user* that can still be undone."""
    now = timezone.now()
    open_ones = access.said_by(user).unended().filter(takes_effect_at__gt=now)
    newest = open_ones.select_related("review__clip").order_by("-id").first()
    if newest is None:
        return None
    count = open_ones.filter(batch=newest.batch).count()
    return Undoable(
        text=_words(newest, count),
        url=reverse("review:undo", args=[newest.review_id]),
        until=newest.takes_effect_at,
        seconds=max(1, round((newest.takes_effect_at - now).total_seconds())),
    )


def _words(said: PendingVerdict, count: int) -> str:
    if count > 1:
        text = ngettext("%(verdict)s: %(count)d clip", "%(verdict)s: %(count)d clips", count)
        verdict = STATE_AFTER[Verdict(said.verdict)].label
        return text % {"verdict": verdict, "count": count}
    texts = {
        Verdict.APPROVE: _("Approved: %(clip)s"),
        Verdict.CHANGES: _("Changes asked for: %(clip)s"),
        Verdict.DECLINE: _("Declined: %(clip)s"),
    }
    return texts[Verdict(said.verdict)] % {"clip": said.review.clip.label}


def last_undone(user: User, review_id: int) -> PendingVerdict | None:
    """What *user* said last of the review and undid: the desk gives the words back."""
    newest = access.said_by(user).filter(review=review_id).order_by("-id").first()
    return newest if newest is not None and newest.end == PendingEnd.UNDONE else None
