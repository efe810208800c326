"""The invitations of a cohort as a list: narrowed, a page at a time, and as CSV."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from portal import queries
from portal.tables import harmless

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import Cohort, Invitation
    from portal.states import InvitationState

CSV_HEADER = (
    *("email", "name", "language", "state", "asked_at", "sent_at", "sent_by", "ends_at"),
    *("opened_at", "accepted_at", "declined_at", "declined_note", "reminders", "mail"),
)


@dataclass(frozen=True, kw_only=True)
class InvitationFilter:
    """What of the list to show; an empty field filters nothing. ``before`` is the id that a page
    starts below."""

    state: str = ""
    search: str = ""
    before: int | None = None


def invitations_in(cohort: Cohort, chosen: InvitationFilter) -> QuerySet[Invitation]:
    """Newest first, each address in its newest form, with ``mail_state``, ``mail_error`` and
    ``reminder_count``."""
    found = queries.invitations_of(cohort).annotate(
        reminder_count=Count("reminders", distinct=True)
    )
    if chosen.state:
        found = found.filter(state=chosen.state)
    if chosen.search:
        found = found.filter(Q(email__icontains=chosen.search) | Q(name__icontains=chosen.search))
    if chosen.before is not None:
        found = found.filter(pk__lt=chosen.before)
    return found.order_by("-pk")


def invitations_matching(
    cohort: Cohort, chosen: InvitationFilter, states: Collection[InvitationState]
) -> QuerySet[Invitation]:
    """All that the filter finds in one of *states*, on whatever page."""
    found = invitations_in(cohort, replace(chosen, before=None))
    return found.filter(state__in=states).select_related("cohort")


def csv_rows(found: Iterable[Invitation]) -> Iterator[list[str]]:
    """The heading and a line for each of *found*; times in ISO 8601, UTC."""
    yield list(CSV_HEADER)
    for invitation in found:
        yield [
            harmless(cell)
            for cell in (
                invitation.email,
                invitation.name,
                invitation.language,
                invitation.state,
                _iso(invitation.requested_at),
                _iso(invitation.invited_at),
                invitation.invited_by.name if invitation.invited_by is not None else "",
                _iso(invitation.expires_at),
                _iso(invitation.opened_at),
                _iso(invitation.accepted_at),
                _iso(invitation.declined_at),
                invitation.declined_note,
                str(invitation.reminder_count),  # type: ignore[attr-defined]
                invitation.mail_state or "",  # type: ignore[attr-defined]
            )
        ]


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment is not None else ""
