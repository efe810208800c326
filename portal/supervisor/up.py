"""The whole start, in order: servers, migrations, demo people, then everything that serves."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from portal import demo_keys
from portal.config.env import BASE_DIR
from portal.embedded import Postgres, Redis, ServerFailed, lay_ground
from portal.supervisor.crew import Crew, postgres_part, redis_part
from portal.supervisor.errors import CannotStart
from portal.supervisor.freshness import DemoPeople, StaticFiles, pending_migrations
from portal.supervisor.household import Household
from portal.supervisor.listen import is_loopback, listen, url_of
from portal.supervisor.lock import VarLock
from portal.supervisor.outside import greet_database, greet_redis
from portal.supervisor.parts import Part, Step
from portal.supervisor.supervisor import Supervisor
from portal.translations.catalogues import compile_stale

PARTS = ("web", "jobs", "beat", "gpu")
_FULL_LOG = 10_000_000


PeopleForScripts = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the operator asked for.

    Attributes:
        var: folder of everything made at run time.
        host: address to listen on.
        port: first port to try.
        parts: those of `PARTS` that run here; where the web runs, tables are made too.
        outside: the environment as the operator gave it.
        people: e-mail addresses and passwords of the demo's people, by role.
    """

    var: Path
    host: str
    port: int
    parts: frozenset[str]
    outside: Mapping[str, str]
    people: PeopleForScripts


def bring_up(wishes: Wishes, say: Callable[[str], None]) -> None:
    """Start everything, say when it is ready, and keep it running.

    Raises:
        CannotStart: when a part cannot.
        AskedToEnd: on Ctrl-C or SIGTERM. In both cases no process is left.
    """
    began = time.monotonic()
    household = Household.open(wishes.var, wishes.outside)
    demo = household.demo()
    if demo and not is_loopback(wishes.host):
        raise CannotStart(
            f"The demo lets anyone sign in as anyone, so it does not listen on {wishes.host}.",
            hint="Leave --bind away, or set GREENROOM_DEMO=0 and choose another GREENROOM_VAR.",
        )
    with VarLock(wishes.var) as lock, ExitStack() as open_doors:
        door: socket.socket | None = None
        url = household.given("GREENROOM_URL")
        if "web" in wishes.parts:
            door = open_doors.enter_context(closing(listen(wishes.host, wishes.port)))
            port = int(door.getsockname()[1])
            url = url or url_of(wishes.host, port)
            if wishes.port not in {0, port}:
                say(f"Port {wishes.port} is taken; using {port}.")
        url = url or url_of(wishes.host, wishes.port)
        lock.note(url=url)
        _make_folders(wishes.var)
        if household.new:
            say(f"New passwords and keys are in {wishes.var / 'greenroom.env'}.")
        _compile_translations()
        announcement = wishes.var / "demo.json"
        announcement.unlink(missing_ok=True)
        supervisor = Supervisor(say)
        supervisor.listen_for_signals()
        try:
            effective = {
                "GREENROOM_DEMO": "1" if demo else "0",
                "GREENROOM_URL": url,
                **_start_servers(wishes, household, supervisor, say),
            }
            household.keep(effective)
            crew = Crew(
                var=wishes.var,
                env=household.environment(effective),
                url=url,
                owner_url=effective["GREENROOM_OWNER_DATABASE_URL"],
            )
            _start_crew(wishes, crew, supervisor, door, demo=demo)
            if demo:
                _announce(announcement, url, wishes.people, demo_keys.read(wishes.var))
            say(f"Greenroom is ready after {time.monotonic() - began:.0f} s: {url}")
            say("Ctrl-C ends it.")
            supervisor.watch()
        finally:
            announcement.unlink(missing_ok=True)
            supervisor.end()


