"""``make chaos-pay``: pay in every wrong order while processes die; 1 unless nothing went wrong.

Several processes draw random operations against one ledger and one bank; the chosen ones are killed
before a random statement of theirs, or between the bank's doing and the book's. ``--seed`` repeats
the draws, not how they interleave.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.bank import Bank
from bench.ground import ground

if TYPE_CHECKING:
    from payments.models import Payout, Remittance
    from portal.models import Cohort, User

# No minor unit, two digits of it, three.
CURRENCIES = ("JPY", "EUR", "BHD")
DEATHS = 0.03
STATEMENTS_TO_DEATH = 25
RETURNED = 0.25
LOST = 0.5
WORKERS = 6


@dataclass(frozen=True)
class Stage:
    """Who is paid, who pays, and where the bank keeps what it did."""

    cohort: Cohort
    artists: Sequence[User]
    staff: Sequence[User]
    bank: Bank


class Clerk:
    """One process's draws."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage, self._chance = stage, chance

    def step(self) -> str:
        """One random operation; its name, or the name of what refused it."""
        from portal.errors import GreenroomError

        [act] = self._chance.choices(
            [
                *(self.accrue, self.correct, self.draft, self.approve, self.export, self.send),
                *(self.cancel, self.hand_over, self.time_out, self.news, self.contradict),
            ],
            weights=[22, 6, 10, 10, 10, 10, 2, 12, 6, 12, 2],
        )
        try:
            act()
        except GreenroomError as error:
            return type(error).__name__
        return act.__name__

    def accrue(self) -> None:
        from payments.services.accrual import adjust

        adjust(
            actor=self._someone(),
            artist=self._chance.choice(self._stage.artists),
            cohort=self._stage.cohort,
            amount_minor=self._chance.randint(1, 99_999),
            currency=self._chance.choice(CURRENCIES),
            reason="Chaos",
        )

    def correct(self) -> None:
        from payments.models import WorkItem
        from payments.services.accrual import correct_work

        work = self._pick(WorkItem.objects.filter(cohort=self._stage.cohort))
        if work is not None:
            correct_work(actor=self._someone(), work=work, reason="Chaos")

    def draft(self) -> None:
        """Twice with one form, as a double click does."""
        from payments.queries import newest_owed, owed_shares
        from payments.services.payouts import draft_payout

        cohort, currency = self._stage.cohort, self._chance.choice(CURRENCIES)
        through = newest_owed(cohort=cohort, currency=currency)
        shares = owed_shares(cohort=cohort, currency=currency)
        payable = {one.artist.pk: one.total_minor for one in shares if one.payable}
        chosen = dict(list(payable.items())[: self._chance.randint(1, len(payable) or 1)])
        actor, form = self._someone(), uuid.UUID(int=self._chance.getrandbits(128), version=4)
        for _click in range(2):
            draft_payout(
                actor=actor,
                cohort=cohort,
                currency=currency,
                expected=chosen,
                through=through,
                idempotency_key=form,
            )

    def approve(self) -> None:
        from payments.services.payouts import approve

        if payout := self._payout("draft"):
            approve(actor=self._someone(), payout=payout)

    def export(self) -> None:
        from payments.services.payouts import export

        if payout := self._payout("approved"):
            export(actor=self._someone(), payout=payout)

    def send(self) -> None:
        from payments.services.payouts import mark_sent

        if payout := self._payout("exported"):
            mark_sent(actor=self._someone(), payout=payout)

    def cancel(self) -> None:
        from payments.services.payouts import cancel

        if payout := self._payout("draft", "approved", "exported"):
            cancel(actor=self._someone(), payout=payout, reason="Chaos")

    def hand_over(self) -> None:
        """To the bank, which may have it already; half of the answers are lost."""
        if row := self._remittance("sent", "unknown"):
            self._stage.bank.carry_out(row, arrives=self._chance.random() >= RETURNED)
            if self._chance.random() < LOST:
                return
            self.tell(row)

    def time_out(self) -> None:
        from payments.services.remittances import lose_sight

        if row := self._remittance("sent"):
            lose_sight(actor=None, remittance=row)

    def news(self) -> None:
        """What the bank says of any transfer: early, late, twice, in any order."""
        if row := self._remittance("sent", "unknown", "settled", "failed"):
            self.tell(row)
            self.tell(row)

    def contradict(self) -> None:
        """Say the opposite of what is known."""
        if row := self._remittance("settled", "failed"):
            self._answer(row, arrived=row.state == "failed")

    def reconcile(self, row: Remittance) -> None:
        """Ask by the stored key; what the bank has never heard of sets out under the same one."""
        if self._stage.bank.find(row.key) is None:
            self._stage.bank.carry_out(row, arrives=True)
        self.tell(row)

    def tell(self, row: Remittance) -> None:
        if found := self._stage.bank.find(row.key):
            self._answer(row, arrived=found.arrives)

    def _answer(self, row: Remittance, *, arrived: bool) -> None:
        from payments.services.remittances import fail, settle

        actor, reference = self._someone(), f"bank {row.key}"[:64]
        if arrived:
            settle(actor=actor, remittance=row, bank_reference=reference, note="Chaos")
        else:
            fail(actor=actor, remittance=row, reason="No", bank_reference=reference, note="Chaos")

    def _someone(self) -> User:
        return self._chance.choice(self._stage.staff)

    def _payout(self, *states: str) -> Payout | None:
        from payments.models import Payout

        found: Payout | None = self._pick(
            Payout.objects.filter(cohort=self._stage.cohort, state__in=states)
        )
        return found

    def _remittance(self, *states: str) -> Remittance | None:
        from payments.models import Remittance

        found: Remittance | None = self._pick(
            Remittance.objects.filter(payout__cohort=self._stage.cohort, state__in=states)
        )
        return found

    def _pick(self, rows: Any) -> Any:
        """One of the newest rows: the old ones have seen it all."""
        return self._chance.choice(list(rows.order_by("-pk")[:20]) or [None])


