"""The waiting list: whether a cohort takes applications, and who applied."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.states import APPLICATION_TRANSITIONS, ApplicationState, CohortState, steps

LONGEST_NOTE = 2000
LONGEST_INTRO = 2000
LONGEST_LINK = 300
MOST_LINKS = 5


class ApplicationCall(models.Model):
    """Whether anybody may apply for a cohort, between which days, and what the page says first.

    A cohort without one takes no applications.
    """

    cohort = models.OneToOneField(
        "portal.Cohort", on_delete=models.CASCADE, related_name="application_call"
    )
    is_open = models.BooleanField(default=False)
    opens_on = models.DateField(null=True)
    closes_on = models.DateField(null=True)
    intro_en = models.TextField(blank=True, max_length=LONGEST_INTRO)
    intro_fr = models.TextField(blank=True, max_length=LONGEST_INTRO)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=False)
                | Q(opens_on__isnull=False, closes_on__isnull=False, closes_on__gte=F("opens_on")),
                name="application_call_open_between_days",
            ),
        ]

    def __str__(self) -> str:
        return f"applications for {self.cohort}"

    def takes_on(self, day: date) -> bool:
        """Whether somebody may apply on *day*."""
        return (
            self.is_open
            and self.opens_on is not None
            and self.closes_on is not None
            and self.opens_on <= day <= self.closes_on
            and self.cohort.state == CohortState.OPEN
        )

    @property
    def intro(self) -> str:
        """In the reader's language where it was written."""
        if (get_language() or "").startswith("fr"):
            return self.intro_fr or self.intro_en
        return self.intro_en or self.intro_fr


class Application(models.Model):
    """One person's wish to take part in a cohort; it counts once they confirmed their address.

    ``token_hash`` is the hex SHA-256 of the token in the mailed link, which confirms and
    withdraws. ``remark`` is the admins' own. Nothing of it is in the log but its number.
    """

    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.CASCADE, related_name="applications"
    )
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    links = ArrayField(models.URLField(max_length=LONGEST_LINK), default=list, size=MOST_LINKS)
    note = models.TextField(_("note"), blank=True, max_length=LONGEST_NOTE)
    state = models.CharField(
        max_length=12,
        choices=ApplicationState.choices,
        default=ApplicationState.UNCONFIRMED,
        editable=False,
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    remark = models.TextField(blank=True, max_length=LONGEST_NOTE)
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)
    invitation = models.OneToOneField(
        "portal.Invitation",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="application",
    )

    objects: ClassVar[models.Manager[Application]] = models.Manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(Lower("email"), "cohort", name="application_one_per_address"),
            models.CheckConstraint(
                condition=Q(state__in=ApplicationState.values), name="application_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="unconfirmed", confirmed_at__isnull=True)
                | (~Q(state="unconfirmed") & Q(confirmed_at__isnull=False)),
                name="application_counts_when_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(links__len__lte=MOST_LINKS), name="application_few_links"
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "state", "-id"], name="application_list"),
            models.Index(fields=["created_at"], name="application_by_age"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="application_steps",
                field="state",
                transitions=steps(APPLICATION_TRANSITIONS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.cohort})"
