"""The web process never loads torch, diffusers or transformers: it must stay small and quick."""

from __future__ import annotations

import os
import subprocess
import sys

from portal.config.env import BASE_DIR

_SCRIPT = """
import sys
import portal.config.wsgi
from django.urls import get_resolver

def walk(patterns):
    for pattern in patterns:
        walk(getattr(pattern, "url_patterns", ()))

walk(get_resolver().url_patterns)
heavy = {"torch", "diffusers", "transformers", "accelerate"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or 0)
"""


def test_the_web_process_loads_no_torch() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        cwd=BASE_DIR,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