class _Fuse:
    """Kills its own process before the statement whose turn has come."""

    def __init__(self, left: int) -> None:
        self._left = left

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def _work(
    stage: Stage, seed: str, deaths: float, marks: Any, number: int, quota: int, says: Any
) -> None:
    """A process: draw until the *quota* is done; marks[number] counts, also over deaths."""
    from django.db import connection

    while marks[number] < quota:
        marks[number] += 1
        chance = random.Random(f"{seed}:{number}:{marks[number]}")
        fuse = chance.randint(1, STATEMENTS_TO_DEATH) if chance.random() < deaths else 10**9
        with connection.execute_wrapper(_Fuse(fuse)):
            try:
                name = Clerk(stage, chance).step()
            except Exception as error:  # noqa: BLE001 - counted, and named, by who started this
                name = f"!{type(error).__name__}: {error}"
        says.send_bytes(name.encode()[:500])
    connection.close()


def play(
    stage: Stage, *, operations: int, seed: int, workers: int = WORKERS, deaths: float = DEATHS
) -> dict[str, int]:
    """Carry out *operations* by *workers* processes; what went wrong, each with its count.

    *deaths* is the share of operations that may kill their process.
    """
    from django.db import connection, connections

    forks = multiprocessing.get_context("fork")
    marks = forks.RawArray("q", workers)
    quota = -(-operations // workers)
    seen: Counter[str] = Counter()
    killed = looks = unbalanced = 0
    crew: dict[int, tuple[Any, Any]] = {}

    def start(number: int) -> None:
        # A child must not share the socket of its parent.
        connections.close_all()
        ear, mouth = forks.Pipe(duplex=False)
        child = forks.Process(
            target=_work, args=(stage, str(seed), deaths, marks, number, quota, mouth)
        )
        child.start()
        mouth.close()
        crew[number] = child, ear

    _remember(stage)
    for number in range(workers):
        start(number)
    while crew:
        for number, (child, ear) in list(crew.items()):
            alive = child.is_alive()
            try:
                while ear.poll():
                    seen[ear.recv_bytes().decode(errors="replace")] += 1
            except EOFError:
                alive = alive and child.join(5) is not None
            if alive:
                continue
            child.join()
            ear.close()
            del crew[number]
            if child.exitcode != 0:
                killed += 1
                if child.exitcode != -signal.SIGKILL:
                    seen[f"!exit {child.exitcode}"] += 1
                start(number)
        looks += 1
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT 1 FROM payments_posting"
                " GROUP BY currency HAVING sum(amount_minor) <> 0) AS off"
            )
            unbalanced += int(cursor.fetchone()[0] > 0)
        time.sleep(0.02)
    broken = {name: count for name, count in seen.items() if name.startswith("!")}
    print(f"operations: {sum(marks)}; processes killed: {killed}; looks at the balance: {looks}")
    print(", ".join(f"{count} {name}" for name, count in sorted(seen.items())))
    clerk = Clerk(stage, random.Random(seed))
    return {
        "looks at which the trial balance was not zero": unbalanced,
        "operations that broke": sum(broken.values()),
        **_judge(stage, clerk),
    }


