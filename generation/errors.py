"""Named errors of generation: refusals a person meets, and the typed failures of a render."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class CatalogueInvalid(GreenroomError):
    """A catalogue entry that cannot be offered; names the file and the field."""

    code = "catalogue_invalid"
    status = 500


class NotAMember(GreenroomError):
    code = "not_a_member"
    status = 404
    default_message = _("You are not a member of this cohort.")


class BriefClosed(GreenroomError):
    code = "brief_closed"
    status = 409
    default_message = _("This brief is closed. The clip can be made without it.")


class ModelNotOffered(GreenroomError):
    code = "model_not_offered"
    default_message = _("This model is not on offer in your cohort.")


class PromptEmpty(GreenroomError):
    code = "prompt_empty"
    default_message = _("Say what the clip shows.")


class PromptTooLong(GreenroomError):
    code = "prompt_too_long"
    default_message = _("This prompt is too long.")


class SizeNotOffered(GreenroomError):
    code = "size_not_offered"
    default_message = _("This model does not offer that size.")


class LengthNotOffered(GreenroomError):
    code = "length_not_offered"
    default_message = _("This model does not offer that length.")


class ExtensionTooLong(GreenroomError):
    code = "extension_too_long"
    default_message = _("With what it extends this would be too long.")


class StepsNotOffered(GreenroomError):
    code = "steps_not_offered"
    default_message = _("This model does not offer that number of steps.")


class TakesOutOfRange(GreenroomError):
    code = "takes_out_of_range"
    default_message = _("Ask for one to four takes.")


class SeedOutOfRange(GreenroomError):
    code = "seed_out_of_range"
    default_message = _("A seed is a whole number from 0 to 4294967295.")


class TitleTooLong(GreenroomError):
    code = "title_too_long"
    default_message = _("A title has at most 120 letters.")


class WeightOutOfRange(GreenroomError):
    code = "weight_out_of_range"
    default_message = _("A share is a whole number from 1 to 100.")


class StartNeeded(GreenroomError):
    code = "start_needed"
    default_message = _("This model starts from one of your finished clips. Choose one.")


class PictureNeeded(StartNeeded):
    code = "picture_needed"
    default_message = _(
        "This model starts from a picture or one of your finished clips. Choose one."
    )


class GuidanceNotOffered(StepsNotOffered):
    code = "guidance_not_offered"
    default_message = _("This model does not offer that guidance.")


class StrengthOutOfRange(GreenroomError):
    code = "strength_out_of_range"
    default_message = _("How much is made anew is a number from 0.05 to 1.")


class AdapterNotOffered(GreenroomError):
    code = "adapter_not_offered"
    default_message = _("This model has no such adapter for you.")


class AdapterWeightOutOfRange(GreenroomError):
    code = "adapter_weight_out_of_range"
    default_message = _("The weight of this adapter is outside its range.")


class StyleTooLong(GreenroomError):
    code = "style_too_long"
    default_message = _("A style has at most 300 letters.")


class PresetNameMissing(GreenroomError):
    code = "preset_name_missing"
    default_message = _("Give the preset a name.")


class PresetNameTaken(GreenroomError):
    code = "preset_name_taken"
    status = 409
    default_message = _("You have a preset of this name. Choose another one.")


class PresetTextTooLong(GreenroomError):
    code = "preset_text_too_long"
    default_message = _("This is too long.")


class TooManyPresets(GreenroomError):
    code = "too_many_presets"
    status = 409
    default_message = _("You have 50 presets in this cohort. Delete one first.")


class NotAPicture(GreenroomError):
    code = "not_a_picture"
    default_message = _("That file is not a whole picture. Choose a PNG, JPEG or WebP.")


class PictureTooLarge(GreenroomError):
    code = "picture_too_large"
    status = 413
    default_message = _("That picture is too large.")


class PictureMoves(GreenroomError):
    code = "picture_moves"
    default_message = _("That picture is animated. Choose a still one.")


class PictureGone(GreenroomError):
    code = "picture_gone"
    default_message = _("That picture is no longer here. Choose it again.")


class PictureNotTaken(GreenroomError):
    code = "picture_not_taken"
    default_message = _("This model does not start from a picture.")


class NotAVideo(GreenroomError):
    code = "not_a_video"
    default_message = _("That file is not a whole video. Choose an MP4, QuickTime or WebM file.")


class VideoTooLarge(GreenroomError):
    code = "video_too_large"
    status = 413
    default_message = _("That video has too many pixels to be read. Send a shorter or smaller one.")


class BudgetSpent(GreenroomError):
    code = "budget_spent"
    status = 409
    api_status = 429
    default_message = _("Your GPU time is used up.")


class TooManyWaiting(GreenroomError):
    code = "too_many_waiting"
    status = 409
    api_status = 429
    permanent = False
    default_message = _("You have as many clips waiting as this cohort allows.")


class PauseReasonMissing(GreenroomError):
    code = "pause_reason_missing"
    default_message = _("Say why: the artists read it while they wait.")


class AlreadyPaused(GreenroomError):
    code = "already_paused"
    status = 409
    default_message = _("This is paused already. Reload the page to see by whom.")


class ClipDeleted(GreenroomError):
    code = "clip_deleted"
    status = 404
    default_message = _("This clip was deleted.")


class ClipQuarantined(GreenroomError):
    code = "clip_quarantined"
    status = 409
    default_message = _("Our staff are looking at this clip, so it cannot be made again now.")


class NotInQuarantine(GreenroomError):
    code = "not_in_quarantine"
    status = 409
    default_message = _("This clip is no longer in quarantine: somebody has dealt with it.")


class NoteMissing(GreenroomError):
    code = "note_missing"
    default_message = _("Say why: the artist reads it.")


class NoModelFor(GreenroomError):
    code = "no_model_for_this"
    default_message = _("No model on offer in your cohort can do this.")


class CharactersNotOffered(GreenroomError):
    code = "characters_not_supported"
    default_message = _("No model on offer knows characters. Describe them in the prompt.")


class VideoInProgress(GreenroomError):
    code = "video_in_progress"
    status = 409
    default_message = _("This video is still being made. Cancel it first.")


class LeaseLost(GreenroomError):
    """The attempt no longer belongs to this worker: its result must be dropped."""

    code = "lease_lost"
    status = 409
    default_message = _("This render was given to another worker.")


class FileMissing(GreenroomError):
    code = "file_missing"
    status = 404
    default_message = _("This clip has no such file.")


class ReplayRefused(GreenroomError):
    """A clip that cannot be rendered again as it was; says why. For operators."""

    code = "replay_refused"
    status = 409


class RenderError(GreenroomError):
    """Why one attempt failed; ``permanent`` False means another try may succeed."""

    code = "render_failed"
    status = 500
    permanent: ClassVar[bool] = False
    # False when the machinery is at fault: then the artist is not charged.
    charged: ClassVar[bool] = False
    default_message: ClassVar[str | Promise] = _("Rendering failed. Run it again.")


class ModelUnavailable(RenderError):
    code = "model_unavailable"
    default_message = _("The model could not be loaded. The programme's team has been told.")


class WeightsChanged(RenderError):
    code = "weights_changed"
    permanent = True
    default_message = _("The model's files are not the ones on record, so nothing was rendered.")


class AdapterUnavailable(RenderError):
    code = "adapter_unavailable"
    permanent = True
    default_message = _("The adapter of this clip is not there any more. Nothing was rendered.")


class AdapterChanged(RenderError):
    code = "adapter_changed"
    permanent = True
    default_message = _("The adapter's file is not the one on record, so nothing was rendered.")


class AdapterMisfit(RenderError):
    code = "adapter_misfit"
    permanent = True
    default_message = _("This adapter does not fit the model, so nothing was rendered.")


class OutOfMemory(RenderError):
    code = "out_of_memory"
    default_message = _("The GPU ran out of memory. A smaller size or fewer frames may fit.")


class InputMissing(RenderError):
    code = "input_missing"
    permanent = True
    default_message = _("What this clip starts from is gone.")


class StepTooLong(RenderError):
    """The device hangs; the worker's process is ended, since nothing else frees it."""

    code = "step_too_long"
    default_message = _("The GPU stopped answering in the middle of a step. Run it again.")


