"""``make leak-drill``: publish one key while forty artists work; 1 when anything took too long.

``--short`` is a handful of each; ``--var`` keeps the folder, with every log.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.chaos.stage import Stage, StageFailed, stage
from bench.leak_drill.people import ARTISTS_AT, Artists, Door, Strangers, ask, network
from bench.leak_drill.renders import Renders
from bench.leak_drill.stages import Timing, timings
from portal.embedded.process import stop, tail
from portal.supervisor.crew import Crew
from portal.supervisor.listen import listen

if TYPE_CHECKING:
    from portal.models import AccessKey

FROZEN_WITHIN_SECONDS = 10.0
FROZEN_WITHIN_REQUESTS = 20
CONTAINED_WITHIN_SECONDS = 5.0
MODELS = {"tiny-wan": ("wan", '["32x32", "512x512"]')}
_PATIENCE_SECONDS = 120.0
# Longer than it takes to notice, however quick the machine is, and each step long enough for the
# worker to tell it: a third of a second on one core.
_LONG = {"prompt": "a blue bird", "seconds": "2", "steps": "50", "size": "512x512"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``share`` of the requests of the day of ordinary use that is replayed."""

    artists: int
    strangers: int
    share: float
    seconds_before: float


LONG = Plan(artists=40, strangers=300, share=1.0, seconds_before=5)
SHORT = Plan(artists=6, strangers=30, share=0.05, seconds_before=1)


def say(line: str) -> None:
    print(line, flush=True)


def play(stage: Stage, door: Door, plan: Plan) -> bool:
    """Carry out *plan* and tell the figures; whether all are as they should be."""
    from tests.factories.portal import make_key

    model = "tiny-wan"
    published = make_key(stage.artists[0], stage.cohort, name="Published")
    at_work = stage.artists[: plan.artists]
    keys = [make_key(artist, stage.cohort, name="Desk").clear for artist in at_work]
    wish = {"prompt": "a red boat on the sea", "seconds": "1", "model": model}
    artists = Artists(door=door, keys=keys, wish=wish, pause=2).start()
    try:
        time.sleep(plan.seconds_before)
        with Renders(key=published.row) as renders:
            # The artist's own clip renders with the key when it gets out.
            address = network(ARTISTS_AT, 0)
            own = ask(door, published.clear, address=address, wish=_LONG)
            if own.status >= 400:
                raise StageFailed(f"The artist's own clip was refused: {own.code}")
            _await(renders.have_begun, "no clip was rendered")
            strangers = Strangers(door=door, key=published.clear, count=plan.strangers, wish=_LONG)
            strangers.rush()
            _await_next_render(published.row)
    finally:
        artists.end()
    good = _judge(plan, published.row, strangers, artists, renders)
    return _judge_stages(timings(stage, door, model=model)) and good


def _await_next_render(key: AccessKey) -> None:
    """Until the GPU that rendered for *key* serves somebody else, which says that it stopped."""
    _await(lambda: _stopped_after(key) is not None, "no GPU went on to another clip")


