"""Where a worker puts its temporary files."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from django.conf import settings


def claim(worker: str) -> Path:
    """Make a folder of *worker*'s own this process's place for temporary files, and empty it.

    A process that is killed removes nothing, so frames that nobody has released would stay in the
    system's temporary folder; here the worker that starts in its place finds and removes them.
    Programs that this process starts put theirs there, too.
    """
    folder = Path(settings.VAR_DIR) / "scratch" / re.sub(r"[^\w@-]", "_", worker)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    return folder
