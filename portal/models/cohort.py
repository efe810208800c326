"""Cohorts: a group of artists with dates, models on offer, budgets and a review policy."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.states import (
    COHORT_TRANSITIONS,
    MEMBER_TRANSITIONS,
    CohortState,
    Feature,
    MemberState,
    ReviewMode,
    steps,
)

LONGEST_REASON = 500


class Cohort(models.Model):
    """One round of the programme.

    The four ``gpu_seconds_…`` are budgets in GPU seconds: of each artist and of all together, in
    a week (from Monday 00:00 in the site's time zone) and over the cohort's whole life; None sets
    no budget. ``clips_running_per_artist`` and ``clips_waiting_per_artist`` are the most clips one
    artist has on GPUs and in the queue; None sets no limit. ``models_on_offer`` holds catalogue
    keys. ``review_hours`` is the time from submission to the due moment of the review,
    ``appeal_hours`` that of an appeal.
    ``approvals_needed`` is how many different people approve a clip before it may leave.
    ``features_off`` holds those that its artists cannot use at present.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    state = models.CharField(
        max_length=10, choices=CohortState.choices, default=CohortState.OPEN, editable=False
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    seats = models.PositiveIntegerField(
        _("seats"), default=50, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    agreement = models.ForeignKey(
        "portal.Agreement",
        on_delete=models.PROTECT,
        related_name="cohorts",
        verbose_name=_("agreement"),
    )
    models_on_offer = ArrayField(models.CharField(max_length=80), verbose_name=_("models on offer"))
    gpu_seconds_per_artist_week = models.PositiveIntegerField(
        _("GPU seconds per artist and week"), null=True, blank=True
    )
    gpu_seconds_per_artist = models.PositiveIntegerField(
        _("GPU seconds per artist"), default=36_000, null=True, blank=True
    )
    gpu_seconds_of_cohort_week = models.PositiveIntegerField(
        _("GPU seconds of the cohort per week"), null=True, blank=True
    )
    gpu_seconds_of_cohort = models.PositiveIntegerField(
        _("GPU seconds of the cohort"), null=True, blank=True
    )
    clips_running_per_artist = models.PositiveSmallIntegerField(
        _("clips running at once per artist"), default=2, null=True, blank=True
    )
    clips_waiting_per_artist = models.PositiveSmallIntegerField(
        _("clips waiting per artist"), default=40, null=True, blank=True
    )
    review_mode = models.CharField(
        _("clips enter review"),
        max_length=12,
        choices=ReviewMode.choices,
        default=ReviewMode.ON_SUBMIT,
    )
    review_hours = models.PositiveIntegerField(
        _("hours to a decision"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    appeal_hours = models.PositiveIntegerField(
        _("hours to the answer of an appeal"),
        default=72,
        db_default=72,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    approvals_needed = models.PositiveSmallIntegerField(
        _("approvals needed"), default=1, db_default=1
    )
    features_off = ArrayField(
        models.CharField(max_length=20, choices=Feature.choices),
        verbose_name=_("switched off"),
        default=list,
        db_default=[],
        blank=True,
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="cohort_ends_after_start",
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="cohort_has_a_seat"),
            models.CheckConstraint(
                condition=models.Q(state__in=CohortState.values), name="cohort_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(approvals_needed__in=[1, 2]), name="cohort_one_or_two_approvals"
            ),
            models.CheckConstraint(
                condition=models.Q(appeal_hours__gte=1), name="cohort_appeal_takes_an_hour"
            ),
            models.CheckConstraint(
                condition=models.Q(models_on_offer__len__gt=0), name="cohort_offers_a_model"
            ),
            models.CheckConstraint(
                condition=models.Q(features_off__contained_by=Feature.values),
                name="cohort_features_known",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(clips_running_per_artist__isnull=True)
                    | models.Q(clips_running_per_artist__gte=1)
                )
                & (
                    models.Q(clips_waiting_per_artist__isnull=True)
                    | models.Q(clips_waiting_per_artist__gte=1)
                ),
                name="cohort_limits_admit_a_clip",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="cohort_steps", field="state", transitions=steps(COHORT_TRANSITIONS))
        ]

    def __str__(self) -> str:
        return self.name

    def takes_clips_on(self, day: date) -> bool:
        return self.state == CohortState.OPEN and self.starts_on <= day <= self.ends_on

    def offers(self, feature: Feature) -> bool:
        return feature.value not in self.features_off

    @property
    def has_shared_budget(self) -> bool:
        """Whether its artists spend from one budget, beside or instead of their own."""
        return self.gpu_seconds_of_cohort is not None or self.gpu_seconds_of_cohort_week is not None


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self) -> MembershipQuerySet:
        """Those who hold a seat and may make clips."""
        return self.filter(ended_at__isnull=True)

    def taking_part(self) -> MembershipQuerySet:
        """Of those, the ones whose cohort has not been closed."""
        return self.live().exclude(cohort__state=CohortState.CLOSED)

    def ended(self) -> MembershipQuerySet:
        return self.filter(ended_at__isnull=False)


class Membership(models.Model):
    """That an artist belongs, or once belonged, to a cohort.

    An ended one holds no seat and makes nothing new; its row stays, because what its artist made,
    earned and said there stays open to them. ``ended_by`` is None where Greenroom itself ended it.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    joined_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    ended_reason = models.CharField(max_length=LONGEST_REASON, blank=True, editable=False)
    ended_how = models.CharField(
        max_length=10,
        choices=MemberState.choices,
        default=MemberState.MEMBER,
        db_default=MemberState.MEMBER,
        blank=True,
        editable=False,
    )

    objects: ClassVar[models.Manager[Membership]] = models.Manager.from_queryset(
        MembershipQuerySet
    )()

    class Meta:
        ordering = ["-joined_at"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="member_of_a_cohort_once"),
            models.CheckConstraint(
                condition=models.Q(
                    ended_how=MemberState.MEMBER,
                    ended_at__isnull=True,
                    ended_by__isnull=True,
                    ended_reason="",
                )
                | models.Q(ended_how=MemberState.LEFT, ended_at__isnull=False)
                | (
                    models.Q(ended_how=MemberState.REMOVED, ended_at__isnull=False)
                    & ~models.Q(ended_reason="")
                ),
                name="membership_ended_whole",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="membership_steps", field="ended_how", transitions=steps(MEMBER_TRANSITIONS)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.cohort}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None
