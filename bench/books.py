"""``python -m bench.books``: what the ledger costs, and pages of pay among very many postings."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from bench.ground import as_owner, ground, vacuum
from bench.table import Row, in_turn, print_rows, seconds

if TYPE_CHECKING:
    from django.test import Client

    from payments.models import RateCard
    from portal.models import Cohort, User

ENTRIES = 200
FEW, MANY = 1_000, 1_000_000
# Artists of either; few postings are fifty pieces of work each, as many as a page shows.
ARTISTS = {"few": 10, "many": 300}
DAYS, PAYOUTS = 700, 20
REQUESTS, ROUNDS = 110, 10
_TABLES = (
    *("payments_account", "payments_entry", "payments_posting", "payments_feedback"),
    *("payments_workitem", "payments_payout", "payments_payoutline", "payments_remittance"),
)
_TRIGGERS_OFF = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in _TABLES]
_TRIGGERS_ON = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in _TABLES]


def postings() -> list[Row]:
    """Postings a second through the one way into the books ÷ bare INSERTs of the same rows.

    Either way an entry and its two postings are one transaction. The bare tables have the same
    columns and indexes and no triggers.
    """
    from django.db import connection, transaction

    from payments.models import Entry
    from payments.services.ledger import Leg, bank, clearing, post_entry

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        [role] = cursor.fetchone()
    as_owner(
        "CREATE TABLE bench_entry (LIKE payments_entry INCLUDING ALL)",
        "CREATE TABLE bench_posting (LIKE payments_posting INCLUDING ALL)",
        f'GRANT ALL ON bench_entry, bench_posting TO "{role}"',
    )
    one, other = clearing(currency="EUR"), bank(currency="EUR")
    numbers = iter(range(10**9))

    def booked() -> None:
        for _ in range(ENTRIES):
            post_entry(
                actor=None,
                cause=f"bench:{next(numbers)}",
                description="Bench",
                legs=[Leg(account=one, amount_minor=5), Leg(account=other, amount_minor=-5)],
            )

    def bare() -> None:
        for _ in range(ENTRIES):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO bench_entry (cause, description) VALUES (%s, %s) RETURNING id",
                    [f"bench:{next(numbers)}", "Bench"],
                )
                [entry] = cursor.fetchone()
                cursor.execute(
                    "INSERT INTO bench_posting (entry_id, account_id, currency, amount_minor) "
                    "VALUES (%s, %s, %s, %s), (%s, %s, %s, %s)",
                    [entry, one.pk, "EUR", 5, entry, other.pk, "EUR", -5],
                )

    booked()
    bare()
    ours, alone = in_turn(booked, bare, rounds=ROUNDS)
    assert Entry.objects.filter(cause__startswith="bench:").count() == ENTRIES * (ROUNDS + 1)
    made = 2 * ENTRIES
    return [
        Row(
            name="postings a second ÷ bare INSERTs of the same rows",
            value=alone / ours,
            least=0.3,
            detail=f"{made / ours:,.0f} ÷ {made / alone:,.0f} a second",
        )
    ]


@dataclass(frozen=True)
class Round:
    """A cohort of the bench, one of its artists, and what its report took to make."""

    cohort: Cohort
    artist: User
    report_seconds: float


def pages(many: int = MANY) -> list[Row]:
    """p95 of the earnings page and of a cohort's report among a million postings ÷ a thousand.

    Two cohorts in one database. Work is spread over two years and all of it older than two months
    is paid, in twenty payouts.
    """
    from django.core.management import call_command

    # The pages name their styles by digest.
    call_command("collectstatic", interactive=False, verbosity=0)
    few, lots = _round("few", FEW), _round("many", many)
    rows = []
    for what, path in (
        ("the earnings page", lambda one: "/earnings/"),
        ("a cohort’s report", lambda one: f"/cohorts/{one.cohort.slug}/report/"),
    ):
        late, early = _in_turn(_getting(lots, path(lots)), _getting(few, path(few)))
        rows.append(
            Row(
                name=f"p95 of {what}, {many:,} postings ÷ {FEW:,}",
                value=late / early,
                most=1.5,
                detail=f"{late * 1000:.0f} ms ÷ {early * 1000:.0f} ms",
            )
        )
    rows.append(
        Row(
            name=f"a report of {many:,} postings made, once a month",
            value=lots.report_seconds,
            unit=" s",
            detail=f"of {FEW:,}: {few.report_seconds:.1f} s",
        )
    )
    return rows


def _in_turn(ours: Callable[[], None], other: Callable[[], None]) -> tuple[float, float]:
    """p95 of each over all rounds; one goes after the other, request by request."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(REQUESTS):
        pairs = [(ours, taken[0]), (other, taken[1])]
        for work, times in pairs if number % 2 else pairs[::-1]:
            times.append(seconds(work))
    late, early = (statistics.quantiles(times[10:], n=20)[-1] for times in taken)
    return late, early


