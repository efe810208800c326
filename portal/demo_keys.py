"""The demo artist's access key in the clear, so that scripts can read it from ``demo.json``.

Keys are hashed at rest, so what a script is to find at the next start must be kept beside the
database. The demo answers on loopback, and the file is its owner's alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from portal import keys


def read(var: Path) -> dict[str, str]:
    """Keys by role, as the last seeding left them; whether they still work is not said."""
    try:
        found = json.loads(_file(var).read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        role: key for role, key in found.items() if isinstance(key, str) and keys.checksum_ok(key)
    }


def write(var: Path, by_role: Mapping[str, str]) -> None:
    path = _file(var)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(dict(by_role)) + "\n")
    draft.replace(path)


def _file(var: Path) -> Path:
    return var / "ready" / "demo-keys.json"
