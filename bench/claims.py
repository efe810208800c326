"""``python -m bench.claims``: what a claim costs when very many clips wait, and beside Celery."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from bench.ground import ground, vacuum
from bench.noop import rate as celery_rate
from bench.table import Row, print_rows

ARTISTS = 300
FEW, MANY = 1_000, 1_000_000
CYCLES = 100
ROUNDS = 3
TASKS = 3_000
# What renders take differs, so artists do not stand equal.
_RENDERS = random.Random(7)


def claims() -> list[Row]:
    """Claim and finish with a million clips waiting ÷ with a thousand, and ÷ no-op Celery tasks.

    The million cannot be taken away and put back within minutes, so the two rates are not taken
    in turn: the few first, then the many, each the best of its rounds.
    """
    from django.conf import settings

    enrol()
    few = _rate_with(FEW)
    celery = celery_rate(settings.CELERY_BROKER_URL, tasks=TASKS)
    workers = os.cpu_count() or 1
    fill(FEW)
    together = _rate_of(workers)
    broker = settings.CELERY_BROKER_URL
    celery_together = celery_rate(broker, tasks=TASKS * workers, workers=workers)
    many = _rate_with(MANY)
    return [
        Row(
            name=f"claims and finishes a second, {MANY:,} clips waiting ÷ {FEW:,}",
            value=many / few,
            least=0.8,
            detail=f"{many:.0f} ÷ {few:.0f} a second, {ARTISTS} artists",
        ),
        Row(
            name="claims and finishes a second ÷ no-op Celery tasks",
            value=together / celery_together,
            least=0.25,
            detail=f"{together:.0f} ÷ {celery_together:.0f} a second, {workers} workers each, the "
            "same Redis",
        ),
        Row(
            name="the same, one worker each",
            value=few / celery,
            detail=f"{few:.0f} ÷ {celery:.0f} a second",
        ),
    ]


def _rate_with(waiting: int) -> float:
    fill(waiting)
    vacuum("generation_clip", "generation_gpuaccount")
    # Until each artist was served once all stand equal, and a claim has to look at everybody.
    for _ in range(ARTISTS):
        _cycle()
    return max(_rate() for _ in range(ROUNDS))


def _rate() -> float:
    return CYCLES / sum(_cycle() for _ in range(CYCLES))


def _rate_of(workers: int) -> float:
    """Cycles a second of so many processes at once, the best of the rounds."""
    command = [sys.executable, "-m", "bench.claims", "--worker"]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    try:
        return max(_round(started) for _ in range(ROUNDS))
    finally:
        for worker in started:
            worker.communicate()


def _round(started: Sequence[subprocess.Popen[str]]) -> float:
    for worker in started:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in started:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return sum(float(worker.stdout.readline()) for worker in started if worker.stdout is not None)


def _work() -> None:
    """One of those processes: a round for each line it is sent."""
    import django

    django.setup()
    for _ in range(CYCLES // 4):
        _cycle()
    print("ready", flush=True)
    for _line in sys.stdin:
        print(_rate(), flush=True)
        print("ready", flush=True)


def _cycle() -> float:
    """Seconds that one claim and one finish take; what the worker reports between is not in it."""
    from django.db.models import F

    from generation.media.store import StoredFiles
    from generation.models import Attempt
    from generation.services import attempts
    from generation.states import ClipState

    began = time.perf_counter()
    lease = attempts.claim_next(worker="bench", models=["starter"], warm=["starter"], device="cpu")
    claimed = time.perf_counter() - began
    assert lease is not None
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    attempts.report(token=lease.token, state=ClipState.ENCODING, step=12)
    files = StoredFiles(
        original="o", preview="p", poster="q", filmstrip="f", cover="c", sha256="a" * 64
    )
    # No more seconds are charged than the lease is old.
    Attempt.objects.filter(lease_token=lease.token).update(
        started_at=F("started_at") - timedelta(seconds=10)
    )
    began = time.perf_counter()
    attempts.finish(
        token=lease.token,
        files=files,
        manifest={"device": "cpu"},
        gpu_seconds=_RENDERS.uniform(4, 8),
    )
    return claimed + time.perf_counter() - began


def enrol() -> None:
    """Add artists to the demo's cohort, who ask for nothing yet."""
    from generation.models import GpuAccount
    from portal.models import Cohort, User

    cohort = Cohort.objects.get(slug="spring-residency")
    people = User.objects.bulk_create(
        User(email=f"bench-{number}@demo.example", name=f"Artist {number}")
        for number in range(ARTISTS)
    )
    GpuAccount.objects.bulk_create(GpuAccount(artist=person, cohort=cohort) for person in people)


def fill(target: int) -> None:
    """Let *target* clips wait, alike for each artist, asked for over the last day."""
    from django.db import connection

    from generation.models import Clip, GpuAccount
    from generation.states import ClipState

    account = GpuAccount.objects.filter(artist__email__startswith="bench-").latest("pk")
    waiting = Clip.objects.filter(account=account, state=ClipState.QUEUED)
    # All is copied from it but what is said below, so it must be one that waits.
    pattern = waiting.order_by("pk").first() or Clip.objects.create(
        artist=account.artist,
        cohort=account.cohort,
        account=account,
        prompt="a red boat on the sea at night",
        model_key="starter",
        width=128,
        height=128,
        frames=17,
        fps=8,
        steps=12,
        guidance="2.50",
        seed=7,
        estimate="6.000",
    )
    missing = target - Clip.objects.filter(state=ClipState.QUEUED).count()
    own = {
        "id": "gen_random_uuid()",
        "request_id": "gen_random_uuid()",
        "account_id": "account.id",
        "artist_id": "account.artist_id",
        "queued_at": "now() - interval '1 day' * (1 - number / %(missing)s::float)",
    }
    columns = [field.column for field in Clip._meta.concrete_fields if field.column]
    values = ", ".join(own.get(column, f"pattern.{column}") for column in columns)
    with connection.cursor() as cursor:
        # Row by row through the ORM this takes minutes. Only names of columns are pasted.
        cursor.execute(
            f"insert into generation_clip ({', '.join(columns)}) select {values} "  # noqa: S608
            "from generate_series(1, %(missing)s) as number "
            "join (select a.id, a.artist_id, row_number() over (order by a.id) - 1 as place "
            "from generation_gpuaccount a join portal_user u on u.id = a.artist_id "
            "where u.email like 'bench-%%') as account on account.place = number %% %(artists)s "
            "cross join generation_clip pattern where pattern.id = %(pattern)s",
            {"missing": missing, "artists": ARTISTS, "pattern": pattern.pk},
        )
    assert Clip.objects.filter(state=ClipState.QUEUED).count() == target


if __name__ == "__main__":
    if "--worker" in sys.argv:
        _work()
        sys.exit()
    with ground():
        sys.exit(print_rows(claims))
