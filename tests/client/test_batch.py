"""A file of prompts in, clips out: whole, broken off and gone on with, refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generation.models import Clip
from generation.services import clips
from generation.states import ClipState
from greenroom_client import batch_file, videos
from greenroom_client.problems import Problem
from portal.models import Cohort, User
from tests.client.conftest import Command, render_next
from tests.factories import review as make

Meanwhile = Callable[[Callable[[], object]], None]

PROMPTS = """\
prompt,seed,title
a red boat,7,Boat
"a house, at night",,
a red boat,7,Boat
"""


@pytest.fixture
def prompts(home: Path) -> str:
    (home / "prompts.csv").write_text(PROMPTS)
    return "prompts.csv"


def results(home: Path) -> list[dict[str, str]]:
    with (home / "prompts" / "prompts.results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_becomes_a_clip_and_its_master_comes_later(
    signed_in_command: Command, meanwhile: Meanwhile, home: Path, prompts: str, reviewer: User
) -> None:
    meanwhile(render_next)
    done = signed_in_command("batch", prompts)
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        0,
        "3 made, 0 failed, 0 not asked for. See prompts/prompts.results.csv",
    )
    made = list(Clip.objects.order_by("created_at"))
    assert [clip.prompt for clip in made] == ["a red boat", "a house, at night", "a red boat"]
    told = results(home)
    assert [row["id"] for row in told] == [f"video_{clip.pk.hex}" for clip in made]
    assert [row["preview"] for row in told] == [
        "0001-boat.preview.mp4",
        "0002-a-house-at-night.preview.mp4",
        "0003-boat.preview.mp4",
    ]
    assert [row["note"] for row in told] == ["unsubmitted"] * 3
    for row in told:
        assert (home / "prompts" / row["preview"]).read_bytes() == b"preview of clip"
    make.approve(make.submit(made[0]), reviewer)
    (home / "prompts" / "0002-a-house-at-night.preview.mp4").unlink()
    meanwhile(lambda: pytest.fail("nothing was to be waited for"))
    assert signed_in_command("batch", prompts).exit_code == 0
    assert [row["master"] for row in results(home)] == ["0001-boat.mp4", "", ""]
    assert (home / "prompts" / "0001-boat.mp4").read_bytes() == b"original of clip"
    assert (home / "prompts" / "0002-a-house-at-night.preview.mp4").exists()
    assert Clip.objects.count() == 3
    assert list((home / "prompts").glob("*.part")) == []


def test_broken_off_it_goes_on_and_makes_nothing_twice(
    signed_in_command: Command,
    meanwhile: Meanwhile,
    home: Path,
    prompts: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    meanwhile(stop)
    assert signed_in_command("batch", prompts, "--parallel", "1").exit_code == 130
    assert [row["status"] for row in results(home)] == ["queued", "", ""]

    create = videos.create

    def create_and_die(*given: Any, **named: Any) -> Any:
        create(*given, **named)
        raise KeyboardInterrupt

    # Asked for, and the answer never written down.
    monkeypatch.setattr(videos, "create", create_and_die)
    assert signed_in_command("batch", prompts, "--parallel", "2").exit_code == 130
    monkeypatch.setattr(videos, "create", create)
    assert [row["status"] for row in results(home)] == ["queued", "", ""]
    assert Clip.objects.count() == 2

    meanwhile(render_next)
    assert signed_in_command("batch", prompts, "--parallel", "2").exit_code == 0
    assert [row["status"] for row in results(home)] == ["completed"] * 3
    assert Clip.objects.count() == 3


def test_a_full_queue_is_waited_for(
    signed_in_command: Command, meanwhile: Meanwhile, cohort: Cohort, prompts: str
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=1)
    meanwhile(render_next)
    assert signed_in_command("batch", prompts).exit_code == 0
    assert Clip.objects.filter(state=ClipState.READY).count() == 3


def test_a_spent_budget_stops_it_until_the_next_time(
    signed_in_command: Command, meanwhile: Meanwhile, home: Path, cohort: Cohort, prompts: str
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(gpu_seconds_per_artist=1)
    stopped = signed_in_command("batch", prompts)
    assert stopped.exit_code == 7
    assert "0 made, 0 failed, 3 not asked for" in stopped.stderr
    Cohort.objects.filter(pk=cohort.pk).update(gpu_seconds_per_artist=None)
    meanwhile(render_next)
    assert signed_in_command("batch", prompts).exit_code == 0


def test_a_row_that_is_refused_does_not_hold_the_others_up(
    signed_in_command: Command, meanwhile: Meanwhile, home: Path
) -> None:
    (home / "prompts.csv").write_text("prompt,model\na house,sora-2\na boat,starter\n")
    meanwhile(render_next)
    done = signed_in_command("batch", "prompts.csv")
    assert done.exit_code == 1
    told = results(home)
    assert [row["status"] for row in told] == ["refused", "completed"]
    assert "There is no model “sora-2” on offer." in told[0]["note"]
    (home / "prompts.csv").write_text("prompt,model\na house,starter\na boat,starter\n")
    assert signed_in_command("batch", "prompts.csv").exit_code == 0
    assert Clip.objects.count() == 2


def test_a_clip_that_was_deleted_meanwhile(
    signed_in_command: Command, meanwhile: Meanwhile, home: Path, prompts: str
) -> None:
    def remove() -> None:
        for clip in Clip.objects.filter(deleted_at=None):
            clips.cancel(actor=clip.artist, clip=clip)
            clips.delete(actor=clip.artist, clip=clip)

    meanwhile(remove)
    assert signed_in_command("batch", prompts).exit_code == 1
    assert [row["status"] for row in results(home)] == ["gone"] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text\nx\n", "has no column “prompt”"),
        ("prompt,colour\nx,red\n", "has a column “colour”. Known are: prompt, model"),
        ("prompt\n", "holds no prompt"),
        ("", "has no column “prompt”"),
        ("prompt,seed\nx,7\ny,many\n", "line 3: the seed “many” is no whole number"),
        ("prompt,seed\n,7\n", "line 2: there is no prompt"),
        ("prompt\na boat, red\n", "line 2: more values than columns"),
        ('prompt\n"a boat\n', "is no table"),
    ],
)
def test_what_is_no_batch(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "prompts.csv"
    file.write_text(text)
    with pytest.raises(Problem) as refused:
        batch_file.read(file)
    assert said in refused.value.message
    assert refused.value.exit == 2


def test_spreadsheets_write_a_mark_and_other_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "prompts.csv"
    file.write_bytes(b'\xef\xbb\xbfPrompt,Seed\r\n"two\r\nlines",7\r\n\r\n')
    (row,) = batch_file.read(file)
    assert row.wish == {"prompt": "two\nlines", "seed": "7"}
    file.write_bytes("prompt\ncafé\n".encode("latin-1"))
    with pytest.raises(Problem):
        batch_file.read(file)


def test_a_rows_key_says_file_place_and_content(tmp_path: Path) -> None:
    keys = []
    for name, text in (
        ("a.csv", "prompt\nx\nx\n"),
        ("b.csv", "prompt\nx\n"),
        ("c/a.csv", "prompt,title\nx,\n"),
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        keys.append([row.key for row in batch_file.read(file)])
    [[first, second], [elsewhere], [same]] = keys
    assert len({first, second, elsewhere}) == 3
    # Another folder, and a column that says nothing: the same wish.
    assert same == first


def test_the_state_of_another_site_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "prompts.state.json"
    batch_file.State(path, "https://a.example/v1").save()
    assert json.loads(path.read_text()) == {"base_url": "https://a.example/v1", "rows": {}}
    for content in (path.read_text(), "{", "[]"):
        path.write_text(content)
        with pytest.raises(Problem):
            batch_file.State.load(path, "https://b.example/v1")
