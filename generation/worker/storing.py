"""From the frames of one clip to a finished one."""

from __future__ import annotations

import logging
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generation.errors import EncodingFailed, LeaseLost
from generation.media import store
from generation.media.files import make_files
from generation.media.frames import FramesDigest, FrameStream
from generation.queries import has_finished
from generation.services import attempts
from generation.worker.lead import with_lead
from generation.worker.manifest import manifest_of
from generation.worker.pulse import watched
from generation.worker.stop import Reason, StopRender
from generation.worker.telling import tell

if TYPE_CHECKING:
    import threading

    from generation.media.frames import ClipFrames
    from generation.pipelines.base import LoadedModel
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
    frames: ClipFrames
    share: Decimal
    batch: dict[str, Any] | None


def keep(
    made: Made, model: LoadedModel, pulse: Pulse, *, worker: str, stopping: threading.Event
) -> None:
    """Decode, encode, store and finish a clip.

    Raises:
        StopRender: when it was cancelled, its lease is lost or the worker is to stop.
        LeaseLost: when that is found out at the last write; the files are removed again.
        EncodingFailed: when the files cannot be made or stored.
        InputMissing: when what an extension extends went meanwhile.
    """
    lease, clip = made.lease, made.lease.clip
    began = time.monotonic()

    def begins() -> None:
        # Encoding once more what an extension extends is not charged.
        nonlocal began
        began = time.monotonic()

    def look() -> None:
        pulse.look(lease.token)
        if stopping.is_set():
            raise StopRender(Reason.SHUTDOWN)

    frames = with_lead(clip, made.frames, begins=begins)
    limit = float(model.entry.runtime.step_seconds)
    digest = FramesDigest(frames.shape)
    read = digest.reading(watched(frames, pulse, limit=limit, look=look))
    with tempfile.TemporaryDirectory(prefix="greenroom-clip-") as folder:
        try:
            files_made = make_files(
                FrameStream(frames.shape, read),
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
        clip,
        model,
        frames_sha256=digest.hexdigest(),
        worker=worker,
        number=lease.number,
        batch=made.batch,
    )
    took = made.share + Decimal(str(round(time.monotonic() - began, 3)))
    try:
        tell(
            pulse,
            lambda: attempts.finish(
                token=lease.token, files=files, manifest=manifest, gpu_seconds=took
            ),
        )
    except BaseException:
        _take_back_files(lease, pulse)
        raise
    log.info("clip %s try %d: ready after %.1f s", clip.pk, lease.number, took)


def _take_back_files(lease: Lease, pulse: Pulse) -> None:
    """Remove what was stored, unless the clip became ready and only the answer was lost.

    When the database cannot be asked they stay: whoever ends the lost attempt removes them.
    """
    with suppress(LeaseLost):
        if not tell(pulse, lambda: has_finished(lease.token)):
            store.remove_folder(lease.media_key)
