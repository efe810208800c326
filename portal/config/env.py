"""Where settings come from: the process environment first, then ``var/greenroom.env``.

``manage.py up`` writes that file (mode 0600) when it starts the embedded parts, so that every
other command on the same machine reaches the same database without being told.
"""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def var_dir() -> Path:
    """The folder for everything that is made at run time (data, media, logs, secrets)."""
    return Path(os.environ.get("GREENROOM_VAR") or BASE_DIR / "var").resolve()


def read_env_file(path: Path) -> dict[str, str]:
    """``NAME=value`` lines of *path*; an absent file reads as empty."""
    if not path.is_file():
        return {}
    pairs = (
        line.split("=", 1)
        for line in path.read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    return {name.strip(): value.strip() for name, value in pairs}


# What opens the database with more rights than the application has.
OF_THE_OWNER = frozenset(
    {"GREENROOM_OWNER_DATABASE_URL", "GREENROOM_OWNER_PASSWORD", "GREENROOM_KEEPER_PASSWORD"}
)

_from_file: set[str] = set()


def load() -> None:
    """Put the names of ``var/greenroom.env`` into the environment where they are not set yet.

    Those of the owner only for a command of the owner's, and not beside a database that was named
    in the environment: they open another one.
    """
    withheld = OF_THE_OWNER
    if flag("GREENROOM_AS_OWNER") and "DATABASE_URL" not in os.environ:
        withheld = frozenset()
    for name, value in read_env_file(var_dir() / "greenroom.env").items():
        if name not in os.environ and name not in withheld:
            os.environ[name] = value
            _from_file.add(name)


def given_from_outside() -> dict[str, str]:
    """The environment without what `load` put there."""
    return {name: value for name, value in os.environ.items() if name not in _from_file}


def flag(name: str, *, default: bool = False) -> bool:
    """A boolean setting: 1/true/yes/on or 0/false/no/off.

    Raises:
        ImproperlyConfigured: for any other word, naming the setting.
    """
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}: say 1 or 0.")


def number(name: str, *, default: int) -> int:
    """A whole number.

    Raises:
        ImproperlyConfigured: when it is none, naming the setting.
    """
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}: say a whole number.") from None


def text(name: str, *, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def words(name: str, *, default: list[str]) -> list[str]:
    """A comma-separated list."""
    raw = os.environ.get(name, "").strip()
    return [word.strip() for word in raw.split(",") if word.strip()] if raw else default


def networks(name: str, *, default: list[str]) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of addresses and networks (``10.0.0.0/8``).

    Raises:
        ImproperlyConfigured: when one is neither, naming the setting.
    """
    try:
        return [ip_network(word) for word in words(name, default=default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None


def secret(name: str, *, stand_in: str | None = None) -> str:
    """A value that must be given; *stand_in* is used only by commands that need none.

    Raises:
        ImproperlyConfigured: when it is missing, naming the setting and the way out.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if stand_in is not None:
        return stand_in
    raise ImproperlyConfigured(
        f"{name} is not set. Set it in the environment, or run `make run` once: "
        f"it writes one to {var_dir() / 'greenroom.env'}."
    )
