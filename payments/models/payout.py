"""Payouts: what is sent to whom, who drafted it, and who else approved it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.states import PAYOUT_TRANSITIONS, PayoutState, RailKind
from portal.sealing import unseal

EXPORT_PURPOSE = "payout export"

ALL_APART = 3

# The sum on the payout is what was approved: neither it nor the lines may drift apart.
_TOTAL_CHECK = """
IF (SELECT total_minor FROM payments_payout WHERE id = {payout}) <>
   (SELECT coalesce(sum(amount_minor), 0) FROM payments_payoutline WHERE payout_id = {payout})
THEN
    RAISE EXCEPTION 'the lines of payout % do not add up to its total', {payout}
        USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Payout(models.Model):
    """A batch in one currency for one cohort.

    ``idempotency_key`` comes from the form that drafted it: the same form sent twice gives the
    same payout. ``total_minor`` is the sum of its lines, in minor units. ``people`` is how many
    different people draft, approve and send it: 3 or 2, as the programme's setting was when it was
    drafted; 1 marks one sent before its sender had to be somebody else than its approver. ``rail``
    says how the money leaves; it is chosen when the file is written and stays.
    """

    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="payouts")
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    state = models.CharField(
        max_length=10, choices=PayoutState.choices, default=PayoutState.DRAFT, editable=False
    )
    rail = models.CharField(
        max_length=10, choices=RailKind.choices, db_default=RailKind.CSV.value, editable=False
    )
    idempotency_key = models.UUIDField(unique=True, editable=False)
    people = models.PositiveSmallIntegerField(db_default=ALL_APART, editable=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    drafted_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    exported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    exported_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("drafted_by")), name="payout_approved_by_another"
            ),
            models.CheckConstraint(
                condition=Q(people=1) | ~Q(sent_by=F("approved_by")),
                name="payout_sent_by_another",
            ),
            models.CheckConstraint(
                condition=Q(people__lt=ALL_APART) | ~Q(sent_by=F("drafted_by")),
                name="payout_sent_by_a_third",
            ),
            models.CheckConstraint(
                condition=Q(people__in=[2, ALL_APART]) | Q(people=1, state="sent"),
                name="payout_people_known",
            ),
            models.CheckConstraint(condition=Q(total_minor__gt=0), name="payout_pays_something"),
            models.CheckConstraint(condition=Q(rail__in=RailKind.values), name="payout_rail_known"),
            models.CheckConstraint(
                condition=Q(state__in=PayoutState.values), name="payout_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"])
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="payout_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["exported", "sent"])
                | Q(exported_by__isnull=False, exported_at__isnull=False),
                name="payout_exported_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_by__isnull=False, sent_at__isnull=False)
                | ~Q(state="sent") & Q(sent_by__isnull=True, sent_at__isnull=True),
                name="payout_sent_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="cancelled", cancelled_by__isnull=False, cancelled_at__isnull=False
                )
                | ~Q(state="cancelled") & Q(cancelled_by__isnull=True, cancelled_at__isnull=True),
                name="payout_cancelled_by_someone",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="payout_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="payout_begins_as_draft",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="draft"),
            ),
            pgtrigger.Trigger(
                name="payout_total",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_TOTAL_CHECK.format(payout="NEW.id"),
            ),
            pgtrigger.FSM(
                name="payout_transitions",
                field="state",
                transitions=[
                    (before.value, after.value)
                    for before, afters in PAYOUT_TRANSITIONS.items()
                    for after in sorted(afters)
                ],
            ),
            pgtrigger.Protect(
                name="payout_rail_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__exported_at__isnull=False)
                & pgtrigger.Q(old__rail__df=pgtrigger.F("new__rail")),
            ),
            pgtrigger.ReadOnly(
                name="payout_terms_fixed",
                fields=[
                    "cohort",
                    "currency",
                    "total_minor",
                    "idempotency_key",
                    "people",
                    "drafted_by",
                    "drafted_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The name people and bank files use."""
        return f"GR-{self.pk:05d}"


class PayoutLine(models.Model):
    """That a payout covers one work item.

    Live until the payout is cancelled, or the money came back: then the work is owed again. One
    live line for each work item is what makes paying it twice impossible.
    """

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="lines")
    work = models.ForeignKey(
        "payments.WorkItem", on_delete=models.PROTECT, related_name="payout_lines"
    )
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payout_lines"
    )
    amount_minor = models.BigIntegerField()
    live = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["work"], condition=Q(live=True), name="payout_line_one_live_per_work"
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payout_line_pays_something"),
        ]
        indexes = [models.Index(fields=["payout", "artist"], name="payout_line_by_artist")]
        triggers = [
            pgtrigger.Protect(name="payout_line_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="payout_line_fixed", fields=["payout", "work", "artist", "amount_minor"]
            ),
            pgtrigger.Trigger(
                name="payout_line_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM payments_payout p JOIN payments_workitem w
                          ON w.id = NEW.work_id AND w.cohort_id = p.cohort_id
                         AND w.currency = p.currency
                        WHERE p.id = NEW.payout_id AND p.state = 'draft'
                          AND w.artist_id = NEW.artist_id AND w.amount_minor = NEW.amount_minor
                    ) THEN
                        RAISE EXCEPTION 'work % does not fit payout %', NEW.work_id, NEW.payout_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="payout_line_total",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_TOTAL_CHECK.format(payout="NEW.payout_id"),
            ),
            pgtrigger.Trigger(
                name="payout_line_released_by_cancelling",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__live__df=pgtrigger.F("new__live")),
                func="""
                    IF NEW.live OR NOT EXISTS (
                        SELECT 1 FROM payments_payout
                        WHERE id = NEW.payout_id AND state = 'cancelled'
                        UNION ALL
                        SELECT 1 FROM payments_remittance
                        WHERE payout_id = NEW.payout_id AND artist_id = NEW.artist_id
                          AND state = 'failed'
                    ) THEN
                        RAISE EXCEPTION 'line % is released only by cancelling its payout '
                            'or by a remittance that failed', NEW.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id}: {self.work_id}"


class PayoutExport(models.Model):
    """The file handed to the bank, encrypted at rest, and its text's SHA-256 in UTF-8."""

    payout = models.OneToOneField(Payout, on_delete=models.PROTECT, related_name="export")
    body_sealed = models.TextField()
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="payout_export_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payout} export"

    @property
    def body(self) -> str:
        """The exact text.

        Raises:
            portal.sealing.Unreadable: when it was sealed with a key that is gone.
        """
        return unseal(self.body_sealed, purpose=EXPORT_PURPOSE)
