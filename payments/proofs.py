"""What the books must satisfy, each a question to the database whose answer must be empty.

The database refuses most of this already. The proofs ask again, from the rows alone, so that an
accountant need not trust the triggers, nor whoever could switch them off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from payments import remittance_proofs, work_proofs
from payments.proof import Proof
from portal.moment import one_moment


class Fault(NamedTuple):
    """One thing in the books that must not be, in words."""

    proof: str
    words: str


class Total(NamedTuple):
    """The sums of one currency in minor units; debits and credits differ by their sign alone."""

    currency: str
    debit_minor: int
    credit_minor: int


PROOFS = [
    Proof(
        says="the trial balance is zero in each currency",
        counterexamples="""
            SELECT format('%s: debits and credits differ by %s', currency, sum(amount_minor))
            FROM payments_posting GROUP BY currency HAVING sum(amount_minor) <> 0
        """,
    ),
    Proof(
        says="each entry has two postings or more and adds up to zero",
        counterexamples="""
            SELECT format('entry %s (%s) has %s postings', e.id, e.cause, count(p.id))
            FROM payments_entry e LEFT JOIN payments_posting p ON p.entry_id = e.id
            GROUP BY e.id HAVING count(p.id) < 2
            UNION ALL
            SELECT format(
                'entry %s (%s) is off by %s %s', e.id, e.cause, sum(p.amount_minor), p.currency
            )
            FROM payments_entry e JOIN payments_posting p ON p.entry_id = e.id
            GROUP BY e.id, p.currency HAVING sum(p.amount_minor) <> 0
        """,
    ),
    Proof(
        says="each posting is in the currency of its account",
        counterexamples="""
            SELECT format(
                'posting %s in %s stands on %s, which is in %s',
                p.id, p.currency, a.code, a.currency
            )
            FROM payments_posting p JOIN payments_account a ON a.id = p.account_id
            WHERE p.currency <> a.currency
        """,
    ),
    Proof(
        says="each obligation has its one entry: the cohort's expense, owed to its artist",
        counterexamples="""
            WITH legs AS (
                SELECT w.id, e.id AS entry,
                    sum(p.amount_minor) FILTER (
                        WHERE a.kind = 'expense' AND a.code = 'expense:work:' || c.slug
                          AND a.currency = w.currency
                    ) AS expense,
                    sum(p.amount_minor) FILTER (
                        WHERE a.kind = 'liability' AND a.owner_id = w.artist_id
                          AND a.currency = w.currency
                    ) AS owed,
                    count(p.id) AS postings
                FROM payments_workitem w
                JOIN portal_cohort c ON c.id = w.cohort_id
                LEFT JOIN payments_entry e ON e.cause = 'work:' || w.id AND e.work_id = w.id
                LEFT JOIN payments_posting p ON p.entry_id = e.id
                LEFT JOIN payments_account a ON a.id = p.account_id
                WHERE w.amount_minor <> 0
                GROUP BY w.id, e.id
            )
            SELECT CASE WHEN legs.entry IS NULL
                THEN format('work %s is owed %s %s and has no entry',
                            w.id, w.amount_minor, w.currency)
                ELSE format('entry %s does not book the %s %s of work %s',
                            legs.entry, w.amount_minor, w.currency, w.id)
            END
            FROM legs JOIN payments_workitem w ON w.id = legs.id
            WHERE legs.entry IS NULL OR legs.postings <> 2
               OR legs.expense IS DISTINCT FROM w.amount_minor
               OR legs.owed IS DISTINCT FROM -w.amount_minor
        """,
    ),
    Proof(
        says="each payout that was sent has its legs, and no other has any",
        counterexamples="""
            WITH lines AS (
                SELECT payout_id, artist_id, sum(amount_minor) AS total
                FROM payments_payoutline GROUP BY payout_id, artist_id
            ),
            legs AS (
                SELECT e.payout_id, a.owner_id AS artist_id, sum(p.amount_minor) AS total
                FROM payments_entry e
                JOIN payments_posting p ON p.entry_id = e.id
                JOIN payments_account a ON a.id = p.account_id
                WHERE a.kind = 'liability'
                  AND e.cause = 'payout:' || e.payout_id || ':sent'
                GROUP BY e.payout_id, a.owner_id
            ),
            bank AS (
                SELECT e.payout_id, sum(p.amount_minor) AS total
                FROM payments_entry e
                JOIN payments_posting p ON p.entry_id = e.id
                JOIN payments_account a ON a.id = p.account_id
                WHERE a.kind = 'asset'
                  AND e.cause = 'payout:' || e.payout_id || ':sent'
                GROUP BY e.payout_id
            )
            SELECT format(
                'payout %s says %s for artist %s, the books say %s',
                coalesce(lines.payout_id, legs.payout_id), coalesce(lines.total, 0),
                coalesce(lines.artist_id, legs.artist_id), coalesce(legs.total, 0)
            )
            FROM (
                SELECT lines.* FROM lines JOIN payments_payout o ON o.id = lines.payout_id
                WHERE o.state = 'sent' AND lines.total <> 0
            ) lines
            FULL JOIN legs
              ON legs.payout_id = lines.payout_id AND legs.artist_id = lines.artist_id
            WHERE legs.total IS DISTINCT FROM lines.total
            UNION ALL
            SELECT format(
                'payout %s of %s %s took %s from the bank',
                o.id, o.total_minor, o.currency, coalesce(-bank.total, 0)
            )
            FROM payments_payout o LEFT JOIN bank ON bank.payout_id = o.id
            WHERE (o.state = 'sent' OR bank.total IS NOT NULL)
              AND (o.state <> 'sent' OR bank.total IS DISTINCT FROM -o.total_minor)
        """,
    ),
    Proof(
        says="what each artist's account says is what their work earned less what stayed sent",
        counterexamples="""
            WITH work AS (
                SELECT artist_id, currency, sum(amount_minor) AS total
                FROM payments_workitem GROUP BY artist_id, currency
            ),
            sent AS (
                SELECT l.artist_id, o.currency, sum(l.amount_minor) AS total
                FROM payments_payoutline l JOIN payments_payout o ON o.id = l.payout_id
                WHERE o.state = 'sent' AND l.live GROUP BY l.artist_id, o.currency
            ),
            books AS (
                SELECT a.owner_id AS artist_id, a.currency, -sum(p.amount_minor) AS total
                FROM payments_posting p JOIN payments_account a ON a.id = p.account_id
                WHERE a.kind = 'liability' GROUP BY a.owner_id, a.currency
            ),
            said AS (
                SELECT artist_id, currency,
                    coalesce(work.total, 0) - coalesce(sent.total, 0) AS total
                FROM work FULL JOIN sent USING (artist_id, currency)
            )
            SELECT format(
                'artist %s is owed %s %s by their work and %s by the books',
                artist_id, coalesce(said.total, 0), currency, coalesce(books.total, 0)
            )
            FROM said FULL JOIN books USING (artist_id, currency)
            WHERE coalesce(said.total, 0) <> coalesce(books.total, 0)
        """,
    ),
    Proof(
        says="no work is in two payouts at once",
        counterexamples="""
            SELECT format('work %s is in %s live payouts', work_id, count(*))
            FROM payments_payoutline WHERE live GROUP BY work_id HAVING count(*) > 1
        """,
    ),
    Proof(
        says="each payout was approved and sent by as many people as it asked for",
        counterexamples="""
            SELECT format('payout %s: one person drafted and approved it', id)
            FROM payments_payout WHERE approved_by_id = drafted_by_id
            UNION ALL
            SELECT format('payout %s: one person approved and sent it', id)
            FROM payments_payout WHERE sent_by_id = approved_by_id AND people > 1
            UNION ALL
            SELECT format('payout %s: one person drafted and sent it', id)
            FROM payments_payout WHERE sent_by_id = drafted_by_id AND people > 2
        """,
    ),
    Proof(
        says="each entry names a cause that exists",
        counterexamples="""
            SELECT format('entry %s names %s, which there is not', e.id, e.cause)
            FROM payments_entry e
            WHERE num_nonnulls(e.work_id, e.payout_id, e.remittance_id) <> 1
               OR (e.work_id IS NOT NULL AND e.cause <> 'work:' || e.work_id)
               OR (e.payout_id IS NOT NULL AND e.cause NOT LIKE 'payout:' || e.payout_id || ':%')
               OR (e.remittance_id IS NOT NULL
                   AND e.cause NOT LIKE 'remittance:' || e.remittance_id || ':%')
        """,
    ),
    *remittance_proofs.PROOFS,
    *work_proofs.PROOFS,
]


def faults(*, most: int = 100) -> Iterator[Fault]:
    """What the books violate, at most *most* lines a proof. Nothing, if they are in order.

    All proofs look at the same moment.
    """
    with one_moment(), connection.cursor() as cursor:
        for proof in PROOFS:
            cursor.execute(f"{proof.counterexamples} LIMIT {most:d}")
            for (words,) in cursor.fetchall():
                yield Fault(proof.says, words)


def totals() -> list[Total]:
    """The trial balance, by currency."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT currency,
                coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0),
                coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)
            FROM payments_posting GROUP BY currency ORDER BY currency
            """
        )
        return [Total(currency, int(debit), int(credit)) for currency, debit, credit in cursor]
