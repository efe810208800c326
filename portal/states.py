"""State machines of the ground floor, each as a transition table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

State = TypeVar("State", bound=TextChoices)
Table = Mapping[State, frozenset[State]]


def steps(table: Mapping[State, frozenset[State]]) -> list[tuple[str, str]]:
    """The allowed (from, to) pairs of *table* in a fixed order, for a database trigger."""
    return sorted(
        (before.value, after.value) for before, allowed in table.items() for after in allowed
    )


class InvitationState(TextChoices):
    INVITED = "invited", _("Invited")
    OPENED = "opened", _("Opened")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


INVITATION_TRANSITIONS: Table[InvitationState] = {
    InvitationState.INVITED: frozenset(
        {
            InvitationState.OPENED,
            InvitationState.ACCEPTED,
            InvitationState.REVOKED,
            InvitationState.EXPIRED,
        }
    ),
    InvitationState.OPENED: frozenset(
        {InvitationState.ACCEPTED, InvitationState.REVOKED, InvitationState.EXPIRED}
    ),
    InvitationState.ACCEPTED: frozenset(),
    InvitationState.REVOKED: frozenset(),
    InvitationState.EXPIRED: frozenset(),
}


class CohortState(TextChoices):
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")


COHORT_TRANSITIONS: Table[CohortState] = {
    CohortState.OPEN: frozenset({CohortState.PAUSED, CohortState.CLOSED}),
    CohortState.PAUSED: frozenset({CohortState.OPEN, CohortState.CLOSED}),
    CohortState.CLOSED: frozenset(),
}


class Role(TextChoices):
    """What a member of staff may do; an artist is whoever is a member of a cohort."""

    REVIEWER = "reviewer", _("Reviewer")
    ADMIN = "admin", _("Programme admin")


class ReviewMode(TextChoices):
    """When a clip enters the review queue."""

    ON_SUBMIT = "on_submit", _("When the artist submits it")
    EVERY_CLIP = "every_clip", _("Every finished clip")


class MailState(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be delivered")


MAIL_TRANSITIONS: Table[MailState] = {
    MailState.WAITING: frozenset({MailState.SENDING}),
    MailState.SENDING: frozenset({MailState.SENT, MailState.WAITING, MailState.FAILED}),
    MailState.SENT: frozenset(),
    MailState.FAILED: frozenset(),
}
