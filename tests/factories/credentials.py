"""Real small files and a real authority, for what is signed for good."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from generation.media import store
from generation.media.files import make_files
from generation.models import Clip
from portal.models import Cohort, User
from review.credentials import authority
from tests.factories.generation import make_ready_clip

FPS, FRAMES = 8, 9


@cache
def authority_folder() -> Path:
    """An authority that is made once for all tests of a process; they may not change it."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-authority-"))
    authority.make(folder / "provenance", programme="Spring films")
    return folder / "provenance"


@cache
def _files(seed: int) -> tuple[Mapping[str, Path], str]:
    dice = np.random.default_rng(seed)
    coarse = dice.integers(0, 255, (FRAMES, 6, 8, 3), dtype=np.uint8)
    made = make_files(
        coarse.repeat(8, axis=1).repeat(8, axis=2),
        fps=FPS,
        artist="Ada Okafor",
        short_id="ABCD1234",
        language="en",
        folder=Path(tempfile.mkdtemp(prefix="greenroom-clips-")),
    )
    return made.paths, made.sha256


def make_real_clip(artist: User, cohort: Cohort, *, seed: int = 1, **fields: Any) -> Clip:
    """A finished clip of noise whose files can be played, 64 × 48 pixels."""
    paths, sha256 = _files(seed)
    stored = store.put(media_key=uuid4(), number=1, sha256=sha256, paths=dict(paths))
    names = {field: getattr(stored, field) for field in store.FILE_FIELDS}
    values: dict[str, Any] = {"width": 64, "height": 48, "frames": FRAMES, "fps": FPS, **fields}
    manifest = {"weights_sha256": "5" * 64, "title": "Starter", "seed": 7}
    return make_ready_clip(
        artist=artist,
        cohort=cohort,
        files=False,
        sha256=sha256,
        manifest=manifest,
        **names,
        **values,
    )


_READER = """
import json, sys, c2pa
root, *files = sys.argv[1:]
settings = {"verify": {"verify_trust": True}}
if root:
    settings["trust"] = {"user_anchors": open(root).read()}
answers = []
for path in files:
    form = "image/jpeg" if path.endswith(".jpg") else "video/mp4"
    with c2pa.Context.from_dict(settings) as context, open(path, "rb") as file:
        reader = c2pa.Reader.try_create(form, file, context=context)
        state = reader and reader.get_validation_state()
        answers.append([state, reader and json.loads(reader.json())])
print(json.dumps(answers))
"""


def read_apart(*paths: Path, root: Path | None = None) -> list[tuple[str | None, Any]]:
    """State and store of files as a process reads them that knows nothing of the product."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _READER, str(root or ""), *map(str, paths)],
        cwd="/",
        stdout=subprocess.PIPE,
        check=True,
    )
    return [(state, said) for state, said in json.loads(done.stdout)]
