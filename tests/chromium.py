"""The Chromium of this machine, for browser tests."""

from __future__ import annotations

import os
import shutil

import pytest


def executable() -> str:
    """Path of Debian's Chromium, or of the one that GREENROOM_CHROMIUM names.

    Without one the test is skipped, except in CI, where it fails.
    """
    named = os.environ.get("GREENROOM_CHROMIUM") or "chromium"
    if found := shutil.which(named):
        return found
    why = "there is no Chromium (sudo apt-get install chromium, or set GREENROOM_CHROMIUM)"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
