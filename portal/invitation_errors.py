"""Named errors of invitations that were asked for or declined."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class InvitationDeclined(GreenroomError):
    code = "invitation_declined"
    status = 410
    default_message = _("This invitation was declined. The address can be invited anew.")


class BatchTooLarge(GreenroomError):
    code = "batch_too_large"
    status = 413
    default_message = _("A table of people has at most 1 MB. Part it in two.")


class BatchTooLong(GreenroomError):
    code = "batch_too_long"
    status = 413
    default_message = _("A table of people has at most 2,000 rows. Part it in two.")


class EmailColumnMissing(GreenroomError):
    code = "email_column_missing"
    default_message = _(
        "There is no column “email”. The first row names the columns: "
        "email, name, language, note. Only email is needed."
    )


class TooManyBatches(GreenroomError):
    code = "too_many_batches"
    status = 409
    default_message = _("There are 20 drafts in this cohort. Send or discard one first.")


class BatchExpired(GreenroomError):
    code = "batch_expired"
    status = 410
    default_message = _("This draft has ended. Bring the table again.")


class BatchHasNoWork(GreenroomError):
    code = "batch_has_no_work"
    status = 409
    default_message = _("There is nobody to invite by this table.")


class CohortClosed(GreenroomError):
    code = "cohort_closed"
    status = 409
    default_message = _("This cohort is closed; nobody is invited to it any more.")
