"""What a cohort's artists read when its last day moves or it closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.models import Membership, User
from portal.services.notify import notify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.models import Cohort


def end_moved(cohort: Cohort, before: date, note: str = "") -> None:
    """Its members, of a last day that is another than *before*."""
    for artist in _members(cohort):
        with translation.override(artist.language):
            days = {"old": _day(before), "new": _day(cohort.ends_on)}
        notify(
            user=artist,
            kind="cohort.end_moved",
            title=_("%(cohort)s runs until %(new)s"),
            text=_("It was to end on %(old)s.\n\n%(note)s"),
            params={"cohort": cohort.name, "note": note, **days},
            url="/home/",
        )


def closed(cohort: Cohort, reason: str) -> None:
    """Its members, that nothing new is made and everything else stays."""
    told: dict[str, Any] = {"cohort": cohort.name, "reason": reason}
    for artist in _members(cohort):
        notify(
            user=artist,
            kind="cohort.closed",
            title=_("%(cohort)s is closed"),
            text=_(
                "%(reason)s\n\nNo new clips are made there; clips that waited or rendered were "
                "stopped. Your clips, downloads, share links, earnings, statements, feedback and "
                "appeals stay open to you, and clips you have finished can still be submitted "
                "for release."
            ),
            params=told,
            url="/home/",
        )


def _members(cohort: Cohort) -> Iterator[User]:
    for membership in Membership.objects.live().filter(cohort=cohort).select_related("user"):
        yield membership.user


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
