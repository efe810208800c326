"""How the API shows clips and models. What the SDK does not know rides along as extra keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.http import Http404
from ninja import Schema

from generation.names import PREFIX, video_id
from generation.states import LIVE, ClipState, Lineage
from generation.waiting import OnItsWay, on_their_way
from portal import registry

if TYPE_CHECKING:
    from generation.catalogue import Entry
    from generation.models import Clip
    from portal.models import User
    from portal.registry import Fact

Status = Literal["queued", "in_progress", "completed", "failed"]

_STATUS: dict[ClipState, Status] = {
    ClipState.QUEUED: "queued",
    ClipState.LOADING: "in_progress",
    ClipState.RENDERING: "in_progress",
    ClipState.ENCODING: "in_progress",
    ClipState.READY: "completed",
    ClipState.FAILED: "failed",
    ClipState.CANCELLED: "failed",
    # Staff may yet let it render.
    ClipState.QUARANTINED: "queued",
}


class VideoError(Schema):
    code: str
    message: str


class Review(Schema):
    """Where the clip stands with the reviewers; moments are Unix seconds.

    ``appeal`` is empty, or how the artist's appeal stands: ``open`` (``due_at`` is then its own),
    ``upheld``, ``overturned`` or ``withdrawn``.
    """

    state: str
    due_at: int | None
    decided_at: int | None
    reason: str
    note: str
    appeal: str


class Queue(Schema):
    """``position`` counts the clips before it; ``seconds`` until it is ready, as far as known."""

    position: int | None
    seconds: int | None
    why: str


class Video(Schema):
    """One clip. ``seconds`` from the first to the last frame; moments are Unix seconds."""

    id: str
    object: Literal["video"]
    model: str
    status: Status
    progress: int
    created_at: int
    completed_at: int | None
    expires_at: int | None
    prompt: str | None
    size: str
    seconds: str
    remixed_from_video_id: str | None
    error: VideoError | None
    seed: int
    gpu_seconds: float | None
    review: Review | None
    queue: Queue | None
    manifest: dict[str, Any] | None


class VideoPage(Schema):
    object: Literal["list"]
    data: list[Video]
    first_id: str | None
    last_id: str | None
    has_more: bool


class VideoDeleted(Schema):
    id: str
    object: Literal["video.deleted"]
    deleted: bool


class Model(Schema):
    """One model on offer. ``input`` is what a video of it starts from."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    title: str
    description: str
    sizes: list[str]
    seconds: list[str]
    input: Literal["none", "picture", "video"]


class ModelPage(Schema):
    object: Literal["list"]
    data: list[Model]


def clip_id_of(text: str) -> UUID:
    """The clip that *text* names, with or without the prefix.

    Raises:
        Http404: it names none.
    """
    try:
        return UUID(text.removeprefix(PREFIX))
    except ValueError as error:
        raise Http404 from error


def seconds_of(frames: int, fps: int) -> str:
    """Seconds from the first frame to the last, e.g. ``"5"`` or ``"2.04"``."""
    return f"{(Decimal(frames - 1) / fps).quantize(Decimal('0.01')):f}".rstrip("0").rstrip(".")


def videos_of(clips: Sequence[Clip], viewer: User, *, patient: bool = False) -> list[Video]:
    """*clips* as *viewer* sees them; the same few queries for one and for a hundred.

    With *patient* the place in the queue may not be known yet: many are made in one second, and
    foreseeing the queue costs more than making one.
    """
    moving = on_their_way(clips, patient=patient)
    # Nothing is said about what was never finished.
    facts = registry.clip_facts([clip for clip in clips if clip.is_ready], viewer)
    return [_video(clip, moving.get(clip.pk), facts.get(clip.pk, ())) for clip in clips]


def model_of(entry: Entry) -> Model:
    return Model(
        id=entry.key,
        object="model",
        created=0,
        owned_by="greenroom",
        title=entry.title,
        description=entry.description,
        sizes=[str(size) for size in entry.sizes],
        seconds=[seconds_of(frames, entry.fps) for frames in entry.lengths],
        input="video"
        if entry.image_input == "video"
        else "picture"
        if entry.takes_picture
        else "none",
    )


def _video(clip: Clip, moving: OnItsWay | None, facts: Sequence[Fact]) -> Video:
    state = ClipState(clip.state)
    is_ready = state == ClipState.READY
    return Video(
        id=video_id(clip.pk),
        object="video",
        model=clip.model_key,
        status=_STATUS[state],
        progress=100 if is_ready else (moving.percent or 0) if moving is not None else 0,
        created_at=_moment(clip.created_at) or 0,
        completed_at=_moment(clip.finished_at) if is_ready else None,
        expires_at=None,
        prompt=clip.prompt,
        size=f"{clip.width}x{clip.height}",
        seconds=seconds_of(clip.file_frames, clip.fps),
        remixed_from_video_id=video_id(clip.source_id)
        if clip.lineage == Lineage.REMIX and clip.source_id is not None
        else None,
        error=_error(clip, state),
        seed=clip.seed,
        gpu_seconds=float(clip.gpu_seconds) if clip.gpu_seconds is not None else None,
        review=_review(facts),
        queue=_queue(clip, state, moving),
        manifest=clip.manifest if is_ready else None,
    )


def _moment(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _error(clip: Clip, state: ClipState) -> VideoError | None:
    if state == ClipState.CANCELLED and not clip.error_code:
        return VideoError(code="cancelled", message=str(state.label))
    if state in {ClipState.FAILED, ClipState.CANCELLED}:
        return VideoError(code=clip.error_code, message=str(clip.error_text))
    return None


def _review(facts: Sequence[Fact]) -> Review | None:
    if not facts:
        return None
    fact = facts[0]
    return Review(
        state=fact.state,
        due_at=_moment(fact.due),
        decided_at=_moment(fact.decided_at),
        reason=fact.reason,
        note=fact.note,
        appeal=fact.appeal,
    )


def _queue(clip: Clip, state: ClipState, moving: OnItsWay | None) -> Queue | None:
    if state == ClipState.QUARANTINED:
        return Queue(position=None, seconds=None, why=str(clip.error_text))
    if state not in LIVE or moving is None:
        return None
    told = moving.data()
    ahead, progress = told["queue"], told["progress"]
    seconds = progress["seconds_left"] if progress else ahead["seconds"] if ahead else None
    return Queue(
        position=ahead["before"] if ahead else None,
        seconds=None if seconds is None else round(seconds),
        why=moving.hint,
    )