def _start_crew(
    wishes: Wishes,
    crew: Crew,
    supervisor: Supervisor,
    door: socket.socket | None,
    *,
    demo: bool,
) -> None:
    # The GPU worker loads a model, which takes longer than everything else together.
    parts: list[Part] = [crew.gpu_worker()] if "gpu" in wishes.parts else []
    first: list[Step] = []
    beside: list[Step] = []
    if door is not None:
        if pending_migrations(crew.env["DATABASE_URL"]):
            first.append(crew.migrations())
        else:
            supervisor.announce("migrations", "up to date")
        static = StaticFiles(wishes.var)
        if static.stale():
            first.append(crew.static_files(static))
        supervisor.start(steps=first)
        if demo:
            people = DemoPeople(wishes.var, _emails(wishes.people))
            if people.missing(crew.env["DATABASE_URL"]):
                beside.append(crew.demo_people(people))
            else:
                supervisor.announce("demo people", people.in_words)
        parts.append(crew.web(door))
    if {"web", "jobs"} & wishes.parts and not crew.has_authority():
        beside.append(crew.authority())
    for name, make in (("jobs", crew.jobs_worker), ("beat", crew.beat)):
        if name in wishes.parts:
            parts.append(make())
    supervisor.start(parts, beside)


def _make_folders(var: Path) -> None:
    for name in ("log", "media", "ready", "static"):
        folder = var / name
        folder.mkdir(parents=True, exist_ok=True)
        # Clips and logs are nobody else's business; a proxy may serve the static files.
        folder.chmod(0o755 if name == "static" else 0o700)
    for log in (var / "log").glob("*.log"):
        if log.stat().st_size > _FULL_LOG:
            log.replace(log.with_suffix(".log.1"))


def _compile_translations() -> None:
    try:
        compile_stale(BASE_DIR)
    except OSError as error:
        raise CannotStart(
            f"The translations cannot be compiled: {error}.",
            hint="Run `manage.py compile_translations` once as the owner of these files.",
        ) from None


def _start_servers(
    wishes: Wishes,
    household: Household,
    supervisor: Supervisor,
    say: Callable[[str], None],
) -> dict[str, str]:
    """Start what the operator does not run; the addresses, that of the owner "" without one."""
    database, cache = household.given("DATABASE_URL"), household.given("REDIS_URL")
    owner = household.given("GREENROOM_OWNER_DATABASE_URL") if database else ""
    if database:
        supervisor.announce("PostgreSQL", greet_database(database))
    if cache:
        supervisor.announce("Redis", greet_redis(cache))
    if database and cache:
        return _addresses(database, owner, cache)
    try:
        ground = lay_ground(wishes.var)
    except ServerFailed as error:
        raise CannotStart(str(error), hint=error.hint) from error
    for note in ground.notes:
        say(f"Note: {note}.")
    parts = []
    if not database:
        postgres = Postgres(
            ground=ground,
            keeper_password=household.secret("GREENROOM_KEEPER_PASSWORD"),
            owner_password=household.secret("GREENROOM_OWNER_PASSWORD"),
            password=household.secret("GREENROOM_POSTGRES_PASSWORD"),
            log=wishes.var / "log" / "postgres.log",
        )
        database, owner = postgres.url, postgres.owner_url
        parts.append(postgres_part(postgres, ground))
    if not cache:
        server = Redis(
            ground=ground,
            password=household.secret("GREENROOM_REDIS_PASSWORD"),
            log=wishes.var / "log" / "redis.log",
        )
        cache = server.url
        parts.append(redis_part(server, ground))
    # The secrets must be on disk before a database is made with them.
    addresses = _addresses(database, owner, cache)
    household.keep(addresses)
    supervisor.start(parts)
    return addresses


def _addresses(database: str, owner: str, cache: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database,
        "GREENROOM_OWNER_DATABASE_URL": owner,
        "REDIS_URL": cache,
    }


def _emails(people: PeopleForScripts) -> list[str]:
    return [person["email"] for group in people.values() for person in group]


def _announce(path: Path, url: str, people: PeopleForScripts, keys: Mapping[str, str]) -> None:
    """Write ``demo.json`` for scripts, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    content = {"url": url, "people": people, "keys": dict(keys)}
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)
