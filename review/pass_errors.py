"""Named refusals about passing on, and about whose turn it is to judge."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class PassedOnByYou(GreenroomError):
    code = "passed_on_by_you"
    status = 409
    default_message = _("You have passed this clip on. A colleague will decide.")


class RefusedByYou(GreenroomError):
    code = "refused_by_you"
    status = 409
    default_message = _("You refused this clip after a colleague had approved it. A lead decides.")


class ForALead(GreenroomError):
    code = "for_a_lead"
    status = 403
    default_message = _("This clip waits for a lead reviewer. Nobody else decides it.")


class NobodyElse(GreenroomError):
    code = "nobody_else"
    status = 409
    default_message = _(
        "There is nobody left who could look at this clip. Pass it to a lead, or decide it."
    )


class NoLead(GreenroomError):
    code = "no_lead"
    status = 409
    default_message = _("No lead reviewer of this cohort could decide this clip.")


class PassNoteMissing(GreenroomError):
    code = "pass_note_missing"
    status = 422
    default_message = _("Write a sentence to your colleague: what are you unsure about?")
