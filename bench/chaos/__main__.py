"""``make chaos``: break everything while artists work, then count what went wrong; 1 unless none.

``--short`` is what the tests run. ``--seed`` repeats a sequence of blows, not their exact moments:
processes are as quick as the machine. ``--var`` keeps the folder, with every log.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bench.chaos.echo import Echo
from bench.chaos.havoc import LONG, SHORT, Havoc, Plan, Poison
from bench.chaos.helpers import Helper
from bench.chaos.people import Artists, Staff
from bench.chaos.stage import Stage, StageFailed, stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID


def say(line: str) -> None:
    print(line, flush=True)


def play(stage: Stage, plan: Plan, seed: int) -> int:
    """Carry out *plan*; answers how many things went wrong.

    Clips that are there already must be at rest; they are counted among those asked for.
    """
    from generation.models import Clip

    before = set(Clip.objects.values_list("pk", flat=True))
    placed = set(Clip.objects.ready().filter(attempts=None).values_list("pk", flat=True))
    artists = Artists(stage, Random(seed), plan.clips)
    staff = Staff(stage, artists)
    poison = Poison(stage, artists)
    havoc = Havoc(stage, artists, plan, Random(seed + 1))
    echo = Echo(stage.redis_url).start()
    artists.ask_for_poison()
    asking = Helper("artists", artists.step, pause=0.1).start()
    others = [
        Helper("staff", staff.step, pause=0.5).start(),
        Helper("poison", poison.step, pause=0.03).start(),
    ]
    havoc.wreak()
    artists.may_stop = True
    settled = _drain(stage, artists, [asking, *others], plan.drain_seconds)
    asking.end()
    for helper in others:
        helper.end()
    stage.require_crew()
    echo.end()
    stage.end_crew()
    _tell(stage, artists, staff, poison, havoc, echo)
    artists.asked |= before
    return _judge(stage, artists, placed, echo, settled=settled)


def _drain(stage: Stage, artists: Artists, helpers: list[Helper], seconds: float) -> bool:
    """Wait until every clip is at rest and what must go is gone; False after *seconds*."""
    from generation.models import Attempt, Clip

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for helper in helpers:
            helper.check()
        stage.require_crew()
        moving = Clip.objects.live().exists()
        held = Clip.objects.quarantined().exclude(pk__in=[artists.poison]).exists()
        due = Attempt.objects.filter(media_due_at__isnull=False).exists()
        if artists.done and not (moving or held or due or _jobs_wait()):
            return True
        time.sleep(0.3)
    return False


def _jobs_wait() -> bool:
    """Whether copies are still to be signed, or finished clips to be looked at."""
    from django.utils import timezone

    from generation.models import Clip
    from review.models import Signing

    now = timezone.now()
    signing = Signing.objects.due(now) | Signing.objects.under_way(now)
    return signing.exists() or Clip.objects.ready().filter(fingerprint__isnull=True).exists()


def _tell(
    stage: Stage, artists: Artists, staff: Staff, poison: Poison, havoc: Havoc, echo: Echo
) -> None:
    from generation.models import Clip

    states = Counter(Clip.objects.values_list("state", flat=True))
    say(f"clips asked for by {len(stage.artists)} artists: {len(artists.asked)}")
    say("they ended: " + ", ".join(f"{states[name]} {name}" for name in sorted(states)))
    say(f"of these deleted by their artists: {artists.deleted}")
    doing = ", ".join(f"{count} {name}" for name, count in sorted(havoc.kills.items()))
    say(f"workers killed: {havoc.kills.total()} ({doing})")
    say(f"workers the poisoned clip killed: {poison.kills}")
    say(f"clips that staff released from quarantine: {staff.released}")
    say(f"messages delivered twice: {echo.repeated}")
    say(f"incidents: {', '.join(havoc.done)}")


def _judge(stage: Stage, artists: Artists, placed: set[UUID], echo: Echo, *, settled: bool) -> int:
    from bench.chaos.verdict import faults

    counts = [
        ("waits that ended too late", int(not settled)),
        ("messages not delivered twice", echo.unreadable),
        *faults(asked=artists.asked, placed=placed, poison=artists.poison, var=stage.var),
    ]
    for name, count in counts:
        say(f"{name}: {count}")
    return sum(count for _name, count in counts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="twelve clips, three kills")
    parser.add_argument("--seed", type=int, default=1, help="of the sequence of blows")
    parser.add_argument("--var", type=Path, help="run in this folder and keep it")
    chosen = parser.parse_args()
    began = time.monotonic()
    plan = SHORT if chosen.short else LONG
    with ExitStack() as doors:
        var = doors.enter_context(_folder(chosen.var))
        try:
            made = doors.enter_context(stage(var))
            say(f"seed {chosen.seed}; everything stands after {time.monotonic() - began:.0f} s")
            wrong = play(made, plan, chosen.seed)
        except StageFailed as error:
            say(str(error))
            return 2
    say(f"after {time.monotonic() - began:.0f} s: {wrong or 'nothing'} wrong")
    return int(wrong > 0)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="greenroom-chaos-", ignore_cleanup_errors=True) as name:
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main())
