"""At every rate the player is on the frame it names: each picture carries its own number."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django_cotton.compiler_regex import CottonCompiler
from playwright.sync_api import Browser, Page, Route, sync_playwright

from generation.media.encode import encode_mp4
from generation.media.frames import Frame
from tests.chromium import executable

# Sixteen cells of 16 pixels, black or white, are the bits of a frame's number.
CELL, ACROSS, DOWN = 16, 4, 4
RATES = ["8", "12", "24000/1001", "24", "25", "30000/1001", "30", "60"]
SECONDS = 3
MINUTES = 180
SITE = "http://player.test/"

# Goes to each of the frames, and says of each: what is in the picture, what the player names, and
# what a form that pins a note to the frame would send.
ANNOTATE = """async ([source, rate, frames, wanted]) => {
  const root = document.querySelector('[data-player]');
  const video = root.querySelector('video');
  root.dataset.fps = rate;
  root.dataset.frames = frames;
  await import('/player.js');
  const { player } = root;
  video.src = source;
  await new Promise((done) => video.addEventListener('loadeddata', done, { once: true }));
  const board = new OffscreenCanvas(64, 64).getContext('2d', { willReadFrequently: true });
  const said = [];
  for (const frame of wanted) {
    if (frame < 0) player.step(1);
    await player.at(frame < 0 ? player.frame : frame);
    board.drawImage(video, 0, 0);
    const { data } = board.getImageData(0, 0, 64, 64);
    let number = 0;
    for (let bit = 0; bit < 16; bit += 1) {
      const x = (bit % 4) * 16 + 8, y = Math.floor(bit / 4) * 16 + 8;
      if (data[(y * 64 + x) * 4] > 127) number |= 1 << bit;
    }
    const pinned = document.querySelector('[data-player-frame]').value;
    said.push([number, player.frame, Number(pinned)]);
  }
  return said;
}"""


def coded(frames: int) -> Iterator[Frame]:
    for number in range(frames):
        bits = (number >> np.arange(ACROSS * DOWN)) & 1
        cells = (bits * 255).astype(np.uint8).reshape(DOWN, ACROSS)
        yield np.repeat(np.kron(cells, np.ones((CELL, CELL), np.uint8))[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--headless=new"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    markup = engines["django"].from_string(
        CottonCompiler().process(
            '<!doctype html><c-player fps="24" /><input data-player-frame="player">'
        )
    )
    script = finders.find("portal/js/player.js")
    assert isinstance(script, str)

    def answer(route: Route) -> None:
        if route.request.url.endswith("player.js"):
            route.fulfill(path=script, content_type="text/javascript")
        else:
            route.fulfill(body=markup.render({}), content_type="text/html; charset=utf-8")

    page = chromium.new_page()
    page.route("**/*", answer)
    page.goto(SITE)
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("rate", RATES)
def test_fifty_notes_at_each_rate_are_pinned_to_the_picture_that_is_shown(
    page: Page, tmp_path: Path, rate: str
) -> None:
    chance = random.Random(rate)
    # The two rates whose fractions drift from a decimal within minutes are tried on minutes.
    seconds = MINUTES if "/" in rate else SECONDS
    frames = round(seconds * Fraction(rate))
    path = tmp_path / "coded.mp4"
    encode_mp4(
        coded(frames),
        width=CELL * ACROSS,
        height=CELL * DOWN,
        fps=Fraction(rate),
        path=path,
        crf=28,
        preset="ultrafast",
    )
    source = f"data:video/mp4;base64,{base64.b64encode(path.read_bytes()).decode()}"
    # Half of the frames are gone to, half are the step after one of those; -1 is such a step.
    jumps = [0, frames - 2, *(chance.randrange(frames - 1) for _ in range(23))]
    wanted = [way for frame in jumps for way in (frame, -1)]

    said = page.evaluate(ANNOTATE, [source, rate, frames, wanted])

    expected = [number for frame in jumps for number in (frame, frame + 1)]
    assert said == [[number, number, number] for number in expected]
