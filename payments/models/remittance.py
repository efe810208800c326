"""Remittances: the one transfer to one artist that carries out their part of a payout."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models.payee import PAYEE_PURPOSE
from payments.states import REMITTANCE_TRANSITIONS, PayeeMethod, RemittanceState
from portal.sealing import unseal
from portal.states import steps

HOLDER_PURPOSE = "payee holder"


class Remittance(models.Model):
    """One transfer, with the account it goes to as that was when the file was written.

    ``key`` is the idempotency key: it is stored before the file can leave, travels in it as the
    end-to-end reference, and never changes. ``attempt`` counts from 1 how often this money has set
    out. ``amount_minor`` is in minor units of ``currency``. Without ``method`` there is no account,
    and the artist is paid by hand. ``reason`` is why the money came back, for the artist to read.
    """

    payout = models.ForeignKey(
        "payments.Payout", on_delete=models.PROTECT, related_name="remittances"
    )
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="remittances"
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    key = models.CharField(max_length=35, unique=True, editable=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=10, choices=PayeeMethod.choices, blank=True)
    holder_sealed = models.TextField(blank=True)
    account_sealed = models.TextField(blank=True)
    account_hint = models.CharField(max_length=80, blank=True)
    state = models.CharField(
        max_length=10,
        choices=RemittanceState.choices,
        default=RemittanceState.CREATED,
        editable=False,
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)
    unknown_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    bank_reference = models.CharField(_("bank reference"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payout", "artist"], name="remittance_once_per_payout_and_artist"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="remittance_pays"),
            models.CheckConstraint(condition=Q(attempt__gt=0), name="remittance_attempt_counts"),
            models.CheckConstraint(
                condition=Q(state__in=RemittanceState.values), name="remittance_state_known"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="remittance_has_its_key"),
            models.CheckConstraint(
                condition=Q(method="", account_sealed="", holder_sealed="")
                | Q(method__in=PayeeMethod.values) & ~Q(account_sealed="") & ~Q(holder_sealed=""),
                name="remittance_account_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["created", "withdrawn"], sent_at__isnull=True)
                | ~Q(state__in=["created", "withdrawn"]) & Q(sent_at__isnull=False),
                name="remittance_sent_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="unknown") | Q(unknown_at__isnull=False),
                name="remittance_unknown_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["settled", "failed"], closed_at__isnull=False)
                | ~Q(state__in=["settled", "failed"])
                & Q(closed_at__isnull=True, closed_by__isnull=True),
                name="remittance_closed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""), name="remittance_failed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(unknown_at__isnull=True)
                | Q(state="unknown")
                | Q(closed_by__isnull=False) & ~Q(bank_reference="") & ~Q(note=""),
                name="remittance_unknown_is_reconciled",
            ),
        ]
        indexes = [models.Index(fields=["state", "sent_at"], name="remittance_by_state")]
        triggers = [
            pgtrigger.Protect(name="remittance_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="remittance_begins_as_created",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="created"),
            ),
            pgtrigger.FSM(
                name="remittance_transitions",
                field="state",
                transitions=steps(REMITTANCE_TRANSITIONS),
            ),
            pgtrigger.ReadOnly(
                name="remittance_fixed",
                fields=[
                    *("payout", "artist", "attempt", "key", "amount_minor", "currency"),
                    *("method", "holder_sealed", "account_sealed", "account_hint", "created_at"),
                ],
            ),
            pgtrigger.Protect(
                name="remittance_times_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__sent_at__isnull=False)
                & pgtrigger.Q(old__sent_at__df=pgtrigger.F("new__sent_at"))
                | pgtrigger.Q(old__unknown_at__isnull=False)
                & pgtrigger.Q(old__unknown_at__df=pgtrigger.F("new__unknown_at")),
            ),
            pgtrigger.Protect(
                name="remittance_closed_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
            pgtrigger.Trigger(
                name="remittance_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM payments_payout
                        WHERE id = NEW.payout_id AND state = 'exported'
                          AND currency = NEW.currency
                    ) OR NEW.amount_minor IS DISTINCT FROM (
                        SELECT sum(amount_minor) FROM payments_payoutline
                        WHERE payout_id = NEW.payout_id AND artist_id = NEW.artist_id AND live
                    ) THEN
                        RAISE EXCEPTION 'a remittance of % does not fit payout %',
                            NEW.amount_minor, NEW.payout_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="remittance_goes_with_its_payout",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="created")
                & pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM payments_payout
                        WHERE id = NEW.payout_id
                          AND state = CASE NEW.state
                              WHEN 'sent' THEN 'sent' ELSE 'cancelled' END
                    ) THEN
                        RAISE EXCEPTION 'remittance % goes with its payout alone', NEW.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def account(self) -> str:
        """The IBAN without spaces, or the PayPal address; empty where the artist is paid by hand.

        Raises:
            portal.sealing.Unreadable: when it was sealed with a key that is gone.
        """
        if not self.account_sealed:
            return ""
        return unseal(self.account_sealed, purpose=PAYEE_PURPOSE)

    @property
    def holder(self) -> str:
        """The name the account is under; it is sealed because it stays when the artist goes.

        Raises:
            portal.sealing.Unreadable: when it was sealed with a key that is gone.
        """
        if not self.holder_sealed:
            return ""
        return unseal(self.holder_sealed, purpose=HOLDER_PURPOSE)

    @property
    def on_its_way(self) -> bool:
        """Whether its money has left and nobody has said yet that it arrived or came back."""
        return self.state in {RemittanceState.SENT, RemittanceState.UNKNOWN}
