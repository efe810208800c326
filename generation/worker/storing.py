"""From the frames of one clip to a finished one."""

from __future__ import annotations

import logging
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generation.errors import EncodingFailed
from generation.media import store
from generation.media.files import make_files
from generation.services import attempts
from generation.worker.manifest import manifest_of
from generation.worker.telling import tell

if TYPE_CHECKING:
    from generation.pipelines.base import Frames, LoadedModel
    from generation.services.attempts import Lease
    from generation.worker.pulse import Pulse

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A rendered clip before it has files.

    ``share`` is what it took of the call's GPU seconds; ``batch`` what the manifest says of the
    call, None for a clip that had it to itself.
    """

    lease: Lease
    frames: Frames
    share: Decimal
    batch: dict[str, Any] | None


def keep(made: Made, model: LoadedModel, pulse: Pulse, *, worker: str) -> None:
    """Encode, store and finish a clip.

    Raises:
        StopRender: when it was cancelled or its lease is lost.
        LeaseLost: when that is found out at the last write; the files are removed again.
        EncodingFailed: when the files cannot be made or stored.
    """
    lease, frames = made.lease, made.frames
    clip = lease.clip
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="greenroom-clip-") as folder:
        pulse.look(lease.token)
        try:
            files_made = make_files(
                frames,
                fps=clip.fps,
                artist=clip.artist.name,
                short_id=clip.short_id,
                language=clip.artist.language,
                folder=Path(folder),
            )
            pulse.look(lease.token)
            files = store.put(
                media_key=lease.media_key,
                number=lease.number,
                sha256=files_made.sha256,
                paths=files_made.paths,
            )
        except (OSError, ValueError) as error:
            raise EncodingFailed from error
    manifest = manifest_of(
        clip, model, frames, worker=worker, number=lease.number, batch=made.batch
    )
    took = made.share + Decimal(str(round(time.monotonic() - began, 3)))
    stored = False
    try:
        tell(
            pulse,
            lambda: attempts.finish(
                token=lease.token, files=files, manifest=manifest, gpu_seconds=took
            ),
        )
        stored = True
    finally:
        if not stored:
            store.remove_folder(lease.media_key)
    log.info("clip %s try %d: ready after %.1f s", clip.pk, lease.number, took)