def _getting(one: Round, path: str) -> Callable[[], None]:
    from portal.models import User

    people = list(User.objects.filter(memberships__cohort=one.cohort).order_by("pk")[:10])
    clients = cycle([_client(person) for person in people])

    def get() -> None:
        assert next(clients).get(path).status_code == 200

    return get


def _client(person: User) -> Client:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _round(name: str, count: int) -> Round:
    """A cohort with half as many pieces of work as there are to be postings."""
    from payments.services.rates import set_rate
    from payments.services.reports import make
    from payments.states import RateKind
    from portal.models import Cohort, Membership, User

    cohort = Cohort.objects.get(slug="spring-residency")
    cohort.pk, cohort.slug, cohort.name = None, f"books-{name}", f"Books {name}"
    cohort.save()
    people = User.objects.bulk_create(
        User(email=f"{name}-{number}@books.example", name=f"Artist {number}")
        for number in range(ARTISTS[name])
    )
    Membership.objects.bulk_create(Membership(cohort=cohort, user=person) for person in people)
    rate = set_rate(
        actor=None, cohort=cohort, kind=RateKind.FEEDBACK, amount_minor=25_00, currency="EUR"
    )
    _fill(cohort, rate, people, count // 2)
    vacuum(*_TABLES)
    took = seconds(lambda: make(actor=None, cohort=cohort))
    return Round(cohort=cohort, artist=people[0], report_seconds=took)


def _fill(cohort: Cohort, rate: RateCard, people: list[User], count: int) -> None:
    """As the owner of the tables: row by row through the triggers this takes hours."""
    first, last, artists = people[0].pk, people[-1].pk, len(people)
    assert last - first == artists - 1
    # Only numbers and the currency are pasted.
    own = {
        "cohort": cohort.pk,
        "rate": rate.pk,
        "first": first,
        "last": last,
        "artists": artists,
        "count": count,
        "days": DAYS,
        "payouts": PAYOUTS,
        "span": (DAYS - 60) // PAYOUTS,
    }
    as_owner(*_TRIGGERS_OFF, *(line.format(**own) for line in _FILLED), *_TRIGGERS_ON)


_FILLED = (
    """
    CREATE TEMP TABLE made AS
    SELECT nextval('payments_feedback_id_seq') AS report,
           nextval('payments_workitem_id_seq') AS work,
           nextval('payments_entry_id_seq') AS entry, {first} + number % {artists} AS artist,
           number / {artists} % {days} AS age,
           now() - interval '1 day' * (number / {artists} % {days}) AS at
    FROM generate_series(0, {count} - 1) number
    """,
    """
    INSERT INTO payments_account (code, kind, currency, owner_id)
    SELECT 'liability:artist:' || number, 'liability', 'EUR', number
    FROM generate_series({first}, {last}) number
    """,
    """
    INSERT INTO payments_account (code, kind, currency)
    VALUES ('expense:work:bench-{cohort}', 'expense', 'EUR')
    """,
    """
    INSERT INTO payments_feedback (id, author_id, cohort_id, token, state, model_key, tried,
                                   happened, change, opinion, minutes, picture, picture_sha256,
                                   created_at, updated_at, filed_at)
    SELECT report, artist, {cohort}, gen_random_uuid(), 'filed', 'starter', 'A boat at night',
           '', '', '', 30 + report % 60, '', '', at, at, at
    FROM made
    """,
    """
    INSERT INTO payments_workitem (id, kind, artist_id, cohort_id, feedback_id, rate_id,
                                   amount_minor, currency, accrued_at, note)
    SELECT work, 'feedback', artist, {cohort}, report, {rate}, 2500, 'EUR', at, '' FROM made
    """,
    """
    INSERT INTO payments_entry (id, cause, description, work_id, at, transaction)
    SELECT entry, 'work:' || work, 'feedback: A boat at night', work, at, 1 FROM made
    """,
    """
    INSERT INTO payments_posting (entry_id, account_id, currency, amount_minor)
    SELECT entry, account.id, 'EUR', leg.amount
    FROM made
    CROSS JOIN (VALUES (-2500), (2500)) leg (amount)
    JOIN payments_account account ON account.currency = 'EUR' AND account.code = CASE
        WHEN leg.amount < 0 THEN 'liability:artist:' || artist
        ELSE 'expense:work:bench-{cohort}' END
    """,
    """
    CREATE TEMP TABLE sent AS
    SELECT nextval('payments_payout_id_seq') AS payout, nextval('payments_entry_id_seq') AS entry,
           number, now() - interval '1 day' * (60 + number * {span}) AS at
    FROM generate_series(0, {payouts} - 1) number
    """,
    """
    CREATE TEMP TABLE paid AS
    SELECT payout, work, artist, sent.at FROM made
    JOIN sent ON age >= 60 AND sent.number = least((age - 60) / {span}, {payouts} - 1)
    """,
    """
    INSERT INTO payments_payout (id, cohort_id, currency, total_minor, state, rail,
                                 idempotency_key, people, drafted_by_id, drafted_at,
                                 approved_by_id, approved_at, exported_by_id, exported_at,
                                 sent_by_id, sent_at, cancel_reason)
    SELECT payout, {cohort}, 'EUR',
           2500 * (SELECT count(*) FROM paid WHERE paid.payout = sent.payout), 'sent',
           'csv', gen_random_uuid(), 3, {first}, at, {first} + 1, at, {first}, at, {first} + 2,
           at, ''
    FROM sent WHERE payout IN (SELECT payout FROM paid)
    """,
    """
    INSERT INTO payments_payoutline (payout_id, work_id, artist_id, amount_minor, live)
    SELECT payout, work, artist, 2500, true FROM paid
    """,
    """
    INSERT INTO payments_remittance (payout_id, artist_id, attempt, key, amount_minor, currency,
                                     method, holder_sealed, account_sealed, account_hint, state,
                                     sent_at, closed_at, bank_reference, reason, note)
    SELECT payout, artist, 1, md5(payout || ' ' || artist), 2500 * count(*), 'EUR', '', '', '', '',
           'settled', min(at), min(at) + interval '3 days', 'Statement', '', ''
    FROM paid GROUP BY payout, artist
    """,
    """
    INSERT INTO payments_entry (id, cause, description, payout_id, at, transaction)
    SELECT entry, 'payout:' || payout || ':sent', 'Payout', payout, at, 1
    FROM sent WHERE payout IN (SELECT payout FROM paid)
    """,
    """
    INSERT INTO payments_posting (entry_id, account_id, currency, amount_minor)
    SELECT sent.entry, account.id, 'EUR', 2500 * count(*)
    FROM paid JOIN sent USING (payout)
    JOIN payments_account account ON account.code = 'liability:artist:' || artist
    GROUP BY sent.entry, account.id
    """,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=MANY, help="postings in the longer books")
    wanted = parser.parse_args()
    with ground():
        return print_rows(postings, lambda: pages(wanted.many))


if __name__ == "__main__":
    sys.exit(main())
