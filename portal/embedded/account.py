"""The system account that PostgreSQL and Redis run under.

PostgreSQL refuses to run as root. When we are root, the servers get the account ``nobody`` (or
the one named by GREENROOM_SERVERS_USER); otherwise they run as whoever started us.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import ServerFailed


@dataclass(frozen=True)
class Account:
    """An unprivileged account: its numeric user, group, and name."""

    uid: int
    gid: int
    name: str


def servers_account() -> Account | None:
    """The account to change to, or None when we are not root.

    Raises:
        ServerFailed: when the account named does not exist or is root itself.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get("GREENROOM_SERVERS_USER", "").strip() or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise ServerFailed(
            f"There is no user called {name} to run PostgreSQL and Redis.",
            hint="Set GREENROOM_SERVERS_USER to an existing, unprivileged user.",
        ) from None
    if entry.pw_uid == 0:
        raise ServerFailed(
            "PostgreSQL does not run as root.",
            hint="Set GREENROOM_SERVERS_USER to an unprivileged user.",
        )
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=name)


def may_enter(account: Account, folder: Path) -> bool:
    """Whether *account* can walk down to *folder* (the folder itself included, if it exists)."""
    path = folder.resolve()
    for step in (path, *path.parents):
        if not step.exists():
            continue
        status = step.stat()
        if status.st_uid == account.uid:
            allowed = bool(status.st_mode & stat.S_IXUSR)
        elif status.st_gid == account.gid:
            allowed = bool(status.st_mode & stat.S_IXGRP)
        else:
            allowed = bool(status.st_mode & stat.S_IXOTH)
        if not allowed:
            return False
    return True


def own(account: Account | None, path: Path, mode: int) -> None:
    """Give *path* to *account* with exactly *mode*."""
    path.chmod(mode)
    if account is not None:
        os.chown(path, account.uid, account.gid)
