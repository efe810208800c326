"""``/v1/videos``: the same services as the studio's, in the form the OpenAI SDK speaks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel

from generation.api.asking import (
    Beginning,
    Create,
    Remix,
    beginning_of,
    entry_named,
    frames_for,
    own_clip,
    own_clips,
    size_like,
    token_of,
    video_in,
)
from generation.api.payloads import (
    Video,
    VideoDeleted,
    VideoPage,
    clip_id_of,
    videos_of,
)
from generation.catalogue import Entry
from generation.errors import CharactersNotOffered, VideoInProgress
from generation.models import Clip
from generation.names import video_id
from generation.services import clips, create
from portal.api.auth import grant_of
from portal.api.bodies import Body, body_of
from portal.api.errors import REFUSALS
from portal.errors import ValueMisformed
from portal.services.key_use import KeyGrant
from portal.states import Scope

router = Router()

_FILE = {"type": "string", "format": "binary"}
# How long a program that polls waits between two looks, in milliseconds.
POLL_LEAST, POLL_MOST = 500, 10_000


def _takes(model: type[BaseModel], **more: Any) -> dict[str, Any]:
    """What the schema says of an operation's body: the same fields in each form."""
    schema = model.model_json_schema()
    form = schema | {"properties": {**schema["properties"], **more}}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "application/json": {"schema": schema},
            },
        }
    }


@router.post(
    "",
    response={200: Video, **REFUSALS},
    operation_id="createVideo",
    summary="Ask for a video",
    url_name="videos",
    openapi_extra=_takes(Create, input_reference=_FILE),
)
def create_video(request: HttpRequest) -> Video:
    """Queues a clip and reserves its GPU seconds. Repeating the request repeats the answer."""
    grant = _may(request, Scope.CLIPS_WRITE)
    body = body_of(request, most=_most_bytes())
    asked = body.read(Create)
    start = beginning_of(grant, body)
    moves = start.source is not None or (start.picture is not None and start.picture.video)
    needs = ("picture", "video") if moves else ("picture",) if start.picture else ("none",)
    entry = entry_named(grant.cohort, asked.model, needs=needs)
    return _made(request, grant, body, asked, entry, start)


