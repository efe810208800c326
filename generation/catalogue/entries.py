"""Catalogue entries. Free of torch: the web process reads them too."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language

from generation.catalogue.adapters import SHA256, Adapter, Bounds, read_adapters, read_bounds
from generation.catalogue.families import FAMILIES, Family
from generation.catalogue.reading import Table
from generation.catalogue.runtime import Runtime, read_runtime
from generation.errors import CatalogueInvalid, ModelNotOffered

if TYPE_CHECKING:
    from portal.models import Cohort, User

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_KEY = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")


@dataclass(frozen=True, order=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def title(self) -> str:
        return f"{self.width} × {self.height}"


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Where the weights are: a local folder, or a hub id with a pinned commit.

    ``sha256`` (optional) is what :func:`generation.pipelines.weights.digest` must answer.
    """

    folder: Path | None
    hub: str
    revision: str
    sha256: str
    imports: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model on offer. Sizes in pixels, ``lengths`` in frames at ``fps`` per second.

    ``gpu_seconds`` is the estimate for the first size and length at the default steps; others
    scale with pixels × frames × steps. ``strength`` is how much of a video that a clip starts from
    is made anew, from 0 to 1. ``vocabulary`` names a module that can say what the model
    knows, or is "".
    """

    key: str
    title: str
    about: Mapping[str, str]
    enabled: bool
    pipeline: str
    weights: Weights
    runtime: Runtime
    sizes: tuple[Size, ...]
    lengths: tuple[int, ...]
    fps: int
    steps: Bounds
    guidance: Bounds
    negative_prompt: str
    strength: Decimal
    max_sequence_length: int
    prompt_max_chars: int
    vocabulary: str
    image_input: str
    gpu_seconds: Decimal
    adapters: tuple[Adapter, ...]
    path: Path = field(compare=False)

    @property
    def description(self) -> str:
        """In the language of the current request, else English."""
        return self.about.get((get_language() or "en")[:2], self.about["en"])

    @property
    def needs_start(self) -> bool:
        """Whether a clip of this model starts from another clip or a picture."""
        return self.image_input != "none"

    @property
    def takes_picture(self) -> bool:
        """Whether it starts from one picture: a clip's last frame, or one that was brought."""
        return self.image_input == "picture"

    def adapter(self, key: str) -> Adapter | None:
        return next((adapter for adapter in self.adapters if adapter.key == key), None)

    def size(self, text: str) -> Size | None:
        return next((size for size in self.sizes if str(size) == text), None)

    def estimate(self, size: Size, frames: int, steps: int) -> Decimal:
        """GPU seconds one clip is expected to take."""
        asked = size.width * size.height * frames * steps
        base = self.sizes[0].width * self.sizes[0].height * self.lengths[0]
        return (self.gpu_seconds * asked / (base * self.steps.default)).quantize(Decimal("0.001"))


def _sizes(table: Table, family: Family) -> tuple[Size, ...]:
    crop = table.flag("crop", False)
    sizes = []
    for text in table.texts("sizes"):
        match = _SIZE.fullmatch(text)
        if not match:
            table.refuse("sizes", f'holds {text!r}; say sizes like "832x480"')
        size = Size(int(match[1]), int(match[2]))
        if not crop and family.rendered(size.width, size.height) != (size.width, size.height):
            table.refuse(
                "sizes",
                f"holds {text}; both sides must be multiples of {family.size_multiple}, "
                "or say crop = true",
            )
        sizes.append(size)
    if not sizes:
        table.refuse("sizes", "is empty")
    return tuple(sizes)


def _weights(table: Table) -> Weights:
    folder = table.text("folder", "")
    hub = table.text("hub", "")
    revision = table.text("revision", "")
    sha256 = table.text("sha256", "")
    if bool(folder) == bool(hub):
        table.refuse("folder", "say either folder or hub, not both and not neither")
    if hub and not _COMMIT.fullmatch(revision):
        table.refuse("revision", "must pin the hub's weights by a commit of 40 hex digits")
    if sha256 and not SHA256.fullmatch(sha256):
        table.refuse("sha256", "must be 64 hex digits")
    weights = Weights(
        folder=settings.BASE_DIR / folder if folder else None,
        hub=hub,
        revision=revision,
        sha256=sha256,
        imports=table.texts("imports", ()),
    )
    table.done()
    return weights


