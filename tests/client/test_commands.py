"""Each command once, and what it says when it is refused."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.models import Clip
from generation.states import ClipState
from greenroom_client import account
from portal.models import AccessKey, Cohort, DeviceLogin, User
from portal.services import access_keys, device_logins
from portal.services.key_rows import NewKey
from tests.client.conftest import Command, render_next
from tests.factories import review as make
from tests.factories.generation import make_clip, make_ready_clip, remove_files

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def ready(artist: User, cohort: Cohort) -> Iterator[Clip]:
    clip = make_ready_clip(artist=artist, cohort=cohort, content=b"the master")
    yield clip
    remove_files([clip])


def video_id(clip: Clip) -> str:
    return f"video_{clip.pk.hex}"


class TestSigningIn:
    def test_by_code_and_out_again(
        self,
        greenroom: Command,
        live_server: Any,
        artist: User,
        cohort: Cohort,
        meanwhile: Meanwhile,
    ) -> None:
        def answer() -> None:
            login = DeviceLogin.objects.get()
            if login.waits() and login.asked_at is not None:
                device_logins.confirm(
                    actor=artist, login=login, cohort=cohort, key_name="Laptop", days=30
                )

        meanwhile(answer)
        done = greenroom("login", "--url", live_server.url, "--no-browser")
        assert (done.exit_code, done.stdout) == (0, "")
        assert "/device/ and confirm this code: " in done.stderr
        assert f"Signed in as {artist} in {cohort.name}." in done.stderr
        kept = account.path()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
        assert AccessKey.objects.get().name == "Laptop"
        told = greenroom("whoami")
        assert told.exit_code == 0
        assert f"{artist} in {cohort.name}" in told.stdout
        assert "grk_" not in done.output + told.output
        assert greenroom("logout").exit_code == 0
        assert not kept.exists()
        assert greenroom("whoami").exit_code == 3

    def test_refused(
        self, greenroom: Command, live_server: Any, artist: User, meanwhile: Meanwhile
    ) -> None:
        meanwhile(lambda: device_logins.refuse(actor=artist, login=DeviceLogin.objects.get()))
        done = greenroom("login", "--url", live_server.url, "--no-browser")
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (3, "The code was refused.")
        assert not account.path().exists()

    def test_never_in_the_clear(self, greenroom: Command) -> None:
        for url in ("http://greenroom.example", "ftp://greenroom.example", "https://"):
            assert greenroom("login", "--url", url).exit_code == 2

    def test_not_signed_in(self, greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        assert greenroom("list").exit_code == 3
        account.store(account.Account(base_url="https://a.example/v1", api_key="grk_a"))
        monkeypatch.setenv("GREENROOM_BASE_URL", "https://b.example")
        refused = greenroom("list")
        assert refused.exit_code == 3, "a key is sent only to the site it was made for"

    def test_nobody_there(self, greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0)
        monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0)
        monkeypatch.setenv("GREENROOM_API_KEY", "grk_x")
        monkeypatch.setenv("GREENROOM_BASE_URL", "http://127.0.0.1:9")
        refused = greenroom("list")
        assert refused.exit_code == 8
        assert "cannot be reached at 127.0.0.1" in refused.stderr


def test_a_clip_from_prompt_to_file(
    signed_in_command: Command, meanwhile: Meanwhile, home: Path
) -> None:
    meanwhile(render_next)
    done = signed_in_command(
        *("generate", "a red boat", "--seed", "7", "--title", "Boat", "-o", "boat.mp4")
    )
    clip = Clip.objects.get()
    assert (clip.prompt, clip.seed, clip.title) == ("a red boat", 7, "Boat")
    assert (done.exit_code, done.stdout) == (0, f"{video_id(clip)}\n")
    assert (home / "boat.mp4").read_bytes() == b"preview of clip"
    assert f"{video_id(clip)}  0%  next" in done.stderr
    assert f"{video_id(clip)}  100%  ready" in done.stderr
    again = signed_in_command("generate", "x", "-o", "boat.mp4")
    assert (again.exit_code, Clip.objects.count()) == (2, 1)


def test_asked_for_cancelled_watched_and_removed(
    signed_in_command: Command, meanwhile: Meanwhile
) -> None:
    asked = signed_in_command("generate", "a house", "--no-watch", "--json")
    made = json.loads(asked.stdout)
    assert (made["status"], made["prompt"]) == ("queued", "a house")
    assert signed_in_command("delete", made["id"], "--yes").exit_code == 1
    assert signed_in_command("cancel", made["id"]).exit_code == 0
    watched = signed_in_command("watch", made["id"])
    assert (watched.exit_code, watched.stdout) == (1, "")
    assert watched.stderr.splitlines()[-1] == "The clip was not made: Cancelled"
    assert signed_in_command("delete", made["id"], "--yes").exit_code == 0
    assert signed_in_command("watch", made["id"]).exit_code == 4


def test_what_there_is(
    signed_in_command: Command, artist: User, cohort: Cohort, ready: Clip
) -> None:
    waiting = make_clip(artist=artist, cohort=cohort, prompt="two\nlines\x1b[31m")
    listed = signed_in_command("list").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == [video_id(waiting), video_id(ready)]
    assert listed[0].endswith("twolines[31m")
    assert listed[1].split("\t")[3] == "ready; not submitted for release"
    told = json.loads(signed_in_command("list", "--limit", "1", "--json").stdout)
    assert [video["id"] for video in told] == [video_id(waiting)]
    assert "starter" in signed_in_command("models").stdout


def test_a_master_waits_for_its_approval(
    signed_in_command: Command, home: Path, ready: Clip, reviewer: User, cohort: Cohort
) -> None:
    name = video_id(ready)
    refused = signed_in_command("download", name)
    assert refused.exit_code == 5
    assert "Submit this video for release first." in refused.stderr
    assert list(home.glob(f"{name}*")) == []
    assert signed_in_command("download", name, "--variant", "thumbnail").exit_code == 0
    assert (home / f"{name}.thumbnail.webp").read_bytes().startswith(b"poster of ")
    make.approve(make.submit(ready), reviewer)
    done = signed_in_command("download", name, "-o", "boat.mp4")
    assert (done.exit_code, done.stdout) == (0, "boat.mp4\n")
    assert (home / "boat.mp4").read_bytes() == b"the master"
    (home / "boat.mp4").write_bytes(b"mine")
    assert signed_in_command("download", name, "-o", "boat.mp4").exit_code == 2
    assert (home / "boat.mp4").read_bytes() == b"mine"
    assert signed_in_command("download", name, "-o", "boat.mp4", "--force").exit_code == 0
    assert sorted(path.name for path in home.glob("boat*")) == ["boat.mp4"]
    other = make_ready_clip(artist=ready.artist, cohort=cohort, files=False)
    make.decline(make.submit(other), reviewer, note="The boat has two masts.")
    declined = signed_in_command("download", video_id(other))
    assert declined.exit_code == 6
    assert "The boat has two masts." in declined.stderr


def test_refusals_in_words(signed_in_command: Command, key: NewKey) -> None:
    nobody = f"video_{'0' * 32}"
    cases = [
        (("generate", "x", "--model", "sora-2"), 2, "There is no model “sora-2” on offer."),
        (("generate", "x", "--size", "1x1"), 2, "size"),
        (("watch", nobody), 4, "There is nothing here."),
        (("watch", "../models"), 2, "is no id of a video"),
        (("download", nobody, "--variant", "all"), 2, "'all' is not one of"),
    ]
    for words, code, said in cases:
        refused = signed_in_command(*words)
        assert (refused.exit_code, said in refused.stderr) == (code, True), refused.stderr
    assert not Clip.objects.exists()
    assert key.row.owner is not None
    access_keys.revoke_key(actor=key.row.owner, key=key.row)
    refused = signed_in_command("list")
    assert refused.exit_code == 3
    assert "This access key was revoked. Sign in again" in refused.stderr


def test_ctrl_c_while_watching(signed_in_command: Command, meanwhile: Meanwhile) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    meanwhile(stop)
    stopped = signed_in_command("generate", "a house")
    assert stopped.exit_code == 130
    assert Clip.objects.get().state == ClipState.QUEUED
