"""Every setting stands in docs/reference/settings.md, and nothing that is none."""

from __future__ import annotations

import re

from portal.config.env import BASE_DIR
from tests.house.source import APPS, modules

# Names that parts of Greenroom pass to each other; no operator sets them.
_INTERNAL = frozenset(
    {
        "GREENROOM_AS_OWNER",
        "GREENROOM_GPU_WORKER",
        "GREENROOM_KEEPER_PASSWORD",
        "GREENROOM_LISTEN_FD",
        "GREENROOM_OWNER_PASSWORD",
        "GREENROOM_POSTGRES_PASSWORD",
        "GREENROOM_READY_FILE",
        "GREENROOM_REDIS_PASSWORD",
        "GREENROOM_STARTED_FILE",
        "GREENROOM_TESTING",
        "GREENROOM_TOOL",
    }
)
_NAME = re.compile(r"\bGREENROOM_[A-Z][A-Z_]*[A-Z]\b|\bDATABASE_URL\b|\bREDIS_URL\b")


def test_settings_and_their_page_agree() -> None:
    sources = [*modules(*APPS), BASE_DIR / "manage.py", *(BASE_DIR / ".ci").iterdir()]
    used = {name for path in sources for name in _NAME.findall(path.read_text())}
    page = (BASE_DIR / "docs" / "reference" / "settings.md").read_text()
    documented = set(_NAME.findall(page))
    assert documented == used - _INTERNAL
