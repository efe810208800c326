"""Parts that fail, die and come back, on real processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo
from pytest_django import Settings

from portal import demo_keys, keys
from portal.config.env import OF_THE_OWNER
from portal.demo import PEOPLE
from portal.embedded.process import Program
from portal.models import User
from portal.supervisor.crew import Crew
from portal.supervisor.errors import AskedToEnd, CannotStart
from portal.supervisor.freshness import DemoPeople, StaticFiles, pending_migrations
from portal.supervisor.household import Household
from portal.supervisor.listen import is_loopback, listen, url_of
from portal.supervisor.lock import VarLock
from portal.supervisor.outside import greet_database, greet_redis
from portal.supervisor.parts import Part, Step
from portal.supervisor.reset import forget
from portal.supervisor.supervisor import Supervisor


def program(var: Path, script: str) -> Program:
    return Program(argv=(sys.executable, "-c", script), cwd=var, log=var / "part.log")


def part(var: Path, script: str, ready: Callable[[], str | None]) -> Part:
    return Part(title="clock", program=program(var, script), ready=ready, hint="Wind it up.")


def test_a_part_that_cannot_start_ends_the_whole_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda line: None)
    broken = part(tmp_path, "print('no spring'); raise SystemExit(3)", ready=lambda: None)
    with pytest.raises(CannotStart, match="clock could not start: it ended with status 3") as info:
        supervisor.start([broken])
    assert info.value.log_tail == "no spring"
    assert info.value.hint == "Wind it up."


@pytest.mark.parametrize(("steady", "second_pause"), [(60.0, "1"), (0.0, "0.5")])
def test_a_part_that_dies_is_started_again_with_a_longer_pause_until_it_was_steady(
    tmp_path: Path, steady: float, second_pause: str
) -> None:
    said: list[str] = []
    starts = tmp_path / "starts"
    script = (
        "import os, pathlib, signal, time\n"
        f"starts = pathlib.Path({str(starts)!r})\n"
        "number = len(starts.read_text()) if starts.exists() else 0\n"
        "starts.write_text('x' * (number + 1))\n"
        "time.sleep(0.3)\n"
        "if number < 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.kill(os.getppid(), signal.SIGUSR1)\n"
        "time.sleep(60)\n"
    )
    supervisor = Supervisor(said.append, steady=steady)
    before = signal.signal(signal.SIGUSR1, supervisor._on_signal)
    try:
        supervisor.start([part(tmp_path, script, lambda: "ticks" if starts.exists() else None)])
        with pytest.raises(AskedToEnd):
            supervisor.watch()
    finally:
        signal.signal(signal.SIGUSR1, before)
        supervisor.end()
    assert [line.split(maxsplit=1)[1] for line in said] == [
        "ticks",
        "was killed by SIGKILL; starting it again in 0.5 s",
        "back: ticks",
        f"was killed by SIGKILL; starting it again in {second_pause} s",
        "back: ticks",
    ]


def test_a_failed_step_shows_only_what_it_wrote_itself(tmp_path: Path) -> None:
    (tmp_path / "part.log").write_text("yesterday's trouble\n")
    step = Step(
        title="migrations",
        program=program(tmp_path, "print('today'); raise SystemExit(1)"),
        detail=str,
    )
    with pytest.raises(CannotStart, match="migrations failed") as info:
        Supervisor(lambda line: None).start(steps=[step])
    assert info.value.log_tail == "today"


def test_steps_run_side_by_side_and_each_is_announced(tmp_path: Path) -> None:
    said: list[str] = []
    steps = [
        Step(title=name, program=program(tmp_path / name, f"print({name!r})"), detail=str.strip)
        for name in ("one", "two")
    ]
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    Supervisor(said.append).start(steps=steps)
    assert sorted(line.split() for line in said) == [["one", "one"], ["two", "two"]]


def test_parts_begin_in_their_order_and_no_more_at_once_than_asked(tmp_path: Path) -> None:
    told: list[str] = []
    looks = iter(range(100))

    def named(title: str, *, ready_after: int) -> Part:
        def ready() -> str | None:
            if next(looks) < ready_after:
                return None
            told.append(f"{title} ready")
            return "here"

        folder = tmp_path / title
        folder.mkdir()
        return Part(
            title=title,
            program=program(folder, "import time; time.sleep(60)"),
            ready=ready,
            before=lambda: told.append(f"{title} begins"),
        )

    parts = [
        named("model", ready_after=9),
        named("web", ready_after=0),
        named("jobs", ready_after=0),
    ]
    supervisor = Supervisor(lambda line: None, at_once=2)
    supervisor.start(parts)
    supervisor.end()
    assert told[:4] == ["model begins", "web begins", "web ready", "jobs begins"]
    assert sorted(told[4:]) == ["jobs ready", "model ready"]


def test_the_end_waits_for_order_and_a_second_wish_hurries(tmp_path: Path) -> None:
    stubborn = (
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch()\n"
        "time.sleep(60)\n"
    )
    supervisor = Supervisor(lambda line: None)
    here = part(tmp_path, stubborn, lambda: "here" if (tmp_path / "up").exists() else None)
    supervisor.start([here])
    pid = supervisor._members[0].process
    assert pid is not None
    supervisor._asked = 1
    hurry = threading.Timer(0.3, setattr, (supervisor, "_asked", 2))
    hurry.start()
    supervisor.end()
    hurry.join()
    assert pid.returncode == -signal.SIGKILL


def test_one_up_per_folder(tmp_path: Path) -> None:
    with VarLock(tmp_path) as first:
        first.note(url="http://127.0.0.1:8123")
        with (
            pytest.raises(CannotStart, match=f"process {os.getpid()}, http://127.0.0.1:8123"),
            VarLock(tmp_path),
        ):
            pass
    with VarLock(tmp_path):
        pass


def test_a_busy_port_gives_the_next_free_one() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with listen("127.0.0.1", port) as door:
            assert port < door.getsockname()[1] < port + 100


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"Cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("host", "loopback", "url"),
    [
        ("127.0.0.1", True, "http://localhost:80"),
        ("localhost", True, "http://localhost:80"),
        ("::1", True, "http://localhost:80"),
        ("0.0.0.0", False, "http://localhost:80"),
        ("10.1.2.3", False, "http://10.1.2.3:80"),
        ("studio.example", False, "http://studio.example:80"),
    ],
)
def test_hosts(host: str, url: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    assert url_of(host, 80) == url


def test_secrets_are_made_once_kept_private_and_lines_of_the_operator_stay(tmp_path: Path) -> None:
    first = Household.open(tmp_path, {})
    assert first.new
    first.keep({"GREENROOM_DEMO": "1"})
    file = tmp_path / "greenroom.env"
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open("a") as lines:
        lines.write("GREENROOM_SMTP_HOST=mail.example\n")
    parts = first.environment({"GREENROOM_OWNER_DATABASE_URL": "postgresql://owner@/greenroom"})
    assert not OF_THE_OWNER & set(parts), "only migrations connect as the owner"
    second = Household.open(tmp_path, {})
    assert not second.new
    assert second.secret("GREENROOM_SECRET_KEY") == first.secret("GREENROOM_SECRET_KEY")
    second.keep({"GREENROOM_DEMO": "1"})
    assert "GREENROOM_SMTP_HOST=mail.example" in file.read_text()


@pytest.mark.parametrize(("was", "said"), [("1", "0"), ("0", "1")])
def test_a_demo_never_becomes_the_real_thing_nor_back(tmp_path: Path, was: str, said: str) -> None:
    Household.open(tmp_path, {}).keep({"GREENROOM_DEMO": was})
    assert Household.open(tmp_path, {}).demo() is (was == "1")
    with pytest.raises(CannotStart, match="asks for the other"):
        Household.open(tmp_path, {"GREENROOM_DEMO": said}).demo()


def used_folder(var: Path, *, demo: str) -> Path:
    Household.open(var, {}).keep({"GREENROOM_DEMO": demo})
    for name in ("postgres", "media", "log", "someone-elses"):
        (var / name).mkdir()
        (var / name / "file").touch()
    return var


def test_a_reset_forgets_the_demo_and_nothing_else(tmp_path: Path) -> None:
    forget(used_folder(tmp_path, demo="1"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["someone-elses", "up.lock"]
    forget(tmp_path / "never-made")


def test_a_reset_is_refused_while_greenroom_runs(tmp_path: Path) -> None:
    used_folder(tmp_path, demo="1")
    with VarLock(tmp_path), pytest.raises(CannotStart, match="already runs"):
        forget(tmp_path)
    assert (tmp_path / "postgres" / "file").exists()


def test_a_reset_never_deletes_real_peoples_data(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="real people's data"):
        forget(used_folder(tmp_path, demo="0"))
    assert (tmp_path / "postgres" / "file").exists()


def test_servers_of_others_are_greeted_by_name() -> None:
    assert greet_database(os.environ["DATABASE_URL"]).startswith("18.")
    assert greet_redis(os.environ["REDIS_URL"]).endswith("from REDIS_URL")


def test_servers_of_others_that_do_not_answer_end_the_start() -> None:
    with pytest.raises(CannotStart, match="PostgreSQL does not answer") as database:
        greet_database("postgresql://me@127.0.0.1:9/none")
    assert "DATABASE_URL" in database.value.hint
    with pytest.raises(CannotStart, match="Redis does not answer") as cache:
        greet_redis("redis://127.0.0.1:9/0")
    assert "REDIS_URL" in cache.value.hint
    with pytest.raises(CannotStart, match="REDIS_URL is no address"):
        greet_redis("nonsense")


def database_url() -> str:
    settings = connection.settings_dict
    return make_conninfo(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
    )


@pytest.mark.django_db
def test_migrations_are_pending_where_one_is_missing() -> None:
    assert pending_migrations(database_url()) is False
    assert pending_migrations(os.environ["DATABASE_URL"]) is True


def test_static_files_are_collected_again_when_a_source_changed(tmp_path: Path) -> None:
    files = StaticFiles(tmp_path)
    assert files.stale()
    files.collected()
    assert StaticFiles(tmp_path).stale(), "the files themselves are missing"
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").touch()
    assert not StaticFiles(tmp_path).stale()
    (tmp_path / "ready" / "static-from").write_text("another version")
    assert StaticFiles(tmp_path).stale()


@pytest.mark.django_db(transaction=True)
def test_the_demos_people_are_made_again_when_one_is_missing(
    tmp_path: Path, settings: Settings
) -> None:
    settings.VAR_DIR = tmp_path
    call_command("seed_demo")
    emails = [person.email for person in PEOPLE]
    people = DemoPeople(tmp_path, emails)
    assert people.in_words == "6, each signs in with one click"
    assert people.missing(database_url()), "nobody has said yet what they were made from"
    people.made()
    assert not DemoPeople(tmp_path, emails).missing(database_url())
    assert DemoPeople(tmp_path, [*emails, "zoe@demo.example"]).missing(database_url())
    kept = demo_keys.read(tmp_path)
    demo_keys.write(tmp_path, {"artist": keys.make()})
    assert DemoPeople(tmp_path, emails).missing(database_url()), "scripts have no working key"
    demo_keys.write(tmp_path, kept)
    assert not DemoPeople(tmp_path, emails).missing(database_url())
    User.objects.filter(email=emails[0]).update(email="ada.okafor@demo.example")
    assert DemoPeople(tmp_path, emails).missing(database_url())


def test_several_gpu_workers_on_one_machine_keep_out_of_each_others_way(tmp_path: Path) -> None:
    crew = Crew(var=tmp_path, env={}, url="")
    one, two = crew.gpu_worker(), crew.gpu_worker("gpu2")
    assert [made.title for made in (one, two)] == ["GPU worker", "GPU worker gpu2"]
    assert [made.program.log.name for made in (one, two)] == ["gpu.log", "gpu2.log"]
    assert "gpu@%h" in one.program.argv
    assert "gpu2@%h" in two.program.argv
    assert one.program.env["GREENROOM_READY_FILE"] != two.program.env["GREENROOM_READY_FILE"]
