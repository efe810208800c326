"""Named refusals about appeals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class NothingToAppeal(GreenroomError):
    code = "nothing_to_appeal"
    status = 409
    default_message = _(
        "Only a clip that was declined, or whose approval was withdrawn, has a decision to appeal."
    )


class AlreadyAppealed(GreenroomError):
    code = "already_appealed"
    status = 409
    default_message = _("You have appealed this decision. A decision can be appealed once.")


class AppealTextMissing(GreenroomError):
    code = "appeal_text_missing"
    status = 422
    default_message = _("Say in your own words why the decision should be looked at again.")


class AnswerMissing(GreenroomError):
    code = "answer_missing"
    status = 422
    default_message = _("Write a sentence to the artist: why does the decision stand, or fall?")


class AppealClosed(GreenroomError):
    code = "appeal_closed"
    status = 409
    default_message = _("This appeal has been decided.")


class AppealWithdrawn(GreenroomError):
    code = "appeal_withdrawn"
    status = 409
    default_message = _("The artist withdrew this appeal. There is nothing left to decide.")


class HadAPart(GreenroomError):
    code = "had_a_part"
    status = 403
    default_message = _("You had a part in this review. Somebody else decides the appeal.")


class NotALead(GreenroomError):
    code = "not_a_lead"
    status = 403
    default_message = _("Only a lead reviewer or an admin of this cohort decides an appeal.")


class ClipUnderAppeal(GreenroomError):
    code = "clip_under_appeal"
    status = 409
    default_message = _(
        "You appealed the decision about this clip. Withdraw the appeal first, then delete it."
    )
