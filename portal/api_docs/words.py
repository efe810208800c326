"""What the schema says, in words that are translated.

The schema is for programs and in English; what stands here goes before it. A test fails on an
operation or a field that neither speaks of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

# In the order of the page.
TITLES: Words = {
    "createVideo": _("Ask for a video"),
    "retrieveVideo": _("Look at a video"),
    "listVideos": _("List your videos"),
    "downloadVideo": _("Fetch a video"),
    "remixVideo": _("Remix a video"),
    "editVideo": _("Make a video anew"),
    "extendVideo": _("Extend a video"),
    "cancelVideo": _("Cancel a video"),
    "deleteVideo": _("Delete a video"),
    "createCharacter": _("Name a character"),
    "retrieveCharacter": _("Look at a character"),
    "listModels": _("List the models on offer"),
    "retrieveModel": _("Look at a model"),
    "createFeedback": _("File feedback"),
    "retrieveEarnings": _("See your earnings"),
    "listWork": _("List your paid work"),
    "startDeviceLogin": _("Begin a login by code"),
    "fetchDeviceKey": _("Fetch the key of a login by code"),
}

NOTES: Words = {
    "createVideo": _(
        "Queues a clip and reserves its GPU time. What is left out is the model’s first or usual. "
        "Sent again with the same Idempotency-Key, it makes nothing new and answers the first clip."
    ),
    "retrieveVideo": _(
        "Ask again until the status is “completed” or “failed”; the SDK’s create_and_poll does. "
        "The header openai-poll-after-ms says when to look again."
    ),
    "listVideos": _(
        "Those of the key’s cohort, the newest first. For the next page send last_id as “after”, "
        "as long as has_more is true; the SDK does it by itself."
    ),
    "downloadVideo": _(
        "The master, once it is approved. Before that, the preview, thumbnail and spritesheet, "
        "which are visibly marked."
    ),
    "remixVideo": _("Another prompt with the seed and the settings of one of your videos."),
    "editVideo": _(
        "All frames of one of your videos made anew, with a model that starts from a video."
    ),
    "extendVideo": _(
        "One of your videos with a new part behind it, in one file, with a model that starts from "
        "a picture. “seconds” asks for the new part; that of the answer is the whole."
    ),
    "cancelVideo": _("Takes it out of the queue, or stops its render at the next step."),
    "deleteVideo": _("Removes a finished video and its files for good. Cancel the others first."),
    "createCharacter": _("For models that know characters. Others refuse it by name."),
    "retrieveCharacter": _("A character of yours, for models that know them."),
    "listModels": _("What the key’s cohort may use, with the sizes and lengths of each."),
    "retrieveModel": _("Its sizes, its lengths and what it starts from."),
    "createFeedback": _(
        "A report on a model or on one of your videos, in your name. It earns by the cohort’s rate "
        "card, whatever it says, and nobody can change or delete it once it is filed."
    ),
    "retrieveEarnings": _(
        "What your work in the key’s cohort has earned: owed, in a payout, on its way, paid."
    ),
    "listWork": _("Every line of those earnings, the newest first, down to its video."),
    "startDeviceLogin": _(
        "For a program that has no key yet (RFC 8628). It shows the short code to the person, who "
        "types it on the page and confirms. It needs no key."
    ),
    "fetchDeviceKey": _(
        "Ask every “interval” seconds until the person has confirmed. The key is given out once. "
        "It needs no key."
    ),
}

THINGS: Words = {
    "Video": _("One clip. Moments are Unix seconds. Every field is always there."),
    "VideoError": _("Why a video has failed."),
    "VideoPage": _("A part of a list of videos."),
    "VideoDeleted": _("That a video is gone."),
    "Review": _("Where a video stands with the reviewers, once it is submitted."),
    "Queue": _("Where a video stands in the queue, while it is being made."),
    "Model": _("A model on offer."),
    "ModelPage": _("The models on offer."),
    "Feedback": _("A filed report. Moments are Unix seconds."),
    "Earnings": _("Sums by currency."),
    "Balance": _("Money in one currency, in its smallest unit: cents of EUR, yen of JPY."),
    "Work": _("One line: what was done and what it pays."),
    "WorkPage": _("A part of a list of work."),
    "ErrorBody": _("Every refusal, whatever its status."),
    "Problem": _("What is wrong."),
    "DeviceCode": _("A login by code that waits for its person."),
    "DeviceToken": _("The key that a person confirmed."),
}

FIELDS: Words = {
    "prompt": _("What is seen, where, and what moves."),
    "model": _("The id of a model on offer."),
    "seconds": _("From the first frame to the last; one of the model’s."),
    "size": _("Width × height in pixels, as “128x128”; one of the model’s."),
    "title": _("What you call it."),
    "seed": _("The same seed with the same settings makes the same video."),
    "steps": _("How many denoising steps, within what the model allows."),
    "guidance": _("How closely the prompt is followed, within what the model allows."),
    "strength": _("How much of the frames is made anew, from 0.05 to 1."),
    "input_reference": _("A picture or a video to start from: PNG, JPEG, WebP, MP4, WebM."),
    "video": _("The id of the video."),
    "video[id]": _("The id of one of your completed videos."),
    "editVideo.video": _("An MP4, QuickTime or WebM file, or empty and one of yours in video[id]."),
    "extendVideo.video": _(
        "An MP4, QuickTime or WebM file, or empty and one of yours in video[id]."
    ),
    "character_id": _("The id of the character."),
    "createCharacter.name": _("What prompts call the character."),
    "createCharacter.video": _("A clip that shows the character."),
    "name": _("What it is called."),
    "after": _("The id that the page before ended with."),
    "limit": _("How many at most."),
    "order": _("The newest first, or the oldest."),
    "variant": _("Which file: the master, the marked preview, a still, a row of frames."),
    "id": _("Its id."),
    "object": _("What it is."),
    "status": _("Waiting, being made, ready, or ended without a result."),
    "progress": _("In percent."),
    "created_at": _("When it was asked for."),
    "completed_at": _("When it was ready."),
    "expires_at": _("Always empty: videos stay."),
    "remixed_from_video_id": _("The video it is a remix of."),
    "error": _("Why there is no result."),
    "ErrorBody.error": _("What is wrong."),
    "gpu_seconds": _("The GPU time it took."),
    "review": _("Empty until it is submitted for release."),
    "queue": _("Empty once it is ready."),
    "manifest": _("The record of everything that decided about its bytes."),
    "code": _("Names what is wrong; it stays the same in every language."),
    "message": _("What is wrong, in words."),
    "type": _("What kind of refusal it is."),
    "param": _("The field it is about."),
    "data": _("The entries, in order."),
    "first_id": _("The first entry’s id."),
    "last_id": _("The last entry’s id."),
    "has_more": _("Whether there is another page."),
    "deleted": _("Always true."),
    "state": _("Waiting, approved, declined, …"),
    "due_at": _("By when it will be decided."),
    "decided_at": _("When it was decided."),
    "reason": _("The published reason of a refusal."),
    "note": _("The decision in words."),
    "appeal": _("How the artist’s appeal stands: open, upheld, overturned, withdrawn; or empty."),
    "position": _("How many clips come before it."),
    "Queue.seconds": _("How long until it is ready, as far as that can be known."),
    "why": _("Why it waits."),
    "created": _("Always 0."),
    "owned_by": _("Who offers it."),
    "description": _("What it is good at."),
    "sizes": _("The sizes it makes."),
    "Model.seconds": _("The lengths it makes."),
    "input": _("What a video of it starts from."),
    "retrieveModel.model": _("The id of the model."),
    "createFeedback.model": _("The model it is about; left out: the video’s, or the first."),
    "createFeedback.video": _("The id of one of your completed videos, if it is about one."),
    "tried": _("What you had in mind, and how you asked for it."),
    "happened": _("What came out; what surprised you."),
    "change": _("What should change, in the model, the tool or the programme."),
    "opinion": _("Any opinion, praise or criticism. It makes no difference to your pay."),
    "minutes": _("The minutes you spent, if you kept count."),
    "Feedback.created_at": _("When it was filed."),
    "Feedback.video": _("The id of the video it is about."),
    "Feedback.model": _("The model it is about."),
    "currency": _("Its ISO 4217 code."),
    "owed": _("Owed, and in no payout yet."),
    "in_payout": _("In a payout that is being drawn up."),
    "in_transit": _("On its way to you."),
    "paid": _("What has arrived."),
    "Work.created_at": _("When it was earned."),
    "Work.video": _("The id of the video it was done with."),
    "Work.state": _("Owed, in a payout, on its way, paid, …"),
    "kind": _("What kind of work it was."),
    "about": _("What it was on."),
    "amount": _("What it pays, in the currency’s smallest unit; below zero, a correction."),
    "client": _("What the program calls itself; the person reads it before they confirm."),
    "device_code": _("The long code, which the program keeps to itself."),
    "user_code": _("The short code, which the person types."),
    "verification_uri": _("The page to type it on."),
    "verification_uri_complete": _("The same page with the code filled in."),
    "expires_in": _("How many seconds the codes last."),
    "interval": _("How many seconds to wait between two questions."),
    "access_key": _("The key, shown this once."),
    "token_type": _("Always “Bearer”."),
    "scope": _("What the key may do."),
    "cohort": _("The cohort it is for."),
    "owner": _("Who confirmed."),
    "DeviceToken.expires_at": _("When the key ends."),
}

EVENT: Words = {
    "id": _("The event’s id, the same at every try."),
    "object": _("Always “event”."),
    "type": _("Which of the events it is."),
    "created_at": _("When it happened, in Unix seconds."),
    "data": _("Holds “id”, the id of the video. Fetch the rest with your key."),
    "webhook-id": _("The event’s id again."),
    "webhook-timestamp": _("When it is sent, in Unix seconds."),
    "webhook-signature": _(
        "Signs the two above and the body. The SDK’s webhooks.unwrap checks it."
    ),
}

KINDS: Words = {
    "string": _("text"),
    "integer": _("whole number"),
    "number": _("number"),
    "boolean": _("true or false"),
    "array": _("list"),
    "object": _("object"),
    "file": _("file"),
}

ANYWHERE = (
    *("invalid_value", "body_misformed", "body_too_large", "invalid_api_key", "key_expired"),
    *("key_revoked", "key_frozen", "key_wrong_network", "missing_scope", "key_rate_limited"),
    *("feature_off", "key_in_text"),
    *("person_rate_limited", "length_required"),
)
_MAKING = (
    *("prompt_empty", "prompt_too_long", "model_not_offered", "size_not_offered"),
    *("length_not_offered", "seed_out_of_range", "steps_not_offered", "guidance_not_offered"),
    *("cohort_not_open", "agreement_not_signed", "too_many_waiting", "budget_spent"),
    *("key_budget_spent", "idempotency_key_reused", "idempotency_key_too_long"),
)
_FROM_VIDEO = ("no_model_for_this", "start_needed", "not_a_video", "video_too_large")
CODES: Mapping[str, Sequence[str]] = {
    "createVideo": (
        *(*_MAKING, "not_a_picture", "picture_too_large", "picture_not_taken"),
        *("not_a_video", "video_too_large"),
    ),
    "editVideo": (*_MAKING, *_FROM_VIDEO),
    "extendVideo": (*_MAKING, *_FROM_VIDEO, "extension_too_long"),
    "remixVideo": ("illegal_transition", *_MAKING),
    "cancelVideo": ("illegal_transition",),
    "deleteVideo": ("video_in_progress", "clip_in_review", "clip_released"),
    "downloadVideo": ("video_not_ready", "awaiting_review", "release_refused", "being_signed"),
    "createCharacter": ("characters_not_supported",),
    "createFeedback": (
        *("feedback_empty", "model_not_offered", "no_model_for_this"),
        *("idempotency_key_reused", "idempotency_key_too_long"),
    ),
    "startDeviceLogin": ("too_many_requests",),
    "fetchDeviceKey": (
        *("authorization_pending", "slow_down", "expired_token", "access_denied"),
        *("invalid_grant", "too_many_requests"),
    ),
}
