"""PostgreSQL and Redis from wheels: private, lasting, and never left behind."""

from __future__ import annotations

import os
import secrets
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from portal.config.env import BASE_DIR
from portal.embedded import Ground, Postgres, Redis, ServerFailed, lay_ground
from portal.embedded.account import Account, may_enter
from portal.embedded.ground import fallback_data
from portal.embedded.process import stop
from tests.stack import folder, wait_until_none

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its account")


@pytest.fixture
def var() -> Iterator[Path]:
    with folder() as path:
        yield path


def postgres_on(ground: Ground, password: str = "") -> Postgres:
    return Postgres(
        ground=ground,
        keeper_password="keeper-" + "k" * 20,
        owner_password="owner-" + "o" * 20,
        password=password or "app-" + "a" * 20,
        log=ground.var / "log" / "postgres.log",
    )


@contextmanager
def served(server: Postgres | Redis) -> Iterator[None]:
    server.prepare()
    process = server.program().start()
    try:
        server.await_ready(process)
        if isinstance(server, Postgres):
            server.make_database()
        yield
    finally:
        stop(process, server.program().stop_signal, grace=10)


def test_postgres_keeps_data_and_asks_for_a_password(var: Path) -> None:
    server = postgres_on(lay_ground(var))
    with served(server):
        with psycopg.connect(server.owner_url) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 'Zoë'::text AS name")
        with psycopg.connect(server.keeper_url("postgres")) as keeper:
            # As a folder is from before the application had a role of its own.
            keeper.execute("DROP ROLE greenroom_app")
            keeper.execute("ALTER ROLE greenroom CREATEDB PASSWORD 'of-old'")
    with served(server):
        with psycopg.connect(server.owner_url) as owner:
            assert owner.execute("SELECT name FROM kept").fetchone() == ("Zoë",)
            owner.execute("GRANT SELECT ON kept TO greenroom_app")
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT name FROM kept").fetchone() == ("Zoë",)
            for statement in ("DELETE FROM kept", "DROP TABLE kept", "CREATE TABLE mine (id int)"):
                with (
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                    connection.transaction(),
                ):
                    connection.execute(statement.encode())
            asked = connection.execute(
                "SELECT current_setting('timezone'), current_setting('server_encoding'),"
                " current_setting('listen_addresses'), rolsuper, rolcreatedb"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert asked == ("UTC", "UTF8", "", False, False)
        wrong = postgres_on(server.ground, password="not-the-password")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong.url)


def test_redis_loses_nothing_over_a_restart_and_asks_for_a_password(var: Path) -> None:
    server = Redis(
        ground=lay_ground(var), password=secrets.token_urlsafe(24), log=var / "log" / "redis.log"
    )
    for expected in (1, 2):
        with served(server):
            client = redis.Redis.from_url(server.url)
            assert client.incr("visits") == expected
            client.close()
            nobody = redis.Redis(unix_socket_path=str(server.socket))
            with pytest.raises(redis.AuthenticationError):
                nobody.ping()
            nobody.close()


def test_folders_are_private_to_the_servers_account(var: Path) -> None:
    ground = lay_ground(var)
    owner = ground.account.uid if ground.account else os.geteuid()
    for path in (ground.data / "postgres", ground.data / "redis", ground.sockets):
        assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (owner, 0o700)


@as_root
def test_servers_do_not_run_as_root(var: Path) -> None:
    server = postgres_on(lay_ground(var))
    server.prepare()
    process = server.program().start()
    try:
        server.await_ready(process)
        assert Path(f"/proc/{process.pid}").stat().st_uid not in {0, os.geteuid()}
    finally:
        stop(process, signal.SIGINT, grace=10)


@as_root
def test_a_folder_the_account_cannot_enter_sends_the_data_elsewhere(var: Path) -> None:
    var.chmod(0o700)
    try:
        ground = lay_ground(var)
        assert ground.data == fallback_data(var)
        assert any("cannot enter" in note for note in ground.notes)
        with served(postgres_on(ground)):
            pass
    finally:
        subprocess.run(["rm", "-rf", str(fallback_data(var))], check=True)


def test_a_path_too_long_for_a_socket_moves_the_sockets(var: Path) -> None:
    deep = var / ("long-" * 10) / ("name-" * 10)
    deep.mkdir(parents=True)
    ground = lay_ground(deep)
    with ExitStack() as cleaning:
        cleaning.callback(subprocess.run, ["rm", "-rf", str(ground.sockets)], check=True)
        assert any("too long" in note for note in ground.notes)
        with served(postgres_on(ground)):
            pass


def test_a_folder_with_something_else_in_it_is_left_alone(var: Path) -> None:
    ground = lay_ground(var)
    (ground.data / "postgres" / "thesis.odt").write_text("years of work")
    with pytest.raises(ServerFailed, match=r"thesis\.odt"):
        postgres_on(ground).prepare()


def test_a_broken_cluster_says_why(var: Path) -> None:
    server = postgres_on(lay_ground(var))
    server.prepare()
    (server.ground.data / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    process = server.program().start()
    with pytest.raises(ServerFailed, match="no_such_setting"):
        server.await_ready(process)
    stop(process, signal.SIGINT, grace=5)


@pytest.mark.parametrize(("mode", "allowed"), [(0o755, True), (0o711, True), (0o700, False)])
def test_may_enter_reads_the_modes_of_every_parent(var: Path, mode: int, *, allowed: bool) -> None:
    (var / "inner").mkdir()
    var.chmod(mode)
    stranger = Account(uid=54_321, gid=54_321, name="stranger")
    assert may_enter(stranger, var / "inner") is allowed


def test_servers_die_with_whoever_started_them(var: Path) -> None:
    script = f"""
import signal, sys, time
from pathlib import Path
from portal.embedded import Postgres, Redis, lay_ground
ground = lay_ground(Path({str(var)!r}))
log = ground.var / "log" / "servers.log"
for server in (
    Postgres(
        ground=ground, keeper_password="k" * 20, owner_password="o", password="p" * 20, log=log
    ),
    Redis(ground=ground, password="r" * 20, log=log),
):
    server.prepare()
    server.await_ready(server.program().start())
print("ready", flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until_none(var) == {}


def test_a_second_start_takes_over_from_servers_still_closing_down(var: Path) -> None:
    server = postgres_on(lay_ground(var))
    server.prepare()
    first = server.program().start()
    server.await_ready(first)
    with served(server):
        assert first.wait(10) == 0
