"""The ledger as plain-text accounting: for Beancount (v3) and for hledger.

Both programs add up for themselves. Each account's final balance is asserted at the end of the
file, computed by the database, so a line lost on the way is an error when the file is read.

Sources: the Beancount language syntax (https://beancount.github.io/docs/beancount_language_syntax.html)
and hledger's journal format (https://hledger.org/hledger.html#journal).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from django.db.models import Min, Sum
from django.utils import timezone

from payments.models import Account, Entry, Posting
from payments.states import AccountKind
from portal.moment import one_moment
from portal.templatetags.greenroom import decimal_amount


class Dialect(StrEnum):
    """Which program reads the file."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


# Names after both programs' own conventions; each reads the kind of an account from its first part.
_ROOTS = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EXPENSE: "Expenses",
}


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One entry: its day in the site's time zone and its legs as (account, minor units)."""

    number: int
    day: date
    cause: str
    description: str
    legs: tuple[tuple[Account, int], ...]


def account_name(account: Account) -> str:
    """``Liabilities:Artist:17`` for ``liability:artist:17``: a part begins with a capital."""
    root = _ROOTS[AccountKind(account.kind)]
    parts = account.code.split(":")[1:]
    return ":".join([root, *(part[:1].upper() + part[1:] for part in parts)])


def lines(dialect: Dialect) -> Iterator[str]:
    """The whole journal, a line at a time and in bounded memory, without line ends."""
    with one_moment():
        accounts = list(
            Account.objects.annotate(
                since=Min("postings__entry__at"), total=Sum("postings__amount_minor")
            )
            .filter(since__isnull=False)
            .order_by("code", "currency")
        )
        write = _beancount if dialect == Dialect.BEANCOUNT else _hledger
        yield from write(accounts)


def movements() -> Iterator[Movement]:
    """Every entry in the order it was booked."""
    postings = (
        Posting.objects.order_by("entry_id", "id")
        .select_related("entry", "account")
        .iterator(chunk_size=2_000)
    )
    for _number, legs in groupby(postings, key=attrgetter("entry_id")):
        rows = list(legs)
        entry: Entry = rows[0].entry
        yield Movement(
            number=entry.pk,
            day=_day(entry.at),
            cause=entry.cause,
            description=entry.description,
            legs=tuple((row.account, row.amount_minor) for row in rows),
        )


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _amount(minor: int, currency: str) -> str:
    return f"{decimal_amount(minor, currency)} {currency}"


def _by_name(accounts: Sequence[Account]) -> Iterator[tuple[str, list[Account]]]:
    for name, rows in groupby(sorted(accounts, key=account_name), key=account_name):
        yield name, list(rows)


def _beancount(accounts: Sequence[Account]) -> Iterator[str]:
    yield 'option "title" "Greenroom"'
    for currency in sorted({account.currency for account in accounts}):
        yield f'option "operating_currency" "{currency}"'
    yield ""
    for name, rows in _by_name(accounts):
        since = min(_day(row.since) for row in rows)  # type: ignore[attr-defined]
        yield f"{since} open {name} {','.join(sorted(row.currency for row in rows))}"
    last: date | None = None
    for movement in movements():
        last = max(last or movement.day, movement.day)
        yield ""
        yield f'{movement.day} * "{_quoted(movement.description)}"'
        yield f"  entry: {movement.number}"
        yield f'  cause: "{_quoted(movement.cause)}"'
        for account, minor in movement.legs:
            yield f"  {account_name(account)}  {_amount(minor, account.currency)}"
    if last is not None:
        # A balance is that of the morning of its day.
        after = last + timedelta(days=1)
        yield ""
        for account in accounts:
            total = _amount(account.total, account.currency)  # type: ignore[attr-defined]
            yield f"{after} balance {account_name(account)}  {total}"


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace('"', '\\"')


def _hledger(accounts: Sequence[Account]) -> Iterator[str]:
    for currency in sorted({account.currency for account in accounts}):
        # A decimal mark is required, also where there are no decimals.
        places = decimal_amount(0, currency).partition(".")[2]
        yield f"commodity 1000.{places} {currency}"
    for name, _rows in _by_name(accounts):
        yield f"account {name}"
    last: date | None = None
    for movement in movements():
        last = max(last or movement.day, movement.day)
        yield ""
        yield f"{movement.day} * ({movement.cause}) {_unmarked(movement.description)}"
        yield f"    ; entry: {movement.number}"
        for account, minor in movement.legs:
            yield f"    {account_name(account)}  {_amount(minor, account.currency)}"
    if last is not None:
        yield ""
        yield f"{last} * Balances"
        for account in accounts:
            total = _amount(account.total, account.currency)  # type: ignore[attr-defined]
            zero = _amount(0, account.currency)
            yield f"    {account_name(account)}  {zero} = {total}"


def _unmarked(text: str) -> str:
    """Without what would begin a comment, a note or a tag."""
    return " ".join(text.replace(";", ",").replace("|", "/").split())
