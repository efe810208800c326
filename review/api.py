"""``/v1/videos/{id}/content``: the bytes of a video, through the gate."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router

from generation.api.asking import own_clip
from generation.errors import FileMissing
from generation.models import Clip
from generation.states import Variant
from portal.api.auth import grant_of
from portal.api.errors import REFUSALS
from portal.models import User
from portal.states import Scope
from review import release
from review.credentials.errors import BeingSigned
from review.errors import AwaitingReview, ReleaseRefused, VideoNotReady
from review.facts import facts_of
from review.states import REFUSED, ReviewState
from review.views.media import log_download, serve

router = Router()

Wanted = Literal["video", "preview", "thumbnail", "spritesheet"]

_VARIANTS: dict[Wanted, Variant] = {
    "video": Variant.MASTER,
    "preview": Variant.PREVIEW,
    "thumbnail": Variant.POSTER,
    "spritesheet": Variant.FILMSTRIP,
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/{video}/content",
    response={**REFUSALS},
    operation_id="downloadVideo",
    summary="The bytes of a video",
    url_name="video_content",
    openapi_extra={
        "responses": {
            200: {
                "description": "The file, or with a Range header a part of it (206)",
                "content": {"video/mp4": _BYTES, "image/webp": _BYTES},
            },
            206: {"description": "A part of the file", "content": {"video/mp4": _BYTES}},
            304: {"description": "What you have is still the same"},
            416: {"description": "The file has no such part"},
        }
    },
)
def content(request: HttpRequest, video: str, variant: Wanted = "video") -> HttpResponseBase:
    """The master once it is approved; until then the marked preview, thumbnail and spritesheet."""
    grant = grant_of(request)
    grant.require(Scope.CLIPS_READ)
    clip = own_clip(grant, video)
    if not clip.is_ready:
        raise VideoNotReady
    answer = release.may_see(grant.owner, clip, _VARIANTS[variant])
    if isinstance(answer, release.Refusal):
        if answer.code == release.BEING_SIGNED:
            raise BeingSigned
        raise _refusal(clip, grant.owner)
    stored = release.open_granted(answer)
    if answer.variant == Variant.MASTER:
        log_download(request, grant.owner, answer, stored)
    return serve(request, answer, stored)


def _refusal(clip: Clip, viewer: User) -> AwaitingReview | ReleaseRefused | FileMissing:
    """In words: that nobody decided yet, or what was decided and why."""
    fact = facts_of([clip], viewer).get(clip.pk)
    match fact.state if fact is not None else "":
        case ReviewState.WAITING.value if fact is not None:
            return AwaitingReview(f"{AwaitingReview.default_message} {fact.note}")
        case state if fact is not None and state in REFUSED:
            said = _("%(state)s: %(note)s") % {"state": fact.label, "note": fact.note}
            return ReleaseRefused(said)
        case _:
            return AwaitingReview(_("Submit this video for release first."))
