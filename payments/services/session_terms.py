"""What holds for the testing sessions of a cohort: how long to confirm, how long at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from payments.models import SessionTerms
from payments.session_errors import BadSessionTerms
from portal.services import audit

if TYPE_CHECKING:
    from portal.models import Cohort, User

DAYS_TO_CONFIRM, LONGEST_MINUTES = 7, 480


@transaction.atomic
def set_terms(
    *, actor: User | None, cohort: Cohort, confirm_days: int, longest_minutes: int
) -> SessionTerms:
    """Append what holds for the sessions of *cohort*; what is recorded keeps its due time.

    Raises:
        BadSessionTerms: outside of the bounds.
    """
    if not (1 <= confirm_days <= 60 and 15 <= longest_minutes <= 1_440):
        raise BadSessionTerms()
    before = terms_of(cohort)
    row = SessionTerms.objects.create(
        cohort=cohort, confirm_days=confirm_days, longest_minutes=longest_minutes, set_by=actor
    )
    audit.record(
        actor=actor,
        action="session.terms_set",
        target=row,
        cohort=cohort,
        before=_terms(before),
        after=_terms(row),
    )
    return row


def terms_of(cohort: Cohort) -> SessionTerms:
    """What holds now; unsaved defaults where nobody set anything."""
    newest = SessionTerms.objects.filter(cohort=cohort).order_by("-pk").first()
    return newest or SessionTerms(
        cohort=cohort, confirm_days=DAYS_TO_CONFIRM, longest_minutes=LONGEST_MINUTES
    )


def _terms(terms: SessionTerms) -> dict[str, object]:
    return {"confirm_days": terms.confirm_days, "longest_minutes": terms.longest_minutes}
