"""The one way into the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

from payments.errors import UnbalancedEntry
from payments.models import Account, Entry, Posting
from payments.states import AccountKind

if TYPE_CHECKING:
    from payments.models import Payout, Remittance, WorkItem
    from portal.models import Cohort, User


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One leg to post: signed minor units of the account's currency, debit above zero."""

    account: Account
    amount_minor: int


@transaction.atomic
def post_entry(
    *,
    actor: User | None,
    cause: str,
    description: str,
    legs: Sequence[Leg],
    work: WorkItem | None = None,
    payout: Payout | None = None,
    remittance: Remittance | None = None,
) -> Entry:
    """Book one event.

    Args:
        actor: who caused it; None for the system.
        cause: what happened, e.g. ``"work:12"``; the database refuses a second entry of it.

    Raises:
        UnbalancedEntry: fewer than two legs, an empty leg, or a currency that is not zero-sum.
    """
    sums: dict[str, int] = defaultdict(int)
    for leg in legs:
        sums[leg.account.currency] += leg.amount_minor
    if len(legs) < 2 or any(leg.amount_minor == 0 for leg in legs) or any(sums.values()):
        raise UnbalancedEntry()
    entry = Entry.objects.create(
        cause=cause,
        description=description[:200],
        work=work,
        payout=payout,
        remittance=remittance,
        actor=actor,
    )
    Posting.objects.bulk_create(
        Posting(
            entry=entry,
            account=leg.account,
            currency=leg.account.currency,
            amount_minor=leg.amount_minor,
        )
        for leg in legs
    )
    return entry


def work_expense(*, cohort: Cohort, currency: str) -> Account:
    """What the cohort's work has cost."""
    return _account(f"expense:work:{cohort.slug}", AccountKind.EXPENSE, currency)


def owed_to(*, artist: User, currency: str) -> Account:
    """What the programme owes one artist."""
    code = f"liability:artist:{artist.pk}"
    return _account(code, AccountKind.LIABILITY, currency, owner=artist)


def clearing(*, currency: str) -> Account:
    """Money in transit: handed to the bank and not said to have arrived or to have come back."""
    return _account("asset:payout-clearing", AccountKind.ASSET, currency)


def bank(*, currency: str) -> Account:
    """The programme's money at the bank: what arrived is taken from here."""
    return _account("asset:bank", AccountKind.ASSET, currency)


def lock(account: Account) -> None:
    """Until the transaction ends nobody else passes here: one writer at a time for *account*.

    No lock of the row: that takes the right to change it, which the application does not have.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"account {account.pk} of the books"],
        )


def _account(code: str, kind: AccountKind, currency: str, owner: User | None = None) -> Account:
    account, _created = Account.objects.get_or_create(
        code=code, currency=currency, defaults={"kind": kind, "owner": owner}
    )
    return account
