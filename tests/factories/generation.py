"""Clips in any state, with real small files where the state has files."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from generation.media import store
from generation.models import Clip, GpuAccount, StartPicture
from generation.services.attempts import settings_digest
from generation.states import ClipState
from portal.models import Brief, Cohort, User


def make_clip(
    *,
    artist: User,
    cohort: Cohort,
    prompt: str = "a red boat on the sea at night",
    state: ClipState = ClipState.QUEUED,
    brief: Brief | None = None,
    **fields: Any,
) -> Clip:
    """A clip without files: waiting, running, failed, cancelled or in quarantine."""
    account, _ = GpuAccount.objects.get_or_create(artist=artist, cohort=cohort)
    values: dict[str, Any] = {
        "artist": artist,
        "cohort": cohort,
        "account": account,
        "brief": brief,
        "prompt": prompt,
        "model_key": "starter",
        "width": 128,
        "height": 128,
        "frames": 17,
        "fps": 8,
        "steps": 20,
        "guidance": "3.00",
        "seed": 7,
        "estimate": "8.000",
        "state": state,
        "error_code": _ERROR_OF.get(state, ""),
        **fields,
    }
    clip = Clip.objects.create(**values)
    clip.refresh_from_db()
    return clip


def make_ready_clip(
    *, artist: User, cohort: Cohort, content: bytes = b"", files: bool = True, **fields: Any
) -> Clip:
    """A finished clip; *content* is its original's bytes (unique ones when not given).

    Without *files* the row names files that do not exist, which is quicker.
    """
    key = uuid.uuid4()
    content = content or b"mp4 " + key.bytes
    sha256 = hashlib.sha256(content).hexdigest()
    names = {
        name: f"{store.folder_of(key)}/{name}-1-{sha256[:16]}{_suffix(name)}"
        for name in store.FILE_FIELDS
    }
    if files:
        for field, name in names.items():
            body = content if field == "original" else field.encode() + b" of " + key.bytes
            default_storage.save(name, ContentFile(body))
    now = timezone.now()
    values: dict[str, Any] = {
        "manifest": {"weights_sha256": "0" * 64, "seed": 7},
        "sha256": sha256,
        "settings_sha256": "pending",
        "gpu_seconds": "7.500",
        "step": 20,
        "started_at": now,
        "finished_at": now,
        **names,
        **fields,
    }
    # The digest speaks of the finished row, so it is computed from an unsaved twin.
    twin = Clip(
        **{
            "prompt": "a red boat on the sea at night",
            "model_key": "starter",
            "width": 128,
            "height": 128,
            "frames": 17,
            "fps": 8,
            "steps": 20,
            "seed": 7,
            "manifest": values["manifest"],
            **{key: fields[key] for key in _SETTINGS & fields.keys()},
            "guidance": float(fields.get("guidance", 3)),
        }
    )
    values["settings_sha256"] = settings_digest(twin)
    return make_clip(artist=artist, cohort=cohort, state=ClipState.READY, **values)


def make_start_picture(artist: User, *, shade: int = 0) -> StartPicture:
    """A picture that *artist* brought, of one colour; another *shade* is another picture."""
    out = io.BytesIO()
    Image.new("RGB", (12, 8), (shade, 0, 0)).save(out, "PNG")
    content = out.getvalue()
    return StartPicture.objects.create(
        artist=artist,
        sha256=hashlib.sha256(content).hexdigest(),
        width=12,
        height=8,
        file=default_storage.save(f"pictures/{uuid.uuid4().hex}.png", ContentFile(content)),
    )


def remove_files(clips: Iterable[Clip]) -> None:
    for clip in clips:
        store.remove(store.names_of(clip))


_ERROR_OF = {ClipState.FAILED: "render_failed", ClipState.QUARANTINED: "quarantined"}
_SETTINGS = {"prompt", "model_key", "width", "height", "frames", "fps", "steps", "seed"}


def _suffix(field: str) -> str:
    return ".mp4" if field in {"original", "preview"} else ".jpg"