def _await(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise StageFailed(f"In two minutes, {otherwise}.")
        time.sleep(0.05)


def _stopped_after(key: AccessKey) -> float | None:
    """Seconds from the freeze until each GPU that rendered for *key* had taken another clip.

    None while one has not; 0 when none rendered.
    """
    from generation.models import Attempt
    from generation.states import AttemptState

    frozen_at = key.leak_reports.get().created_at
    longest = 0.0
    for cut in Attempt.objects.filter(clip__access_key=key, state=AttemptState.CANCELLED):
        later = Attempt.objects.filter(worker=cut.worker, started_at__gt=frozen_at)
        following = later.order_by("started_at").first()
        if following is None:
            return None
        longest = max(longest, (following.started_at - frozen_at).total_seconds())
    return longest


def _judge(
    plan: Plan, key: AccessKey, strangers: Strangers, artists: Artists, renders: Renders
) -> bool:
    from bench.leak_drill.day import false_alarms
    from generation.models import Clip
    from portal.models import AccessKey
    from portal.states import KeyState

    frozen_after = strangers.frozen_after
    heard = strangers.began + (frozen_after or 0)
    before = sum(answer.at < heard for answer in strangers.answers)
    clips = Clip.objects.filter(access_key=key)
    live = clips.live().count()
    stops = renders.stops(key.leak_reports.get().created_at.timestamp())
    frozen = AccessKey.objects.filter(state=KeyState.FROZEN).count()
    say(f"seconds from the first foreign request to the freeze: {_seconds(frozen_after)}")
    say(f"foreign requests answered before it: {before}")
    say(f"clips started by strangers before it: {strangers.served}")
    say(f"seconds until the last render of that key stopped: {_seconds(_stopped_after(key))}")
    for cut in stops:
        say(
            f"it stopped in step {cut.done + 1} of {cut.steps}; "
            f"step {cut.at_freeze + 1} was in progress at the freeze"
        )
    say(f"clips of that key stopped: {clips.filter(error_code='key_frozen').count()}")
    say(f"clips of that key still waiting or rendering: {live}")
    say(f"strangers refused: {strangers.refused.total()} of {plan.strangers}")
    say(f"requests of the {plan.artists} artists: {artists.requests}")
    refused = ", ".join(f"{count} {code}" for code, count in artists.refused.items())
    say(f"requests of the {plan.artists} refused: {artists.refused.total()} {refused}".rstrip())
    say(f"keys frozen: {frozen}")
    alarms = false_alarms(seed=1, share=plan.share, first_person=10**9)
    for name, scores in alarms.items():
        say(f"false alarms over a day, {name}: {len(scores)}")
    return (
        frozen_after is not None
        and frozen_after <= FROZEN_WITHIN_SECONDS
        and before <= FROZEN_WITHIN_REQUESTS
        and not live
        and bool(stops)
        and all(cut.is_within_one_step for cut in stops)
        and not artists.refused
        and frozen == 1
        and not any(alarms.values())
    )


def _judge_stages(timed: Sequence[Timing]) -> bool:
    for timing in timed:
        say(
            f"containing {timing.stage}: first request refused after {timing.shut:.2f} s; "
            f"first one served {timing.opened:.2f} s after its undo"
        )
    late = sum(timing.late for timing in timed)
    beside = sum(timing.beside is False for timing in timed)
    say(f"requests answered as before after a containment or its undo had returned: {late}")
    say(f"requests refused to who is not touched: {beside}")
    slowest = max(max(timing.shut, timing.opened) for timing in timed)
    return slowest <= CONTAINED_WITHIN_SECONDS and not late and not beside


def _seconds(number: float | None) -> str:
    return "never" if number is None else f"{number:.2f}"


@contextmanager
def website(stage: Stage) -> Iterator[Door]:
    """Serve the stage's Greenroom as ``make run`` does.

    Raises:
        StageFailed: when it does not answer.
    """
    with closing(listen("127.0.0.1", 0)) as socket:
        port = int(socket.getsockname()[1])
        url = f"http://127.0.0.1:{port}"
        env = {**stage.env, "GREENROOM_URL": url, "GREENROOM_LOG_LEVEL": "WARNING"}
        web = Crew(var=stage.var, env=env, url=url).web(socket)
        web.before()
        process = web.program.start()
        try:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while not web.ready():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise StageFailed(f"The website does not answer:\n{tail(web.program.log, 40)}")
                time.sleep(0.1)
            yield Door(host="127.0.0.1", port=port)
        finally:
            stop(process, web.program.stop_signal, grace=10)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.leak_drill", description=__doc__)
    parser.add_argument("--short", action="store_true", help="six artists, thirty strangers")
    parser.add_argument("--var", type=Path, help="run in this folder and keep it")
    chosen = parser.parse_args()
    plan = SHORT if chosen.short else LONG
    began = time.monotonic()
    with ExitStack() as doors:
        var = chosen.var
        if var is None:
            var = Path(doors.enter_context(_temporary()))
        var.mkdir(parents=True, exist_ok=True)
        try:
            made = doors.enter_context(stage(var.resolve(), artists=plan.artists, models=MODELS))
            door = doors.enter_context(website(made))
            say(f"everything stands after {time.monotonic() - began:.0f} s")
            good = play(made, door, plan)
        except StageFailed as error:
            say(str(error))
            return 2
    say("as it should be" if good else "not as it should be")
    return int(not good)


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="greenroom-leak-", ignore_cleanup_errors=True)


if __name__ == "__main__":
    sys.exit(main())
