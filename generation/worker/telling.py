"""What the render loop tells the database while it works on leases."""

from __future__ import annotations

import functools
import logging
import threading
import time
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connection

from generation.errors import LeaseLost
from generation.progress import Reporter
from generation.services import attempts
from generation.states import ClipState
from generation.worker.stop import Reason, StopRender

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from generation.services.attempts import Lease
    from generation.worker.pulse import Pulse

    Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


def report(leases: Sequence[Lease], pulse: Pulse, *, state: ClipState, step: int) -> None:
    """Say how far the render of *leases* is, for each that still holds.

    Raises:
        StopRender: when none holds any longer.
    """
    for lease in leases:
        if not pulse.holds(lease.token):
            continue
        try:
            # Without its states a clip cannot become ready.
            tell(
                pulse,
                functools.partial(attempts.report, token=lease.token, state=state, step=step),
            )
        except LeaseLost:
            pulse.look()
            pulse.lost(lease.token)
    pulse.check()


def each_step(
    leases: Sequence[Lease], pulse: Pulse, stopping: threading.Event, *, device: str
) -> Callable[[int], None]:
    """What a render of *leases* calls after each step, with the step's number from 1."""
    steps = leases[0].clip.steps
    reporter = Reporter([lease.clip for lease in leases], device=device)
    reporter.step(0)

    def on_step(step: int) -> None:
        pulse.moved()
        pulse.look()
        if stopping.is_set():
            raise StopRender(Reason.SHUTDOWN)
        reporter.step(step)
        if step == steps:
            # The frames are decoded now: for a person, encoding has begun.
            report(leases, pulse, state=ClipState.ENCODING, step=step)

    return on_step


def tell(pulse: Pulse, say: Callable[[], Answer]) -> Answer:
    """Say it to the database, again while it is away and a lease may still be ours.

    Raises:
        LeaseLost: when the lease ran out meanwhile.
    """
    while True:
        try:
            return say()
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away: %s", error)
            connection.close()
            if not pulse.alive:
                raise LeaseLost from error
            time.sleep(0.5)


def end(pulse: Pulse, say: Callable[[], object]) -> None:
    """End an attempt; when it was ended by somebody else meanwhile, that is as well."""
    try:
        tell(pulse, say)
    except LeaseLost:
        log.info("the attempt had ended already")