class EncodingFailed(RenderError):
    code = "encoding_failed"
    default_message = _("The rendered frames could not be made into a video. Run it again.")


class WorkerLost(RenderError):
    code = "worker_lost"
    permanent = True
    default_message = _(
        "Two workers stopped while rendering this clip, so it was taken out of the queue."
    )


class Quarantined(RenderError):
    """Why a clip is in quarantine; what its artist reads meanwhile."""

    code = "quarantined"
    permanent = True
    default_message = _(
        "Two GPU workers died over this clip. Our staff are looking at it; "
        "you have not been charged."
    )


class GivenUpByStaff(RenderError):
    """Staff looked at a clip in quarantine and gave it up, with a note to the artist."""

    code = "given_up_by_staff"
    permanent = True
    default_message = _("Our staff could not get this clip made. You have not been charged.")
    noted_message: ClassVar[str | Promise] = _(
        "Our staff could not get this clip made. You have not been charged. They wrote: %(note)s"
    )


class TooManyTries(RenderError):
    code = "too_many_tries"
    permanent = True
    default_message = _("Three tries failed. Run it again later, or change the settings.")


RENDER_ERRORS: dict[str, type[RenderError]] = {
    error.code: error
    for error in (
        RenderError,
        ModelUnavailable,
        WeightsChanged,
        AdapterUnavailable,
        AdapterChanged,
        AdapterMisfit,
        OutOfMemory,
        InputMissing,
        StepTooLong,
        EncodingFailed,
        WorkerLost,
        Quarantined,
        GivenUpByStaff,
        TooManyTries,
    )
}
