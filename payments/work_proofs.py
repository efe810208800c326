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
]
