"""What the worker asks of a loaded model, whatever its family. Free of torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from generation.media.frames import ClipFrames

if TYPE_CHECKING:
    from generation.catalogue import Entry

# (frames, height, width, 3), 8 bits a channel, sRGB.
Frames: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One clip to render: width and height in pixels, a seed below 2**32.

    ``picture`` (height, width, 3) and ``source_frames`` are for families that start from one or
    the other; both are fitted to the job's size and length. ``strength`` is how much of the
    source frames is made anew; None for the entry's. ``adapter_key`` names an adapter of the entry,
    or is "".
    """

    prompt: str
    width: int
    height: int
    frames: int
    steps: int
    guidance: float
    seed: int
    fps: int = 16
    picture: NDArray[np.uint8] | None = None
    source_frames: Frames | None = None
    strength: float | None = None
    adapter_key: str = ""
    adapter_weight: float = 1.0


class LoadedModel(ABC):
    """A pipeline on its device.

    Attributes:
        weights_sha256: hex digest of the weights' files, see ``pipelines.weights``.
        device_name: e.g. ``"cpu"`` or ``"cuda:0 (NVIDIA H100)"``.
        scheduler: class name and settings of the noise schedule.
        facts: what else decides about the frames, for the manifest; JSON values only.
        memory_bytes: what the weights take where they are held.
    """

    entry: Entry
    weights_sha256: str
    device_name: str
    scheduler: Mapping[str, Any]
    facts: Mapping[str, Any] = MappingProxyType({})
    memory_bytes: int = 0

    @abstractmethod
    def render(self, job: Job, on_step: Callable[[int], None]) -> ClipFrames:
        """Render *job*; ``on_step(n)`` is called after step *n* (from 1) and may raise to stop.

        The frames may be decoded only while they are read, which raises the same errors; they are
        read before the next job is rendered.

        Raises:
            OutOfMemory: the device's memory did not suffice; the model must be loaded again.
            RenderError: anything else the pipeline refused.
        """

    def render_batch(
        self, jobs: Sequence[Job], on_step: Callable[[int], None]
    ) -> Sequence[ClipFrames]:
        """Render *jobs*, equal but for prompt and seed, in one call; frames in their order.

        Two clips of one call differ by a rounding in a few pixels from what each would be alone.
        Here, for models that cannot: of one job.

        Raises:
            As :meth:`render` does.
        """
        [job] = jobs
        return [self.render(job, on_step)]

    def peak(self, jobs: Sequence[Job]) -> int:
        """Bytes that rendering *jobs* takes at most beside what the model holds.

        Raises:
            As :meth:`render` does.
        """
        raise NotImplementedError

    def free_bytes(self) -> int:
        """Bytes the device has free for a render now."""
        return 0

    @abstractmethod
    def close(self) -> None:
        """Free the device's memory."""
