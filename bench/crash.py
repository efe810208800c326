"""``python -m bench.crash``: kill PostgreSQL while clips are claimed; 1 when anything disagrees.

A claim does not wait for the disk, so a crash may undo the newest. What it undoes must be gone as a
whole: the clip waits, the token is worth nothing, nobody is charged.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench.claims import enrol, fill
from bench.ground import Running, ground

if TYPE_CHECKING:
    from uuid import UUID

    from generation.services.attempts import Lease

CRASHES = 5
WORKERS = 2
CLIPS = 6_000


def crashes(database: Running) -> int:
    """How many things disagree after each of ``CRASHES``, one line each."""
    from portal.models import Cohort

    enrol()
    fill(CLIPS)
    Cohort.objects.update(clips_running_per_artist=None)
    given: set[UUID] = set()
    wrong = undone = 0
    for number in range(CRASHES):
        leases = _claimed_until_killed(database, seconds=0.5 + 0.13 * number)
        tokens = {lease.token for lease in leases}
        lost = _undone(leases)
        faults = {**_faults(lost), "tokens given twice": len(tokens & given)}
        given |= tokens
        undone += len(lost)
        wrong += sum(faults.values())
        told = ", ".join(f"{count} {what}" for what, count in faults.items())
        print(f"{len(leases)} claims, {len(lost)} undone by the crash; {told}", flush=True)
    print(f"{undone} claims undone in all, {wrong} faults")
    return wrong


def _claimed_until_killed(database: Running, *, seconds: float) -> list[Lease]:
    """What workers were given until PostgreSQL was killed; it answers again afterwards."""
    from django.db import InterfaceError, OperationalError, connection

    from generation.services import attempts

    leases: list[Lease] = []

    def work() -> None:
        try:
            while lease := attempts.claim_next(worker="bench", models=["starter"], device="cpu"):
                leases.append(lease)
        except (OperationalError, InterfaceError):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    while not leases:
        time.sleep(0.01)
    time.sleep(seconds)
    _kill(database.process)
    for thread in threads:
        thread.join()
    connection.close()
    database.start_again()
    return leases


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The process and all it started, at once: nothing is written any more."""
    # Whoever stands still starts no other.
    process.send_signal(signal.SIGSTOP)
    every = [process.pid]
    for pid in every:
        with suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            every += [int(child) for child in children.split()]
    for pid in every:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    while any(_lives(pid) for pid in every):
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _undone(leases: list[Lease]) -> list[Lease]:
    from generation.models import Attempt

    tokens = [lease.token for lease in leases]
    kept = set(Attempt.objects.filter(lease_token__in=tokens).values_list("lease_token", flat=True))
    return [lease for lease in leases if lease.token not in kept]


def _faults(lost: list[Lease]) -> dict[str, int]:
    from django.db.models import Sum

    from generation.models import Attempt, Clip, GpuAccount
    from generation.states import RUNNING, AttemptState, ClipState

    waiting = Clip.objects.filter(
        pk__in=[lease.clip.pk for lease in lost], state=ClipState.QUEUED
    ).count()
    running = Clip.objects.filter(state__in=RUNNING).count()
    attempts = Attempt.objects.filter(state=AttemptState.RUNNING).count()
    of_accounts = GpuAccount.objects.aggregate(all=Sum("charged_seconds"))["all"] or 0
    of_attempts = Attempt.objects.aggregate(all=Sum("charged_seconds"))["all"] or 0
    return {
        "of their clips do not wait": len(lost) - waiting,
        "of their tokens still count": sum(not _is_refused(lease) for lease in lost),
        "clips run without an attempt": abs(running - attempts),
        "milliseconds are charged to nobody": int(abs(of_accounts - of_attempts) * 1000),
    }


def _is_refused(lease: Lease) -> bool:
    from generation.errors import LeaseLost
    from generation.services import attempts
    from generation.states import ClipState, Heartbeat

    if attempts.heartbeat(token=lease.token) is not Heartbeat.LOST:
        return False
    try:
        attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    except LeaseLost:
        return True
    return False


if __name__ == "__main__":
    with ground() as database:
        sys.exit(1 if crashes(database) else 0)
