"""Work items: what an artist did, what it pays, and why."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.states import PayoutState, RemittanceState, WorkKind, WorkState


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def paying(self) -> WorkItemQuerySet:
        """Only what creates an obligation (adjustments may be below zero)."""
        return self.exclude(amount_minor=0)

    def owed(self) -> WorkItemQuerySet:
        """Obligations that no live payout line covers."""
        return self.paying().exclude(Exists(_live_lines()))

    def with_state(self) -> WorkItemQuerySet:
        """Adds ``state``, a ``WorkState`` value."""
        return self.annotate(
            state=Case(
                When(amount_minor=0, then=Value(WorkState.RECORDED.value)),
                When(
                    Exists(
                        _live_lines().filter(
                            payout__remittances__artist=F("artist"),
                            payout__remittances__state=RemittanceState.SETTLED,
                        )
                    ),
                    then=Value(WorkState.PAID.value),
                ),
                When(
                    Exists(_live_lines().filter(payout__state=PayoutState.SENT)),
                    then=Value(WorkState.IN_TRANSIT.value),
                ),
                When(Exists(_live_lines()), then=Value(WorkState.IN_PAYOUT.value)),
                default=Value(WorkState.OWED.value),
                output_field=models.CharField(),
            )
        )


def _named(kind: str, *causes: str, may: str = "") -> Q:
    """Work of *kind* names its *causes* and no other; *may* is free."""
    others = {"clip", "brief", "feedback", "session", "top_up", "corrects"} - {*causes, may}
    named = Q(kind=kind, **{f"{cause}__isnull": False for cause in causes})
    return named & Q(**{f"{other}__isnull": True for other in sorted(others)})


def _live_lines() -> QuerySet[models.Model]:
    from payments.models.payout import PayoutLine

    return PayoutLine.objects.filter(work=OuterRef("pk"), live=True)


class WorkItem(models.Model):
    """One piece of work, recorded once, with the rate as it was. Never edited.

    One with an amount other than zero is an obligation of the programme. The amount is in minor
    units of ``currency``; only an adjustment or a top-up taken back may be below zero.
    ``note`` says in words why an amount is zero, or why something was adjusted.
    """

    kind = models.CharField(max_length=20, choices=WorkKind.choices)
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="work_items"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="work_items")
    brief = models.ForeignKey(
        "portal.Brief", on_delete=models.PROTECT, null=True, related_name="work_items"
    )
    clip = models.ForeignKey(
        "generation.Clip", on_delete=models.PROTECT, null=True, related_name="work_items"
    )
    feedback = models.ForeignKey(
        "payments.Feedback", on_delete=models.PROTECT, null=True, related_name="work_items"
    )
    session = models.ForeignKey(
        "payments.TestingSession", on_delete=models.PROTECT, null=True, related_name="work_items"
    )
    top_up = models.OneToOneField(
        "payments.TopUp", on_delete=models.PROTECT, null=True, related_name="work"
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="correction"
    )
    rate = models.ForeignKey(
        "payments.RateCard", on_delete=models.PROTECT, null=True, related_name="work_items"
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    accrued_at = models.DateTimeField(db_default=Now())
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clip"], condition=Q(kind="brief_clip"), name="work_once_per_clip"
            ),
            models.UniqueConstraint(
                fields=["feedback"], condition=Q(kind="feedback"), name="work_once_per_feedback"
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(kind="testing_session"),
                name="work_once_per_session",
            ),
            models.CheckConstraint(
                condition=_named("brief_clip", "clip", "brief")
                | _named("feedback", "feedback")
                | _named("testing_session", "session")
                | _named("top_up", "top_up") & Q(rate__isnull=True)
                | _named("adjustment", may="corrects") & Q(rate__isnull=True),
                name="work_names_its_cause",
            ),
            models.CheckConstraint(
                condition=Q(kind="adjustment") & ~Q(amount_minor=0) & ~Q(note="")
                | Q(kind="top_up") & ~Q(amount_minor=0)
                | Q(amount_minor__gte=0) & ~Q(kind__in=["adjustment", "top_up"]),
                name="work_amount_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["adjustment", "top_up"])
                | Q(amount_minor=0)
                | Q(rate__isnull=False),
                name="work_paid_by_a_rate",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="work_currency_code"
            ),
        ]
        indexes = [
            models.Index(fields=["artist", "-accrued_at"], name="work_by_artist"),
            models.Index(fields=["cohort", "currency"], name="work_by_cohort"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="work_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_obligation(self) -> bool:
        return self.amount_minor != 0

    @property
    def state_label(self) -> str:
        """Where its money stands, in words; only for rows read with ``with_state``."""
        return str(WorkState(getattr(self, "state")).label)  # noqa: B009

    @property
    def note_text(self) -> str:
        """The note in the reader's language; an adjustment's reason stays as it was written."""
        if not self.note or self.kind == WorkKind.ADJUSTMENT:
            return self.note
        return gettext(self.note)

    @property
    def about(self) -> str:
        """What the work was on, for a line in a table."""
        if self.brief_id and self.brief:
            return self.brief.title
        if self.feedback_id and self.feedback:
            return self.feedback.headline
        if self.session_id and self.session:
            return self.session.headline
        if self.top_up_id and self.top_up:
            return date_format(self.top_up.month, "F Y")
        return self.note