@router.get(
    "",
    response={200: VideoPage, **REFUSALS},
    operation_id="listVideos",
    summary="Your videos",
    url_name="videos",
)
def list_videos(
    request: HttpRequest,
    after: str | None = None,
    limit: Annotated[int, Query(ge=0, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
) -> VideoPage:
    """Those of the key's cohort, by when they were asked for, the newest first."""
    grant = _may(request, Scope.CLIPS_READ)
    mine = own_clips(grant.owner, grant.cohort)
    newest_first = order == "desc"
    if after:
        mine = mine.filter(_behind(_last_seen(grant, after), newest_first=newest_first))
    ways = ("-created_at", "-id") if newest_first else ("created_at", "id")
    found = list(mine.order_by(*ways)[: limit + 1]) if limit else []
    data = videos_of(found[:limit], grant.owner)
    return VideoPage(
        object="list",
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=len(found) > limit,
    )


@router.post(
    "/edits",
    response={200: Video, **REFUSALS},
    operation_id="editVideo",
    summary="Make a video anew from one of yours",
    url_name="video_edits",
    openapi_extra=_takes(Create, video=_FILE, **{"video[id]": {"type": "string"}}),
)
def edit_video(request: HttpRequest) -> Video:
    """With a model that starts from all frames of a video: a file, or yours by ``video[id]``."""
    return _from_video(request, needs="video", extend=False)


@router.post(
    "/extensions",
    response={200: Video, **REFUSALS},
    operation_id="extendVideo",
    summary="A video with a new part behind it",
    url_name="video_extensions",
    openapi_extra=_takes(Create, video=_FILE, **{"video[id]": {"type": "string"}}),
)
def extend_video(request: HttpRequest) -> Video:
    """The answer is the video and the new part in one file; ``seconds`` asks for the new part."""
    return _from_video(request, needs="picture", extend=True)


@router.post(
    "/characters",
    response={**REFUSALS},
    operation_id="createCharacter",
    summary="Characters, which no model on offer knows",
    url_name="video_characters",
)
def create_character(request: HttpRequest) -> None:
    _may(request, Scope.CLIPS_WRITE)
    raise CharactersNotOffered


@router.get(
    "/characters/{character_id}",
    response={**REFUSALS},
    operation_id="retrieveCharacter",
    summary="Characters, which no model on offer knows",
    url_name="video_character",
)
def retrieve_character(request: HttpRequest, character_id: str) -> None:
    _may(request, Scope.CLIPS_READ)
    raise Http404


@router.get(
    "/{video}",
    response={200: Video, **REFUSALS},
    operation_id="retrieveVideo",
    summary="One video",
    url_name="video",
)
def retrieve_video(request: HttpRequest, response: HttpResponse, video: str) -> Video:
    grant = _may(request, Scope.CLIPS_READ)
    clip = own_clip(grant, video)
    made = _shown(grant, clip)
    if request.headers.get("X-Stainless-Poll-Helper") == "true":
        left = made.queue.seconds if made.queue is not None else None
        wait = POLL_LEAST if left is None else left * 250
        response["openai-poll-after-ms"] = str(min(max(wait, POLL_LEAST), POLL_MOST))
    return made


@router.delete(
    "/{video}",
    response={200: VideoDeleted, **REFUSALS},
    operation_id="deleteVideo",
    summary="Remove a finished video",
    url_name="video",
)
def delete_video(request: HttpRequest, video: str) -> VideoDeleted:
    grant = _may(request, Scope.CLIPS_WRITE)
    clip = own_clip(grant, video)
    if clip.is_live:
        raise VideoInProgress
    clips.delete(actor=grant.owner, clip=clip)
    return VideoDeleted(id=video_id(clip.pk), object="video.deleted", deleted=True)


@router.post(
    "/{video}/remix",
    response={200: Video, **REFUSALS},
    operation_id="remixVideo",
    summary="The same seed and settings with another prompt",
    url_name="video_remix",
    openapi_extra=_takes(Remix),
)
def remix_video(request: HttpRequest, video: str) -> Video:
    grant = _may(request, Scope.CLIPS_WRITE)
    clip = own_clip(grant, video)
    body = body_of(request)
    asked = body.read(Remix)
    [made] = create.remix(
        actor=grant.owner,
        clip=clip,
        prompt=asked.prompt,
        seed=asked.seed,
        request_id=token_of(request, grant, body),
        access_key=grant.key,
    )
    return _shown(grant, made, patient=True)


@router.post(
    "/{video}/cancel",
    response={200: Video, **REFUSALS},
    operation_id="cancelVideo",
    summary="Stop a video that waits or renders",
    url_name="video_cancel",
)
def cancel_video(request: HttpRequest, video: str) -> Video:
    grant = _may(request, Scope.CLIPS_WRITE)
    clip = clips.cancel(actor=grant.owner, clip=own_clip(grant, video))
    return _shown(grant, clip)


def _may(request: HttpRequest, scope: Scope) -> KeyGrant:
    grant = grant_of(request)
    grant.require(scope)
    return grant


def _most_bytes() -> int:
    """The largest video file that is taken, and the form around it."""
    return (settings.GENERATION_VIDEO_UPLOAD_MB + 1) * 2**20


def _from_video(request: HttpRequest, *, needs: str, extend: bool) -> Video:
    grant = _may(request, Scope.CLIPS_WRITE)
    body = body_of(request, most=_most_bytes())
    asked = body.read(Create)
    # Before the video is read: whether anything can be made of it.
    entry = entry_named(grant.cohort, asked.model, needs=(needs,), strictly=True)
    start = video_in(grant, body)
    if extend and not asked.size:
        asked = asked.model_copy(update={"size": size_like(start, entry)})
    return _made(request, grant, body, asked, entry, start, extend=extend)


def _made(
    request: HttpRequest,
    grant: KeyGrant,
    body: Body,
    asked: Create,
    entry: Entry,
    start: Beginning,
    *,
    extend: bool = False,
) -> Video:
    [clip] = create.create_clips(
        actor=grant.owner,
        cohort=grant.cohort,
        prompt=asked.prompt,
        model_key=entry.key,
        size=asked.size or str(entry.sizes[0]),
        frames=frames_for(entry, asked.seconds),
        request_id=token_of(request, grant, body),
        seed=asked.seed,
        title=asked.title,
        steps=asked.steps,
        guidance=asked.guidance,
        strength=asked.strength,
        source=start.source,
        start_picture=start.picture,
        extend=extend,
        access_key=grant.key,
    )
    return _shown(grant, clip, patient=True)


def _shown(grant: KeyGrant, clip: Clip, *, patient: bool = False) -> Video:
    return videos_of([clip], grant.owner, patient=patient)[0]


def _last_seen(grant: KeyGrant, text: str) -> Clip:
    """What the page before ended with; it may have been deleted since."""
    try:
        found = Clip.objects.filter(
            pk=clip_id_of(text), artist=grant.owner, cohort=grant.cohort
        ).first()
    except Http404:
        found = None
    if found is None:
        raise ValueMisformed(_("There is no video of this id."), field="after")
    return found


def _behind(last: Clip, *, newest_first: bool) -> Q:
    way = "lt" if newest_first else "gt"
    return Q(**{f"created_at__{way}": last.created_at}) | Q(
        created_at=last.created_at, **{f"id__{way}": last.pk}
    )