def _remember(stage: Stage) -> None:
    """Let the bank know what it did before anybody watched."""
    from payments.models import Remittance

    for row in Remittance.objects.filter(
        payout__cohort=stage.cohort, state__in=["settled", "failed"]
    ):
        stage.bank.carry_out(row, arrives=row.state == "settled")


def _judge(stage: Stage, clerk: Clerk) -> dict[str, int]:
    """Clear what is in the air by reconciliation, then compare the books with the bank."""
    from django.db.models import Sum

    from payments.models import PayoutLine, Posting, Remittance, WorkItem
    from payments.proofs import faults

    ours = Remittance.objects.filter(payout__cohort=stage.cohort)
    air = ours.filter(state__in=["sent", "unknown"])
    print(f"cleared by reconciliation: {air.count()}")
    for row in air.order_by("pk"):
        clerk.reconcile(row)
    bank = stage.bank.transfers()
    rows = {row.key: row for row in ours}
    done = {key: one for key, one in bank.items() if one.arrives}
    settled = {key for key, row in rows.items() if row.state == "settled"}
    paid: Counter[int] = Counter()
    lines = PayoutLine.objects.filter(payout__cohort=stage.cohort)
    arrived = set(ours.filter(state="settled").values_list("payout_id", "artist_id"))
    for payout, payee, work in lines.values_list("payout_id", "artist_id", "work_id"):
        paid[work] += (payout, payee) in arrived
    lost = 0
    for artist in stage.artists:
        for currency in CURRENCIES:
            earned = WorkItem.objects.filter(artist=artist, currency=currency)
            owed = Posting.objects.filter(account__owner=artist, account__currency=currency)
            total = earned.aggregate(sum=Sum("amount_minor"))["sum"] or 0
            left = -(owed.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
            received = sum(
                one.amount_minor
                for one in done.values()
                if one.artist == artist.pk and one.currency == currency
            )
            lost += total != left + received
    return {
        "obligations paid twice": sum(times > 1 for times in paid.values()),
        "artists and currencies whose money is lost or too much": lost,
        "unknown or in transit after reconciliation": air.count(),
        "transfers of which books and bank differ": len(settled ^ set(done)),
        "amounts that are off by a minor unit or more": sum(
            (one.amount_minor, one.currency) != (rows[key].amount_minor, rows[key].currency)
            for key, one in bank.items()
        ),
        "proofs of the ledger that fail": len(list(faults())),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos_pay", description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.monotonic()
    with ground(), tempfile.TemporaryDirectory(prefix="greenroom-pay-") as name:
        from portal.models import Cohort, User

        people = {
            who: User.objects.get(email=f"{who}@demo.example")
            for who in ("ada", "lucien", "alba", "anselm", "rosa", "remy")
        }
        cohort = Cohort.objects.filter(memberships__user=people["ada"]).first()
        assert cohort is not None
        stage = Stage(
            cohort=cohort,
            artists=[people["ada"], people["lucien"]],
            staff=[people[who] for who in ("alba", "anselm", "rosa", "remy")],
            bank=Bank(Path(name) / "bank"),
        )
        wrong = play(stage, operations=chosen.operations, seed=chosen.seed)
    for what, count in wrong.items():
        print(f"{what}: {count}")
    total = sum(wrong.values())
    print(f"after {time.monotonic() - began:.0f} s: {total or 'nothing'} wrong")
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
