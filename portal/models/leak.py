"""Leaks: the line of a cohort, what a person said was theirs, and what was noticed of a key."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portal.leaks.scoring import ALLOWED, HIGHEST_LINE, LINE, LOWEST_LINE, MOST_ALLOWED
from portal.states import LEAK_TRANSITIONS, LeakState, steps


class LeakPolicy(models.Model):
    """What a cohort takes for a leak; one without a row has the defaults.

    ``line`` is the score that freezes a key, ``more_networks`` how many networks beyond the usual
    are ordinary here. A ``is_shadow`` one reports and freezes nothing.
    """

    cohort = models.OneToOneField(
        "portal.Cohort", on_delete=models.PROTECT, related_name="leak_policy"
    )
    line = models.PositiveSmallIntegerField(
        default=LINE, validators=[MinValueValidator(LOWEST_LINE), MaxValueValidator(HIGHEST_LINE)]
    )
    more_networks = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(MOST_ALLOWED)]
    )
    is_shadow = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(line__gte=LOWEST_LINE, line__lte=HIGHEST_LINE),
                name="leak_line_in_range",
            ),
            models.CheckConstraint(
                condition=Q(more_networks__lte=MOST_ALLOWED), name="leak_networks_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id}: {self.line}"

    @property
    def allowance(self) -> dict[str, int]:
        names = ("networks", "networks_at_once", "start_networks")
        return dict.fromkeys(names, self.more_networks)


class LeakBaseline(models.Model):
    """How much more than usual is ordinary for a person, because they said it was them."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="leak_baseline"
    )
    networks = models.PositiveSmallIntegerField(default=0)
    networks_at_once = models.PositiveSmallIntegerField(default=0)
    start_networks = models.PositiveSmallIntegerField(default=0)
    clients = models.PositiveSmallIntegerField(default=0)
    page_networks = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # Whoever steals an account must not be able to blind us.
                condition=Q(**{f"{name}__lte": MOST_ALLOWED for name in ALLOWED}),
                name="leak_baseline_is_bounded",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"

    @property
    def allowance(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ALLOWED}


class LeakReport(models.Model):
    """One time a key looked leaked, with the evidence.

    ``facts`` and ``findings`` are those of ``portal.leaks.scoring``; ``of_person`` says that they
    are about all keys of its owner. ``networks`` and ``clients`` name what was seen, and are
    emptied after a while. An ``is_shadow`` report froze nothing.
    """

    key = models.ForeignKey(
        "portal.AccessKey", on_delete=models.PROTECT, related_name="leak_reports"
    )
    score = models.PositiveIntegerField()
    line = models.PositiveSmallIntegerField()
    facts = models.JSONField()
    findings = models.JSONField()
    of_person = models.BooleanField(default=False)
    networks = models.JSONField(default=list)
    clients = models.JSONField(default=list)
    page = models.CharField(max_length=100, blank=True)
    is_shadow = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=LeakState.choices, default=LeakState.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=LeakState.values), name="leak_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="leak_closed_at_a_moment",
            ),
            models.CheckConstraint(condition=Q(score__gte=F("line")), name="leak_over_the_line"),
            models.UniqueConstraint(
                fields=["key", "is_shadow"],
                condition=Q(state="open"),
                name="leak_one_open_report_per_key",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="leak_by_age")]
        triggers = [
            pgtrigger.FSM(name="leak_steps", field="state", transitions=steps(LEAK_TRANSITIONS)),
            pgtrigger.ReadOnly(
                name="leak_evidence_stays",
                fields=[
                    *("key", "score", "line", "facts", "findings", "of_person", "page"),
                    *("is_shadow", "created_at"),
                ],
            ),
            pgtrigger.Protect(name="leak_is_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.score}"

    @property
    def is_open(self) -> bool:
        return self.state == LeakState.OPEN