def read_entry(path: Path) -> Entry:
    """The entry in *path*; its key is the file's name without ``.toml``.

    Raises:
        CatalogueInvalid: naming the file and the field.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueInvalid(f"{path}: is not TOML: {error}") from error
    table = Table(values, path)
    if not _KEY.fullmatch(path.stem):
        table.refuse("key", "the file's name may hold a–z, 0–9, dots and hyphens")
    name = table.one_of("pipeline", tuple(FAMILIES))
    family = FAMILIES[name]
    about = table.table("about")
    video, sampling, prompt = (table.table(key) for key in ("video", "sampling", "prompt"))
    lengths = video.integers("lengths")
    for frames in lengths:
        if not family.frames_fit(frames):
            video.refuse("lengths", f"holds {frames}; say 1 + a multiple of {family.frames_step}")
    negative_prompt = sampling.text("negative_prompt", "")
    if negative_prompt and not family.negative_prompt:
        sampling.refuse("negative_prompt", f"{name} takes none")
    strength = sampling.number("strength", least="0.05", most="1", default="0.8")
    runtime = table.table("runtime", required=False)
    made = Entry(
        key=path.stem,
        title=table.text("title"),
        about={"en": about.text("en"), "fr": about.text("fr")},
        enabled=table.flag("enabled"),
        pipeline=name,
        weights=_weights(table.table("weights")),
        runtime=read_runtime(runtime),
        sizes=_sizes(video, family),
        lengths=lengths,
        fps=video.integer("fps", least=1, most=120),
        steps=read_bounds(sampling, "steps", "1", "1000"),
        guidance=read_bounds(sampling, "guidance", "0", "100"),
        negative_prompt=negative_prompt,
        strength=strength,
        max_sequence_length=prompt.integer("max_sequence_length", least=1, most=4096),
        prompt_max_chars=prompt.integer("max_chars", least=1, most=2000),
        vocabulary=prompt.text("vocabulary", ""),
        image_input=table.one_of("image_input", (family.image_input,), family.image_input),
        gpu_seconds=table.number("gpu_seconds", least="0.001", most="86400"),
        adapters=read_adapters(table),
        path=path,
    )
    if made.runtime.max_batch > 1 and not family.batches:
        runtime.refuse("max_batch", f"{name} renders one clip a call")
    for part in (about, video, sampling, prompt, table):
        part.done()
    return made


@functools.cache
def _read_folder(name: str | Path) -> Mapping[str, Entry]:
    folder = Path(name)
    if not folder.is_dir():
        raise CatalogueInvalid(f"{folder}: there is no such folder (GREENROOM_CATALOGUE)")
    return {path.stem: read_entry(path) for path in sorted(folder.glob("*.toml"))}


def every_entry() -> Mapping[str, Entry]:
    """Every entry, enabled or not, by key.

    Raises:
        CatalogueInvalid: when any of them is wrong.
    """
    return _read_folder(settings.GENERATION_CATALOGUE)


def catalogue() -> Mapping[str, Entry]:
    """Every entry that is enabled, by key.

    Raises:
        CatalogueInvalid: when any entry, enabled or not, is wrong.
    """
    return {key: entry for key, entry in every_entry().items() if entry.enabled}


def entry(key: str) -> Entry:
    """Raises:
    ModelNotOffered: when no enabled entry has this key.
    """
    try:
        return catalogue()[key]
    except KeyError:
        raise ModelNotOffered(field="model_key") from None


def offered(cohort: Cohort) -> list[Entry]:
    """What *cohort* may use now, in the order the programme chose."""
    known = catalogue()
    return [known[key] for key in cohort.models_on_offer if key in known]


def adapters_for(entry: Entry, artist: User, cohort: Cohort) -> list[Adapter]:
    """The adapters of *entry* that *artist* may use in *cohort*."""
    return [adapter for adapter in entry.adapters if adapter.is_for(artist, cohort)]


def model_choices() -> Sequence[tuple[str, str]]:
    return [(made.key, made.title) for made in catalogue().values()]
