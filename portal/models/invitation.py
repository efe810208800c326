"""Invitations: single-use, bound to an address, hashed at rest."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.states import INVITATION_TRANSITIONS, InvitationState, steps

_SENT = ~models.Q(state="requested") & models.Q(
    token_hash__isnull=False,
    expires_at__isnull=False,
    invited_at__isnull=False,
    invited_by__isnull=False,
)
_NOT_SENT = models.Q(
    state__in=["requested", "revoked"],
    token_hash__isnull=True,
    expires_at__isnull=True,
    invited_at__isnull=True,
    invited_by__isnull=True,
    requested_at__isnull=False,
)


class Invitation(models.Model):
    """An invitation of one address to one cohort.

    ``token_hash`` is the hex SHA-256 of the token in the mailed link; the token itself is
    stored nowhere. A renewed invitation is a new row that ``replaces`` the old one. One that was
    only asked for has no link, no end and nobody who sent it until it is sent. ``declined_note`` is
    the word that the invited person may leave with their no.
    """

    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    note = models.TextField(_("personal note"), blank=True, max_length=2000)
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    state = models.CharField(
        max_length=10,
        choices=InvitationState.choices,
        default=InvitationState.INVITED,
        editable=False,
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(null=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    invited_at = models.DateTimeField(default=timezone.now, null=True, editable=False)
    expires_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    declined_at = models.DateTimeField(null=True, editable=False)
    declined_note = models.CharField(max_length=500, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="replaced_by"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "cohort",
                condition=models.Q(state__in=["requested", "invited", "opened"]),
                name="invitation_one_live_per_address",
            ),
            models.CheckConstraint(
                condition=_SENT | _NOT_SENT, name="invitation_sent_whole_or_not_at_all"
            ),
            models.CheckConstraint(
                condition=models.Q(state="declined", declined_at__isnull=False)
                | (~models.Q(state="declined") & models.Q(declined_at__isnull=True)),
                name="invitation_declined_at_some_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=InvitationState.values), name="invitation_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="accepted", accepted_by__isnull=False)
                | (~models.Q(state="accepted") & models.Q(accepted_by__isnull=True)),
                name="invitation_accepted_by_someone",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="invitation_steps", field="state", transitions=steps(INVITATION_TRANSITIONS)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.cohort}"

    @property
    def is_live(self) -> bool:
        """Whether its link can still be accepted."""
        return self.state in {InvitationState.INVITED, InvitationState.OPENED} and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether its time has passed; whoever looks first may find it not marked yet."""
        return self.expires_at is not None and self.expires_at <= timezone.now()
