"""GPU seconds: opening accounts, charging estimates, settling what was really used.

The invariant: an account's ``charged_seconds`` is the sum over its attempts' ``charged_seconds``.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext as _

from generation.errors import BudgetSpent
from generation.models import Attempt, GpuAccount
from generation.queries import budget_of
from generation.services import turns

if TYPE_CHECKING:
    from portal.models import Cohort, User


def open_locked(*, artist: User, cohort: Cohort) -> GpuAccount:
    """The artist's account, locked until the transaction ends; made at first use."""
    GpuAccount.objects.get_or_create(artist=artist, cohort=cohort)
    return GpuAccount.objects.select_for_update(no_key=True).get(artist=artist, cohort=cohort)


def require_budget(*, artist: User, cohort: Cohort, seconds: Decimal) -> None:
    """Call it with the account locked.

    Raises:
        BudgetSpent: saying what is left.
    """
    left = budget_of(artist, cohort).left
    if seconds > left:
        raise BudgetSpent(
            _(
                "This needs about %(asked)d seconds of GPU time and you have %(left)d left. "
                "Ask for fewer takes, or write to the programme's team."
            )
            % {"asked": math.ceil(seconds), "left": math.floor(left)}
        )


def settle(attempt: Attempt, seconds: Decimal) -> None:
    """Replace what *attempt* was charged by *seconds*; saves ``charged_seconds`` of both.

    The queue hears of the difference, so what was charged too much is given back there too.
    """
    difference = seconds - attempt.charged_seconds
    if difference:
        GpuAccount.objects.filter(pk=attempt.clip.account_id).update(
            charged_seconds=F("charged_seconds") + difference, vtime=turns.moved_by(difference)
        )
        turns.charge_cohort(attempt.clip.cohort_id, difference)
        attempt.charged_seconds = seconds
        attempt.save(update_fields=["charged_seconds"])
