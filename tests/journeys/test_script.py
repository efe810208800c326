"""A script that was written for another service, with two of its lines changed."""

from __future__ import annotations

import contextlib
import json
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import openai
import pytest

from portal.api_docs.examples import base_url, script
from tests.stack import Stack


@pytest.mark.stack
def test_a_script_makes_a_clip_on_the_running_demo(stack: Stack) -> None:
    stack.wait_for_line("Greenroom is ready")
    announced = json.loads((stack.var / "demo.json").read_text())
    with openai.OpenAI(
        base_url=f"{announced['url']}/v1", api_key=announced["keys"]["artist"]
    ) as client:
        video = client.videos.create_and_poll(prompt="a red boat on the sea at night")
        assert video.status == "completed"
        assert video.progress == 100
        assert video.model_extra is not None
        assert video.model_extra["manifest"]["seed"] == video.model_extra["seed"]
        preview = client.videos.download_content(video.id, variant="preview")  # type: ignore[arg-type]
        assert preview.read()[4:8] == b"ftyp"
        with pytest.raises(openai.PermissionDeniedError) as refused:
            client.videos.download_content(video.id)
        assert refused.value.code == "awaiting_review"
        client.videos.delete(video.id)


@pytest.mark.stack
def test_an_upload_of_gigabytes_is_cut_off(stack: Stack) -> None:
    stack.wait_for_line("Greenroom is ready")
    announced = json.loads((stack.var / "demo.json").read_text())
    place = urlsplit(announced["url"])
    head = (
        f"POST /v1/videos/edits HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: Bearer {announced['keys']['artist']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {3 * 2**30}\r\n\r\n"
    )
    start = b'--x\r\nContent-Disposition: form-data; name="video"; filename="upload"\r\n\r\n'
    before = shutil.disk_usage(tempfile.gettempdir()).free
    sent = 0
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=20) as line:
        line.sendall(head.encode() + start)
        # As a client that sends on until it is told to stop.
        with contextlib.suppress(ConnectionError):
            while sent < 3 * 2**30 and not select.select([line], [], [], 0)[0]:
                sent += line.send(bytes(2**20))
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert '"code": "body_too_large"' in answer
    assert sent < 64 * 2**20
    assert before - shutil.disk_usage(tempfile.gettempdir()).free < 64 * 2**20


@pytest.mark.stack
def test_the_studios_scripts_run_on_the_running_demo(stack: Stack, tmp_path: Path) -> None:
    stack.wait_for_line("Greenroom is ready")
    announced = json.loads((stack.var / "demo.json").read_text())
    commands = {
        "py": [sys.executable, "script.py"],
        "sh": ["sh", "script.sh"],
        "js": ["node", "script.mjs"],
    }
    running = {}
    for sample in script(
        model="starter", size="128x128", seconds="2", key=announced["keys"]["artist"]
    ):
        folder = tmp_path / sample.language
        folder.mkdir()
        *program, name = commands[sample.language]
        (folder / name).write_text(sample.code.replace(base_url(), f"{announced['url']}/v1"))
        # All at once: their clips are rendered in one batch.
        running[sample.language] = subprocess.Popen(
            [*program, name],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    for language, process in running.items():
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
        assert said.strip().endswith("is in preview.mp4")
        assert (tmp_path / language / "preview.mp4").read_bytes()[4:8] == b"ftyp"
