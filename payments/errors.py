"""Named refusals of payments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class UnbalancedEntry(GreenroomError):
    code = "unbalanced_entry"
    status = 400
    default_message = _("The legs of a ledger entry must add up to zero in each currency.")


class BadRate(GreenroomError):
    code = "bad_rate"
    status = 400
    default_message = _("That is not a rate: give an amount above zero.")


class RateInThePast(GreenroomError):
    code = "rate_in_the_past"
    status = 400
    default_message = _(
        "A rate cannot begin in the past: work already done keeps the rate it was done at."
    )


class FeedbackEmpty(GreenroomError):
    code = "feedback_empty"
    status = 400
    default_message = _("Write something in at least one of the boxes before you file it.")


class FeedbackFiled(GreenroomError):
    code = "feedback_filed"
    status = 409
    default_message = _("This report is filed. Nobody can change or delete it any more.")


class PictureTooLarge(GreenroomError):
    code = "picture_too_large"
    status = 413
    default_message = _("That picture is too large.")


class NotAPicture(GreenroomError):
    code = "not_a_picture"
    status = 415
    default_message = _("That file is not a picture we can open. PNG, JPEG and WebP work.")


class NothingOwed(GreenroomError):
    code = "nothing_owed"
    status = 409
    default_message = _("Nothing is owed here at the moment, so there is nothing to pay out.")


class OwedChanged(GreenroomError):
    code = "owed_changed"
    status = 409
    permanent = False
    default_message = _(
        "What is owed has changed since this page was opened. Here are the figures as they are now."
    )


class SamePerson(GreenroomError):
    code = "same_person"
    status = 403
    default_message = _("You drafted this payout, so another finance admin has to approve it.")


class PaysApprover(GreenroomError):
    code = "pays_approver"
    status = 403
    default_message = _("This payout pays you, so another finance admin has to approve it.")


class ApproverSends(GreenroomError):
    code = "approver_sends"
    status = 403
    default_message = _("You approved this payout, so another finance admin has to send it.")


class DrafterSends(GreenroomError):
    code = "drafter_sends"
    status = 403
    default_message = _("You drafted this payout, so a third finance admin has to send it.")


class ReasonMissing(GreenroomError):
    code = "reason_missing"
    status = 400
    default_message = _("Please say why.")


class AlreadyCorrected(GreenroomError):
    code = "already_corrected"
    status = 409
    default_message = _("This line has already been corrected.")


class BadPayeeDetails(GreenroomError):
    code = "bad_payee_details"
    status = 400
    default_message = _("These payment details cannot be used.")


class PayeeUnreadable(GreenroomError):
    code = "payee_unreadable"
    status = 409
    default_message = _("Some payment details cannot be read any more.")
