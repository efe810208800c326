"""What the books must satisfy about work that has a record of its own."""

from __future__ import annotations

from payments.proof import Proof

PROOFS = [
    Proof(
        says="each confirmed session is paid its minutes by the rate of its day, and no other is",
        counterexamples="""
            WITH said AS (
                SELECT s.id, s.state, w.id AS work, w.amount_minor,
                    ceil(extract(epoch FROM s.ended_at - s.started_at) / 60) AS minutes,
                    r.amount_minor AS hour_minor
                FROM payments_testingsession s
                LEFT JOIN payments_workitem w
                  ON w.session_id = s.id AND w.kind = 'testing_session'
                 AND w.artist_id = s.artist_id AND w.cohort_id = s.cohort_id
                LEFT JOIN payments_ratecard r ON r.id = w.rate_id
            )
            SELECT format('session %s is %s and its work is %s', id, state,
                coalesce(work::text, 'missing'))
            FROM said WHERE (state = 'confirmed') <> (work IS NOT NULL)
            UNION ALL
            SELECT format('session %s of %s minutes pays %s', id, minutes, amount_minor)
            FROM said
            WHERE work IS NOT NULL
              AND amount_minor <> coalesce(ceil(minutes * hour_minor / 60), 0)
        """,
    ),
    Proof(
        says="each top-up is booked, and brings its month to the floor as it was reckoned",
        counterexamples="""
            SELECT format('top-up %s of %s is booked as %s', t.id, t.amount_minor,
                coalesce(w.amount_minor::text, 'nothing'))
            FROM payments_topup t
            LEFT JOIN payments_workitem w ON w.top_up_id = t.id AND w.artist_id = t.artist_id
            WHERE w.amount_minor IS DISTINCT FROM t.amount_minor
            UNION ALL
            SELECT format('top-ups to %s of artist %s for %s are %s', t.id, t.artist_id, t.month,
                s.total)
            FROM payments_topup t
            JOIN payments_payfloor f ON f.id = t.floor_id
            CROSS JOIN LATERAL (
                SELECT sum(o.amount_minor) AS total FROM payments_topup o
                WHERE o.artist_id = t.artist_id AND o.cohort_id = t.cohort_id
                  AND o.month = t.month AND o.number <= t.number
            ) s
            WHERE s.total <> greatest(
                0, ceil(t.minutes::numeric * f.amount_minor / 60) - t.pay_minor
            )
        """,
    ),
]
