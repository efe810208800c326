"""Named refusals about conflicts of interest."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class InConflict(GreenroomError):
    code = "in_conflict"
    status = 403
    default_message = _(
        "A conflict of interest with this artist is on record. A colleague will decide."
    )


class ConflictReasonMissing(GreenroomError):
    code = "conflict_reason_missing"
    status = 422
    default_message = _("Say in a few words what the conflict is.")


class NoConflictPossible(GreenroomError):
    code = "no_conflict_possible"
    status = 422
    default_message = _("Choose a colleague and an artist of their cohorts, two different people.")
