"""What a request for a video says, and what it means in the catalogue's terms."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from generation.access import clips_visible_to, own_clip_of
from generation.api.payloads import clip_id_of, seconds_of
from generation.catalogue import Entry, offered
from generation.errors import (
    LengthNotOffered,
    ModelNotOffered,
    NoModelFor,
    NotAPicture,
    StartNeeded,
)
from generation.media.videos import looks_like_video
from generation.models import Clip, StartPicture
from generation.services import pictures
from portal.errors import ValueMisformed
from portal.services import key_requests

if TYPE_CHECKING:
    from uuid import UUID

    from generation.models.clip import ClipQuerySet
    from portal.api.bodies import Body
    from portal.models import Cohort, User
    from portal.services.key_use import KeyGrant

_SECONDS = re.compile(r"\d{1,4}(\.\d{1,3})?")
_DATA_URL = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.IGNORECASE)
# A clip's frames ÷ its rate and the time between its first and last frame differ by one frame.
_CLOSE = Decimal("0.07")


# A number in JSON, a text in a form.
Text = Annotated[str, BeforeValidator(lambda value: str(value) if value is not None else value)]


class Remix(BaseModel):
    """A new prompt for the settings of a video."""

    model_config = ConfigDict(extra="ignore")

    prompt: str = Field(max_length=32_000)
    seed: int | None = None


class Create(Remix):
    """A new video. What is left out is the model's first or usual."""

    model: str | None = Field(None, max_length=200)
    seconds: Text | None = Field(None, max_length=20)
    size: str | None = Field(None, max_length=20)
    title: str = Field("", max_length=200)
    steps: int | None = None
    guidance: Decimal | None = None
    strength: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What a video is to start from; at most one is given."""

    source: Clip | None = None
    picture: StartPicture | None = None


def entry_named(
    cohort: Cohort, name: str | None, *, needs: Collection[str], strictly: bool = False
) -> Entry:
    """The model of that name on offer, or the first whose input is one of *needs*.

    Args:
        strictly: refuse one of that name with another input, which would pass over the start.

    Raises:
        ModelNotOffered, NoModelFor
    """
    entries = offered(cohort)
    if name:
        for entry in entries:
            if entry.key == name:
                if strictly and entry.image_input not in needs:
                    raise NoModelFor(
                        _("The model “%(name)s” cannot do this.") % {"name": name},
                        field="model_key",
                    )
                return entry
        raise ModelNotOffered(
            _("There is no model “%(name)s” on offer. There are: %(known)s.")
            % {"name": name[:80], "known": ", ".join(entry.key for entry in entries)},
            field="model_key",
        )
    for entry in entries:
        if entry.image_input in needs:
            return entry
    raise NoModelFor(field="model_key")


def frames_for(entry: Entry, seconds: str | None) -> int:
    """The length on offer of that many seconds; the first without a wish.

    Raises:
        LengthNotOffered: naming those that are.
    """
    if seconds is None or seconds == "":
        return entry.lengths[0]
    if _SECONDS.fullmatch(seconds):
        wanted = Decimal(seconds)
        for frames in entry.lengths:
            if any(abs(Decimal(n) / entry.fps - wanted) <= _CLOSE for n in (frames, frames - 1)):
                return frames
    known = ", ".join(seconds_of(frames, entry.fps) for frames in entry.lengths)
    raise LengthNotOffered(
        _("This model makes videos of so many seconds: %(known)s.") % {"known": known},
        field="frames",
    )


def own_clip(grant: KeyGrant, text: str) -> Clip:
    """A clip of the key's owner in its cohort.

    Raises:
        Http404
    """
    found = own_clip_of(grant.owner, grant.cohort, clip_id_of(text))
    if found is None:
        raise Http404
    return found


def own_clips(owner: User, cohort: Cohort) -> ClipQuerySet:
    return clips_visible_to(owner).filter(cohort=cohort)


def beginning_of(grant: KeyGrant, body: Body) -> Beginning:
    """The picture, video or clip in ``input_reference``.

    Raises:
        NotAPicture, PictureMoves, PictureTooLarge, NotAVideo, VideoTooLarge, ValueMisformed
    """
    if upload := body.files.get("input_reference"):
        if looks_like_video(upload):
            return Beginning(
                picture=pictures.keep_video(
                    actor=grant.owner, upload=upload, field="input_reference"
                )
            )
        return Beginning(picture=pictures.keep(actor=grant.owner, upload=upload))
    if named := body.values.get("input_reference[file_id]"):
        return Beginning(source=named_clip(grant, named, field="input_reference[file_id]"))
    if url := body.values.get("input_reference[image_url]"):
        return Beginning(picture=_picture_in(grant, str(url)))
    return Beginning()


def video_in(grant: KeyGrant, body: Body) -> Beginning:
    """The clip in ``video[id]`` or the file in ``video``, to edit or to extend.

    Raises:
        NotAVideo, VideoTooLarge, StartNeeded, ValueMisformed
    """
    if named := body.values.get("video[id]"):
        return Beginning(source=named_clip(grant, named, field="video[id]"))
    if upload := body.files.get("video"):
        return Beginning(
            picture=pictures.keep_video(actor=grant.owner, upload=upload, field="video")
        )
    raise StartNeeded(field="video")


def size_like(start: Beginning, entry: Entry) -> str | None:
    """The size of the video to go on from, where *entry* offers it."""
    seen = start.source or start.picture
    size = entry.size(f"{seen.width}x{seen.height}") if seen is not None else None
    return str(size) if size is not None else None


def named_clip(grant: KeyGrant, named: Any, *, field: str) -> Clip:
    """Raises:
    ValueMisformed: no ready clip of the owner's has that id.
    """
    try:
        clip = own_clip(grant, str(named))
    except Http404:
        clip = None
    if clip is None or not clip.is_ready:
        raise ValueMisformed(_("You have no completed video of this id."), field=field)
    return clip


def token_of(request: HttpRequest, grant: KeyGrant, body: Body) -> UUID:
    """Under which token to make what *request* asks for; see ``key_requests``."""
    count = request.headers.get("X-Stainless-Retry-Count", "0")
    return key_requests.token_for(
        key=grant.key,
        name=request.headers.get("Idempotency-Key", ""),
        body=hashlib.sha256(f"{request.path}\n{body.digest}".encode()).hexdigest(),
        is_retry=count.isascii() and count.isdigit() and int(count[:4]) > 0,
    )


def _picture_in(grant: KeyGrant, url: str) -> StartPicture:
    head = _DATA_URL.match(url)
    if head is None:
        # Fetching an address that somebody names would reach into the house's own network.
        raise ValueMisformed(
            _("Send the picture itself, as a file or as a “data:” address."),
            field="input_reference[image_url]",
        )
    try:
        content = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAPicture(field="input_reference[image_url]") from error
    return pictures.keep(actor=grant.owner, upload=SimpleUploadedFile("upload", content))
