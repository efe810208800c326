"""``python -m bench.log``: what the log costs a change, and how fast it is proved."""

from __future__ import annotations

import sys
import time

from bench.ground import ground
from bench.table import Row, in_turn, print_rows

CHANGES = 300
ROUNDS = 6


def logged_changes() -> list[Row]:
    """Changes with their entry ÷ the same changes without one, and entries sealed and proved.

    A change is one row updated in a transaction of its own, which is the least that a service does.
    """
    from django.db import transaction

    from portal.log_proof import prove
    from portal.models import Cohort
    from portal.services import audit, seals

    cohort = Cohort.objects.get(slug="spring-residency")

    def bare() -> None:
        for number in range(CHANGES):
            with transaction.atomic():
                Cohort.objects.filter(pk=cohort.pk).update(review_hours=24 + number % 2)

    def logged() -> None:
        for number in range(CHANGES):
            with transaction.atomic():
                Cohort.objects.filter(pk=cohort.pk).update(review_hours=24 + number % 2)
                audit.record(
                    actor=None,
                    action="cohort.updated",
                    target=cohort,
                    cohort=cohort,
                    before={"review_hours": 24},
                    after={"review_hours": 25},
                )

    logged()
    ours, alone = in_turn(logged, bare, rounds=ROUNDS)
    began = time.perf_counter()
    sealed = 0
    while done := seals.seal_waiting():
        sealed += done
    sealing = time.perf_counter() - began
    began = time.perf_counter()
    proof = prove()
    assert proof.fault is None
    proving = time.perf_counter() - began
    return [
        Row(
            name="changes with their entry in the log ÷ bare changes, a second",
            value=alone / ours,
            detail=f"{CHANGES / ours:.0f} ÷ {CHANGES / alone:.0f} a second",
        ),
        Row(
            name="entries sealed ÷ changes logged, a second",
            value=(sealed / sealing) / (CHANGES / ours),
            least=1,
            detail=f"{sealed / sealing:.0f} ÷ {CHANGES / ours:.0f} a second",
        ),
        Row(
            name="entries proved ÷ changes logged, a second",
            value=(proof.sealed / proving) / (CHANGES / ours),
            detail=f"{proof.sealed / proving:.0f} ÷ {CHANGES / ours:.0f} a second",
        ),
    ]


if __name__ == "__main__":
    with ground():
        sys.exit(print_rows(logged_changes))
