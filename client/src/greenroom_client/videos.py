"""One video: asked for, watched, fetched."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from openai import OpenAI
from openai.types import Video

from greenroom_client import pace
from greenroom_client.problems import Exit, Problem, in_words
from greenroom_client.words import say

Variant = Literal["video", "preview", "thumbnail", "spritesheet"]
SUFFIXES: dict[str, str] = {
    "video": ".mp4",
    "preview": ".preview.mp4",
    "thumbnail": ".thumbnail.webp",
    "spritesheet": ".spritesheet.webp",
}
POLL_SECONDS = 2.0
_LIVE = frozenset({"queued", "in_progress"})


def create(
    client: OpenAI, *, idempotency_key: str = "", reference: Path | None = None, **wish: Any
) -> Video:
    """Ask for one; the same ``idempotency_key`` is the same video.

    Args:
        wish: ``prompt``, and what is not None of ``model``, ``seconds``, ``size``, ``seed``,
            ``title``.
    """
    said = {name: value for name, value in wish.items() if value not in (None, "")}
    own = {name: said.pop(name) for name in ("seed", "title") if name in said}
    if reference is not None:
        said["input_reference"] = reference
    with in_words():
        return client.videos.create(
            **said,
            extra_body=own or None,
            extra_headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
        )


def look(client: OpenAI, video_id: str) -> tuple[Video, float]:
    """The video, and after how many seconds to look again."""
    with in_words():
        answer = client.videos.with_raw_response.retrieve(
            video_id, extra_headers={"X-Stainless-Poll-Helper": "true"}
        )
        said = answer.headers.get("openai-poll-after-ms", "")
        return answer.parse(), int(said) / 1000 if said.isdigit() else POLL_SECONDS


def watch(client: OpenAI, video_id: str, *, show: Callable[[Video], None]) -> Video:
    """Look until it is completed or failed; ``show`` is told every time."""
    while True:
        video, seconds = look(client, video_id)
        show(video)
        if video.status not in _LIVE:
            return video
        pace.wait(seconds)


def is_live(video: Video) -> bool:
    return video.status in _LIVE


def cancel(client: OpenAI, video_id: str) -> Video:
    with in_words():
        return client.post(f"/videos/{video_id}/cancel", cast_to=Video)


def inner(video: Video, name: str) -> dict[str, Any]:
    """One of the inner objects the SDK does not know: ``queue``, ``review``; or {}."""
    value = (video.model_extra or {}).get(name)
    return value if isinstance(value, dict) else {}


def file_name(video_id: str, variant: str) -> str:
    return f"{video_id}{SUFFIXES[variant]}"


def download(
    client: OpenAI, video_id: str, variant: Variant, target: Path, *, force: bool = False
) -> Path:
    """Stream a video's bytes to *target*; what was there before stays unless told otherwise.

    The bytes go into ``target.part`` first, so *target* is always whole.
    """
    if target.is_dir():
        target = target / file_name(video_id, variant)
    if target.exists() and not force:
        raise Problem(
            say("{path} exists already. --force overwrites it.", path=target), Exit.REFUSED
        )
    part = target.with_name(f"{target.name}.part")
    kind: Any = variant
    try:
        with (
            in_words(),
            client.videos.with_streaming_response.download_content(
                video_id, variant=kind
            ) as answer,
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                for chunk in answer.iter_bytes(1 << 16):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
    except OSError as error:
        part.unlink(missing_ok=True)
        told = say("{path} cannot be written: {why}.", path=target, why=error.strerror)
        raise Problem(told) from error
    except Problem:
        part.unlink(missing_ok=True)
        raise
    except Exception as error:
        # While it streams, the SDK lets through the errors of its transport, whichever that is.
        part.unlink(missing_ok=True)
        raise Problem(say("The connection broke. Try again."), Exit.UNREACHABLE) from error
    except KeyboardInterrupt:
        part.unlink(missing_ok=True)
        raise
    part.replace(target)
    return target
