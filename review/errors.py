"""Named refusals of review and release."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class ClipNotReady(GreenroomError):
    code = "clip_not_ready"
    status = 409
    default_message = _("Only a finished clip can be submitted for release.")


class AlreadyApproved(GreenroomError):
    code = "already_approved"
    status = 409
    default_message = _("This clip is already approved.")


class AlreadyRefused(GreenroomError):
    code = "already_refused"
    status = 409
    default_message = _(
        "This take has been decided and cannot be submitted again unchanged. "
        "Make another take and submit that one."
    )


class NothingToAnswer(GreenroomError):
    code = "nothing_to_answer"
    status = 409
    default_message = _("Choose one of your clips of this cohort for which changes were asked.")


class ReviewWithdrawn(GreenroomError):
    code = "review_withdrawn"
    status = 409
    default_message = _("The artist took this clip back. There is nothing left to decide.")


class AlreadyClaimed(GreenroomError):
    code = "already_claimed"
    status = 409
    permanent = False
    default_message = _("A colleague has this clip open.")


class ClaimLost(GreenroomError):
    code = "claim_lost"
    status = 409
    default_message = _("This clip is no longer yours to decide: your claim has ended.")


class AlreadyDecided(GreenroomError):
    code = "already_decided"
    status = 409
    default_message = _("This clip has already been decided.")


class ApprovedByYou(GreenroomError):
    code = "approved_by_you"
    status = 409
    default_message = _("You have approved this clip. It waits for another person’s approval.")


class NotDecided(GreenroomError):
    code = "not_decided"
    status = 409
    default_message = _("Only an approval can be withdrawn, and this clip has none.")


class ClipChanged(GreenroomError):
    code = "clip_changed"
    status = 409
    default_message = _(
        "The clip has changed since this page was opened, so nothing was decided. "
        "Please look at it again."
    )


class FileDamaged(GreenroomError):
    code = "file_damaged"
    status = 409
    default_message = _(
        "The file on disk is not the one that was rendered, so it cannot be decided or released. "
        "Please tell the programme's team."
    )


class OwnWork(GreenroomError):
    code = "own_work"
    status = 403
    default_message = _("Nobody decides their own work. A colleague will.")


class NotAReviewer(GreenroomError):
    code = "not_a_reviewer"
    status = 403
    default_message = _("Only a reviewer of this cohort can do that.")


class ReasonUnknown(GreenroomError):
    code = "reason_unknown"
    status = 422
    default_message = _("Choose one of the published reasons.")


class NoteMissing(GreenroomError):
    code = "note_missing"
    status = 422
    default_message = _("Write a sentence to the artist: what is it about, and what could change?")


class ClipInReview(GreenroomError):
    code = "clip_in_review"
    status = 409
    default_message = _("This clip is in review. Take it back first, then delete it.")


class ClipReleased(GreenroomError):
    code = "clip_released"
    status = 409
    default_message = _("This clip is approved for release, so it is kept. It cannot be deleted.")


class NotReleased(GreenroomError):
    code = "not_released"
    status = 409
    default_message = _("Only an approved clip can be shared or downloaded.")


class TitleMissing(GreenroomError):
    code = "title_missing"
    status = 422
    default_message = _("Give the page a title: it stands above the clip.")


class NoteTooLong(GreenroomError):
    code = "note_too_long"
    status = 422
    default_message = _("This note is too long.")


class VideoNotReady(GreenroomError):
    code = "video_not_ready"
    status = 404
    default_message = _("This video has no file yet.")


class AwaitingReview(GreenroomError):
    code = "awaiting_review"
    status = 403
    default_message = _("This video waits for a reviewer.")


class ReleaseRefused(GreenroomError):
    """Declined, or its approval was withdrawn; says why."""

    code = "release_refused"
    status = 403
    default_message = _("This video was not released.")
