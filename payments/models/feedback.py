"""Feedback: an artist's own words on a model, fixed once filed, and what became of them."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Subquery
from django.utils.translation import gettext_lazy as _

from payments.states import FeedbackState, TriageStatus

TEXT_LIMIT = 8_000


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def with_status(self) -> FeedbackQuerySet:
        """Adds ``status``: the newest triage status, or None."""
        newest = Triage.objects.filter(feedback=models.OuterRef("pk")).order_by("-id")
        return self.annotate(status=Subquery(newest.values("status")[:1]))


class Feedback(models.Model):
    """One report. A draft belongs to its author; a filed one cannot be changed by anybody.

    ``token`` is the id of the form it was typed in, so that a form sent twice files once.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="feedback"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="feedback")
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=10,
        choices=FeedbackState.choices,
        default=FeedbackState.DRAFT,
        editable=False,
    )
    model_key = models.CharField(_("model"), max_length=80)
    clip = models.ForeignKey(
        "generation.Clip",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback",
        verbose_name=_("clip"),
    )
    tried = models.TextField(_("what you tried"), blank=True, max_length=TEXT_LIMIT)
    happened = models.TextField(_("what happened"), blank=True, max_length=TEXT_LIMIT)
    change = models.TextField(_("what should change"), blank=True, max_length=TEXT_LIMIT)
    opinion = models.TextField(_("anything else"), blank=True, max_length=TEXT_LIMIT)
    minutes = models.PositiveIntegerField(
        _("minutes spent"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(6_000)],
    )
    picture = models.CharField(max_length=200, blank=True, editable=False)
    picture_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    filed_at = models.DateTimeField(null=True, editable=False)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["author", "token"], name="feedback_form_sent_once"),
            models.CheckConstraint(
                condition=Q(state="filed", filed_at__isnull=False)
                | Q(state="draft", filed_at__isnull=True),
                name="feedback_filed_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | ~Q(tried="")
                | ~Q(happened="")
                | ~Q(change="")
                | ~Q(opinion=""),
                name="feedback_filed_says_something",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="feedback_filed_is_fixed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="filed"),
            ),
        ]

    def __str__(self) -> str:
        return f"Feedback {self.pk} by {self.author}"

    @property
    def is_draft(self) -> bool:
        return self.state == FeedbackState.DRAFT

    @property
    def headline(self) -> str:
        """The first words written, for a line in a list."""
        words = next((t for t in (self.tried, self.happened, self.change, self.opinion) if t), "")
        line = " ".join(words.split())
        return line if len(line) <= 90 else f"{line[:89].rstrip()}…"


class Triage(models.Model):
    """One thing staff said became of a report; the newest is its status. Append-only."""

    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="triage")
    status = models.CharField(_("status"), max_length=12, choices=TriageStatus.choices)
    note = models.CharField(_("note to the author"), max_length=1_000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "triage"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=TriageStatus.values), name="triage_status_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="triage_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feedback_id}: {self.status}"
