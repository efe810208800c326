"""The books: accounts, entries and their postings. Append-only and balanced by the database.

Amounts are signed minor units: a debit is above zero, a credit below. What an artist is owed is
therefore the *negated* sum of the postings on their liability account.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from payments.states import AccountKind

# Both an entry and each of its postings ask for this check at commit: the entry finds that it has
# no postings at all, a posting finds what was added after an earlier forced check.
_BALANCE_CHECK = """
IF (SELECT count(*) FROM payments_posting WHERE entry_id = {entry}) < 2 THEN
    RAISE EXCEPTION 'ledger entry % has fewer than two postings', {entry}
        USING ERRCODE = 'check_violation';
END IF;
IF EXISTS (
    SELECT 1 FROM payments_posting WHERE entry_id = {entry}
    GROUP BY currency HAVING sum(amount_minor) <> 0
) THEN
    RAISE EXCEPTION 'ledger entry % does not add up to zero in each currency', {entry}
        USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Account(models.Model):
    """One account in one currency, e.g. ``liability:artist:17`` in EUR. Never edited."""

    code = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=AccountKind.choices)
    currency = models.CharField(max_length=3)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="ledger_accounts",
    )

    class Meta:
        ordering = ["code", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["code", "currency"], name="account_once_per_currency"),
            models.CheckConstraint(
                condition=models.Q(kind__in=AccountKind.values), name="account_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="account_currency_code"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="account_fixed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.currency}"


class Entry(models.Model):
    """One event in the books, with two postings or more that add up to zero.

    ``cause`` names what happened (``"work:12"``, ``"payout:3:sent"``) and is unique, so the same
    event cannot be booked twice. ``at`` and ``transaction`` are written by the database alone;
    they close the entry when its transaction ends.
    """

    cause = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=200)
    work = models.ForeignKey(
        "payments.WorkItem", on_delete=models.PROTECT, null=True, related_name="entries"
    )
    payout = models.ForeignKey(
        "payments.Payout", on_delete=models.PROTECT, null=True, related_name="entries"
    )
    remittance = models.ForeignKey(
        "payments.Remittance", on_delete=models.PROTECT, null=True, related_name="entries"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now(), editable=False)
    transaction = models.BigIntegerField(db_default=models.Value(0), editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        triggers = [
            pgtrigger.Protect(
                name="entry_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="entry_stamped",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    NEW.at := now();
                    NEW.transaction := pg_current_xact_id()::text::bigint;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="entry_balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_BALANCE_CHECK.format(entry="NEW.id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause}: {self.description}"


class Posting(models.Model):
    """One leg of an entry: a signed amount in minor units on one account."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount_minor=0), name="posting_moves_something"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="posting_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="posting_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # The time is compared too: after a restore into a new cluster, transaction
                # numbers begin again and could meet those of old entries.
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM payments_entry
                        WHERE id = NEW.entry_id AND at = now()
                          AND transaction = pg_current_xact_id()::text::bigint
                    ) THEN
                        RAISE EXCEPTION 'a posting cannot join entry %: it is closed', NEW.entry_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF NOT EXISTS (
                        SELECT 1 FROM payments_account
                        WHERE id = NEW.account_id AND currency = NEW.currency
                    ) THEN
                        RAISE EXCEPTION 'a posting in % cannot go to account %: other currency',
                            NEW.currency, NEW.account_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="posting_balanced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_BALANCE_CHECK.format(entry="NEW.entry_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount_minor}"
