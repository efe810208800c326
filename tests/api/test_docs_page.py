"""The API's page: all that the schema knows stands on it, and its examples run as they stand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from generation.models import Clip
from portal.api.front import api
from portal.api_docs import reading, words
from portal.api_docs.examples import LANGUAGES, script
from portal.models import Cohort, User
from portal.services import device_logins
from portal.services.key_rows import NewKey
from portal.states import WebhookEvent
from tests.factories.generation import make_clip, make_ready_clip, remove_files

# The same for JavaScript, for which each program is a module.
DRIVER = """
import { readFileSync } from "node:fs";
const results = {};
const say = [];
console.log = (...words) => say.push(words.join(" "));
for (const [name, [environment]] of Object.entries(JSON.parse(readFileSync(0)))) {
  Object.assign(process.env, environment);
  say.length = 0;
  try {
    await import(`./${name}.mjs`);
    results[name] = [0, say.join("\\n")];
  } catch (error) {
    results[name] = [1, String(error)];
  }
}
process.stdout.write(JSON.stringify(results));
"""

# What an operation is refused with on a site whose one model starts from nothing.
REFUSED = {
    "editVideo": "no_model_for_this",
    "extendVideo": "no_model_for_this",
    "createCharacter": "characters_not_supported",
    "retrieveCharacter": "not_found",
    "fetchDeviceKey": "authorization_pending",
}

# Runs each program by itself, in one interpreter: importing the SDK takes longer than all of them.
RUNNER = """
import contextlib, io, json, os, sys, traceback, warnings
warnings.simplefilter("ignore")
results = {}
for name, (environment, code) in json.load(sys.stdin).items():
    os.environ.update(environment)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, name, "exec"), {})
        status = 0
    except BaseException as error:
        out.write(f"{getattr(error, 'code', '')} {traceback.format_exc()}")
        status = 1
    results[name] = (status, out.getvalue())
json.dump(results, sys.stdout)
"""


class Codes(HTMLParser):
    """The texts of all ``<code id=…>`` of a page, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "code":
            self._open = dict(attrs).get("id") or ""
            if self._open:
                self.found[self._open] = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._open = ""


def samples_on(page: str) -> dict[str, str]:
    parser = Codes()
    parser.feed(page)
    return parser.found


@pytest.fixture
def page(client: Client, db: None) -> str:
    return client.get(reverse("api_docs")).content.decode()


@pytest.fixture
def environments(
    artist: User, cohort: Cohort, key: NewKey, tmp_path: Path
) -> Iterator[dict[str, dict[str, str]]]:
    """For each example, the environment with a video of its own."""
    made: list[Clip] = []
    (tmp_path / "ada.mp4").write_bytes(b"ada")
    found = {}
    for operation in reading.operations():
        for language in LANGUAGES:
            needs_files = operation.id == "downloadVideo"
            clip = (
                make_clip(artist=artist, cohort=cohort)
                if operation.id == "cancelVideo"
                else make_ready_clip(artist=artist, cohort=cohort, files=needs_files)
            )
            made += [clip] if needs_files else []
            found[f"example-{operation.id}-{language}"] = {
                "GREENROOM_API_KEY": key.clear,
                "VIDEO_ID": f"video_{clip.pk.hex}",
                "CHARACTER_ID": "char_1",
                "DEVICE_CODE": device_logins.start(client="Laptop", address=None).device_code,
            }
    yield found
    remove_files(made)


@pytest.fixture
def examples(client: Client, live_server: Any, settings: Settings) -> dict[str, str]:
    """The page's examples as the live server shows them."""
    settings.BASE_URL = live_server.url
    found = samples_on(client.get(reverse("api_docs")).content.decode())
    assert all(f"{live_server.url}/v1" in code for code in found.values())
    return found


def test_it_is_open_to_everybody_and_within_the_policy(client: Client, db: None) -> None:
    answer = client.get("/v1/docs")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert client.post("/v1/docs").status_code == 405


def test_every_operation_is_there_with_its_words_and_examples(page: str) -> None:
    schema = api.get_openapi_schema(path_prefix="/v1/")
    ids = {told["operationId"] for path in schema["paths"].values() for told in path.values()}
    assert set(words.TITLES) == set(words.NOTES) == ids
    assert {found.id for found in reading.operations()} == ids
    samples = samples_on(page)
    for name in ids:
        assert f'id="{name.lower()}"' in page
        for language in LANGUAGES:
            assert samples[f"example-{name}-{language}"].strip()


