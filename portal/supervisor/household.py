"""Secrets and addresses of one `var/`, kept in ``greenroom.env`` (mode 0600)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.config.env import OF_THE_OWNER, read_env_file
from portal.supervisor.errors import CannotStart

_SECRETS = {
    "GREENROOM_SECRET_KEY": 48,
    "GREENROOM_KEEPER_PASSWORD": 24,
    "GREENROOM_OWNER_PASSWORD": 24,
    "GREENROOM_POSTGRES_PASSWORD": 24,
    "GREENROOM_REDIS_PASSWORD": 24,
}
_HEAD = (
    "# Written by `manage.py up` at each start, read by every command on this machine.\n"
    "# Keep it: without GREENROOM_SECRET_KEY and the passwords the data here cannot be used.\n"
)


@dataclass(frozen=True)
class Household:
    """What the operator gave and what the folder remembers.

    Attributes:
        var: the folder.
        outside: the environment as the operator gave it.
        remembered: the contents of ``greenroom.env``.
        new: True when this folder had no secrets yet.
    """

    var: Path
    outside: Mapping[str, str]
    remembered: Mapping[str, str]
    new: bool

    @classmethod
    def open(cls, var: Path, outside: Mapping[str, str]) -> Household:
        """Read the folder's file, adding the secrets it lacks."""
        known = read_env_file(var / "greenroom.env")
        new = "GREENROOM_SECRET_KEY" not in known
        for name, length in _SECRETS.items():
            if name not in known:
                known[name] = secrets.token_urlsafe(length)
        return cls(var=var, outside=outside, remembered=known, new=new)

    def secret(self, name: str) -> str:
        return self.remembered[name]

    def given(self, name: str) -> str:
        """What the operator set in the environment, or ""."""
        return self.outside.get(name, "").strip()

    def demo(self) -> bool:
        """Whether this is a demo: as it was made, by default yes.

        Raises:
            CannotStart: when the operator now says otherwise. The demo's people have known
                passwords, and real people must not become open to a click.
        """
        said, was = self.given("GREENROOM_DEMO"), self.remembered.get("GREENROOM_DEMO", "")
        wanted = (said or was or "1").lower() not in {"0", "false", "no", "off"}
        if said and was and wanted != (was == "1"):
            kind = "a demo" if was == "1" else "real people's data, no demo"
            raise CannotStart(
                f"{self.var} holds {kind}, but GREENROOM_DEMO={said} asks for the other.",
                hint="Choose another folder with GREENROOM_VAR.",
            )
        return wanted

    def keep(self, effective: Mapping[str, str]) -> None:
        """Write the file; lines that the operator added stay."""
        content = {**self.remembered, **effective}
        text = _HEAD + "".join(f"{name}={value}\n" for name, value in content.items())
        target = self.var / "greenroom.env"
        draft = target.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.chmod(0o600)
        draft.write_text(text)
        draft.replace(target)

    def environment(self, effective: Mapping[str, str]) -> dict[str, str]:
        """The environment of every part, without what only the database's owner knows."""
        given = {**self.outside, **effective}
        withheld = {"GREENROOM_TOOL", *OF_THE_OWNER}
        return {
            **{name: value for name, value in given.items() if name not in withheld},
            "GREENROOM_SECRET_KEY": self.given("GREENROOM_SECRET_KEY")
            or self.secret("GREENROOM_SECRET_KEY"),
            "GREENROOM_VAR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "portal.config.settings",
            "PYTHONUNBUFFERED": "1",
            "PATH": os.environ.get("PATH", os.defpath),
        }
