"""The clock of a cohort's reviews, and the reminders that were sent by it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from review.states import ReminderStep
from review.worktime import Calendar


class Clock(models.Model):
    """In which hours a cohort's promises run: all of them, or those its team works in.

    Without one, or with one that is off, an hour is an hour. ``days`` are weekdays from 0, Monday.
    ``country`` (ISO 3166, two letters) and ``region`` name the public holidays that are not
    worked; ``closed_days`` are further ones.
    """

    cohort = models.OneToOneField(
        "portal.Cohort", on_delete=models.PROTECT, related_name="review_clock"
    )
    is_on = models.BooleanField(default=False)
    days = ArrayField(models.PositiveSmallIntegerField())
    opens = models.TimeField()
    closes = models.TimeField()
    zone = models.CharField(max_length=60)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=10, blank=True)
    closed_days = ArrayField(models.DateField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")), name="clock_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(days__len__gt=0, days__contained_by=list(range(7))),
                name="clock_has_a_weekday",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^([A-Z]{2})?$"), name="clock_country_is_a_code"
            ),
            models.CheckConstraint(
                condition=Q(region="") | ~Q(country=""), name="clock_region_of_a_country"
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="clock_cohort_fixed", fields=["cohort"])]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def calendar(self) -> Calendar:
        from review.holidays import closed_on

        return Calendar(
            days=frozenset(self.days),
            opens=self.opens,
            closes=self.closes,
            zone=ZoneInfo(self.zone),
            closed=closed_on(self.country, self.region, self.closed_days),
        )


class Reminder(models.Model):
    """That people were reminded of a review that waits, at one step of its time; once each."""

    review = models.ForeignKey("review.Review", on_delete=models.PROTECT, related_name="reminders")
    step = models.CharField(max_length=10, choices=ReminderStep.choices)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "step"], name="reminder_once_a_step"),
            models.CheckConstraint(
                condition=Q(step__in=ReminderStep.values), name="reminder_step_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="reminder_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.step}"