def test_every_field_says_what_it_means() -> None:
    silent = {
        f"{owner}.{field.name}"
        for owner, fields in (
            *((found.id, (*found.parameters, *found.body)) for found in reading.operations()),
            *((thing.name, thing.fields) for thing in reading.things()),
        )
        for field in fields
        if not field.note
    }
    assert silent == set()


def test_every_refusal_it_names_exists() -> None:
    named = {code for codes in words.CODES.values() for code in codes} | set(words.ANYWHERE)
    known = {code.code for code in reading.general_codes()}
    known |= {code.code for operation in reading.operations() for code in operation.codes}
    assert named == known


def test_fields_and_refusals_are_read_from_the_schema() -> None:
    create = next(found for found in reading.operations() if found.id == "createVideo")
    prompt = next(field for field in create.body if field.name == "prompt")
    assert (create.method, create.path, create.answer) == ("POST", "/v1/videos", "Video")
    assert (prompt.kind, prompt.is_required) == ("text", True)
    assert prompt.limits == "at most 32000 characters"
    listing = next(found for found in reading.operations() if found.id == "listVideos")
    limit = next(field for field in listing.parameters if field.name == "limit")
    assert limit.limits == "0 to 100; left out: 20"
    budget = next(code for code in create.codes if code.code == "budget_spent")
    assert (budget.status, bool(budget.message)) == (429, True)


def test_it_says_what_webhooks_are_told(page: str) -> None:
    assert [name for name, _means in reading.events()] == [event.value for event in WebhookEvent]
    names = [field.name for field in (*reading.event_fields(), *reading.event_headers())]
    assert names == list(words.EVENT)
    for name in (*names, *(event.value for event in WebhookEvent)):
        assert f"<code>{name}</code>" in page


def test_it_speaks_french(client: Client, db: None) -> None:
    french = client.get("/v1/docs", headers={"Accept-Language": "fr"}).content.decode()
    with translation.override("fr"):
        title = str(words.TITLES["createVideo"])
    assert title != "Ask for a video"
    assert title in french


def refusals(results: dict[str, tuple[int, str]]) -> dict[str, str]:
    """What went other than it should, by example."""
    wrong = {}
    for name, (status, said) in results.items():
        expected = REFUSED.get(name.split("-")[1], "")
        if (status != 0, expected in said) != (bool(expected), True):
            wrong[name] = said
    return wrong


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["py", "js"])
def test_the_examples_run(
    environments: dict[str, dict[str, str]],
    examples: dict[str, str],
    tmp_path: Path,
    language: str,
) -> None:
    programs = {
        name: (environments[name], code)
        for name, code in examples.items()
        if name.endswith(f"-{language}")
    }
    assert len(programs) == len(reading.operations())
    if language == "py":
        command = [sys.executable, "-c", RUNNER]
    else:
        if not shutil.which("node"):
            pytest.skip("there is no Node.js")
        for name, (_environment, code) in programs.items():
            (tmp_path / f"{name}.mjs").write_text(code)
        (tmp_path / "driver.mjs").write_text(DRIVER)
        command = ["node", "driver.mjs"]
    ran = subprocess.run(
        command,
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=True,
    )
    results = json.loads(ran.stdout)
    assert set(results) == set(programs)
    assert refusals(results) == {}
    assert (tmp_path / "preview.mp4").read_bytes().startswith(b"preview of ")


@pytest.mark.django_db(transaction=True)
def test_the_examples_for_curl_run(
    environments: dict[str, dict[str, str]], examples: dict[str, str], tmp_path: Path
) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl")
    results = {}
    for name in (found for found in examples if found.endswith("-sh")):
        ran = subprocess.run(
            ["sh", "-c", examples[name]],
            env={**os.environ, **environments[name]},
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=60,
        )
        results[name] = (ran.returncode, ran.stdout + ran.stderr)
    assert len(results) == len(reading.operations())
    assert refusals(results) == {}
    assert (tmp_path / "preview.mp4").read_bytes().startswith(b"preview of ")


def test_the_script_holds_what_it_is_filled_with(settings: Settings) -> None:
    settings.BASE_URL = "https://room.example"
    for sample in script(model="wan", size="832x480", seconds="5", key="grk_1"):
        for value in ("https://room.example/v1", "wan", "832x480", "5", "grk_1"):
            assert value in sample.code
        assert "__" not in sample.code.replace("__name__", "")
        assert "greenroom.example" not in sample.code
