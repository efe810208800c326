"""Invitations: single-use, bound to an address, hashed at rest."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.states import INVITATION_TRANSITIONS, InvitationState, steps


class Invitation(models.Model):
    """An invitation of one address to one cohort.

    ``token_hash`` is the hex SHA-256 of the token in the mailed link; the token itself is
    stored nowhere. A renewed invitation is a new row that ``replaces`` the old one, so that each
    row only ever had one link.
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
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(
        max_length=10,
        choices=InvitationState.choices,
        default=InvitationState.INVITED,
        editable=False,
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="replaced_by"
    )

    class Meta:
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "cohort",
                condition=models.Q(state__in=["invited", "opened"]),
                name="invitation_one_live_per_address",
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
