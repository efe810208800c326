"""What remittances must satisfy beside the books, as questions whose answer must be empty."""

from __future__ import annotations

from payments.proof import Proof

PROOFS = [
    Proof(
        says="each payout that was exported has one remittance for each artist, of their lines",
        counterexamples="""
            WITH lines AS (
                SELECT l.payout_id, l.artist_id, sum(l.amount_minor) AS total
                FROM payments_payoutline l JOIN payments_payout o ON o.id = l.payout_id
                WHERE o.state IN ('exported', 'sent') GROUP BY l.payout_id, l.artist_id
            ),
            kept AS (
                SELECT payout_id, artist_id, sum(amount_minor) AS total
                FROM payments_remittance WHERE state <> 'withdrawn'
                GROUP BY payout_id, artist_id
            )
            SELECT format(
                'payout %s has %s in lines for artist %s and %s in remittances',
                payout_id, coalesce(lines.total, 0), artist_id, coalesce(kept.total, 0)
            )
            FROM lines FULL JOIN kept USING (payout_id, artist_id)
            WHERE lines.total IS DISTINCT FROM kept.total
        """,
    ),
    Proof(
        says="each remittance stands where its payout does, and only one that failed lets go",
        counterexamples="""
            SELECT format('remittance %s is %s and payout %s is %s', r.id, r.state, o.id, o.state)
            FROM payments_remittance r JOIN payments_payout o ON o.id = r.payout_id
            WHERE o.state <> CASE r.state WHEN 'created' THEN 'exported'
                WHEN 'withdrawn' THEN 'cancelled' ELSE 'sent' END
            UNION ALL
            SELECT format('remittance %s is %s and line %s is %s', r.id, r.state, l.id,
                CASE WHEN l.live THEN 'live' ELSE 'released' END)
            FROM payments_remittance r
            JOIN payments_payoutline l ON l.payout_id = r.payout_id AND l.artist_id = r.artist_id
            WHERE l.live <> (r.state NOT IN ('failed', 'withdrawn'))
        """,
    ),
    Proof(
        says="each remittance that ended has its legs, and no other has any",
        counterexamples="""
            WITH legs AS (
                SELECT e.remittance_id AS id, e.cause,
                    sum(p.amount_minor) FILTER (
                        WHERE a.code = 'asset:payout-clearing' AND a.currency = r.currency
                    ) AS transit,
                    sum(p.amount_minor) FILTER (
                        WHERE a.currency = r.currency AND CASE r.state
                            WHEN 'settled' THEN a.code = 'asset:bank'
                            WHEN 'failed' THEN a.kind = 'liability' AND a.owner_id = r.artist_id
                        END
                    ) AS other,
                    count(*) AS postings
                FROM payments_entry e
                JOIN payments_remittance r ON r.id = e.remittance_id
                JOIN payments_posting p ON p.entry_id = e.id
                JOIN payments_account a ON a.id = p.account_id
                GROUP BY e.id, r.id
            )
            SELECT format(
                'remittance %s of %s %s is %s and the books say %s',
                r.id, r.amount_minor, r.currency, r.state, coalesce(legs.cause, 'nothing')
            )
            FROM payments_remittance r LEFT JOIN legs ON legs.id = r.id
            WHERE CASE WHEN r.state IN ('settled', 'failed') THEN
                legs.cause IS DISTINCT FROM 'remittance:' || r.id || ':' || r.state
                OR legs.postings <> 2 OR legs.transit IS DISTINCT FROM r.amount_minor
                OR legs.other IS DISTINCT FROM -r.amount_minor
            ELSE legs.id IS NOT NULL END
        """,
    ),
    Proof(
        says="what the books have in transit is what remittances have",
        counterexamples="""
            WITH books AS (
                SELECT a.currency, -sum(p.amount_minor) AS total
                FROM payments_posting p JOIN payments_account a ON a.id = p.account_id
                WHERE a.code = 'asset:payout-clearing' GROUP BY a.currency
            ),
            away AS (
                SELECT currency, sum(amount_minor) AS total FROM payments_remittance
                WHERE state IN ('sent', 'unknown') GROUP BY currency
            )
            SELECT format('%s: the books have %s in transit, remittances %s',
                currency, coalesce(books.total, 0), coalesce(away.total, 0))
            FROM books FULL JOIN away USING (currency)
            WHERE coalesce(books.total, 0) <> coalesce(away.total, 0)
        """,
    ),
    Proof(
        says="no remittance that was unknown ended without a person, a reference and a note",
        counterexamples="""
            SELECT format('remittance %s was unknown and is %s without proof', id, state)
            FROM payments_remittance
            WHERE unknown_at IS NOT NULL AND state <> 'unknown'
              AND (closed_by_id IS NULL OR bank_reference = '' OR note = '')
        """,
    ),
]
