"""What testing sessions name: where one stands, and who confirms it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.states import Table


class SessionState(TextChoices):
    """Where one session stands; one that was asked back waits for its artist."""

    RUNNING = "running", pgettext_lazy("session", "Running")
    RECORDED = "recorded", _("Waits for confirmation")
    ASKED = "asked", pgettext_lazy("session", "Asked back")
    CONFIRMED = "confirmed", pgettext_lazy("session", "Confirmed")
    REJECTED = "rejected", pgettext_lazy("session", "Not accepted")
    WITHDRAWN = "withdrawn", pgettext_lazy("session", "Withdrawn")


SESSION_TRANSITIONS: Table[SessionState] = {
    SessionState.RUNNING: frozenset(
        {SessionState.RECORDED, SessionState.ASKED, SessionState.WITHDRAWN}
    ),
    SessionState.RECORDED: frozenset(
        {
            SessionState.ASKED,
            SessionState.CONFIRMED,
            SessionState.REJECTED,
            SessionState.WITHDRAWN,
        }
    ),
    SessionState.ASKED: frozenset({SessionState.RECORDED, SessionState.WITHDRAWN}),
    SessionState.CONFIRMED: frozenset(),
    SessionState.REJECTED: frozenset(),
    SessionState.WITHDRAWN: frozenset(),
}


class Confirmer(TextChoices):
    """Who says that time was spent, never what came of it."""

    NOBODY = "nobody", _("Nobody: it counts at once")
    ADMINS = "admins", _("An admin of the cohort")
    FINANCE = "finance", _("A finance admin")
