"""Containments: what is shut for a while, why, until when, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import get_language

from portal.containment import Target
from portal.states import HEADINGS, OF_ALL, Stage

LONGEST = timedelta(days=90)
LONGEST_REASON = 500
LONGEST_WORDS = 500

_TARGETS = {
    "key": (Stage.KEY, Q(key__isnull=False), Q(key__isnull=True)),
    "person": (Stage.PERSON, Q(person__isnull=False), Q(person__isnull=True)),
    "cohort": (Stage.COHORT, Q(cohort__isnull=False), Q(cohort__isnull=True)),
    "model": (Stage.MODEL, ~Q(model_key=""), Q(model_key="")),
}


def _right_target() -> Q:
    """Each stage with exactly what it names."""
    wanted = Q(stage__in=sorted(OF_ALL))
    for _stage, _set, empty in _TARGETS.values():
        wanted &= empty
    for stage, named, _empty in _TARGETS.values():
        one = Q(stage=stage) & named
        for other, _set, empty in _TARGETS.values():
            if other != stage:
                one &= empty
        wanted |= one
    return wanted


class ContainmentQuerySet(models.QuerySet["Containment"]):
    def live(self) -> ContainmentQuerySet:
        """Not undone, and not over by the database's clock; the oldest first."""
        return self.filter(ended_at__isnull=True, until__gt=Now()).order_by("pk")

    def due(self) -> ContainmentQuerySet:
        """Over, but not noted as ended yet."""
        return self.filter(ended_at__isnull=True, until__lte=Now()).order_by("pk")


class Containment(models.Model):
    """One stage, shut from ``at`` until ``until`` unless somebody undoes it before.

    ``reason`` is for the log and the staff; ``words_en`` and ``words_fr`` are what those touched
    read, one of them at least. ``ended_by`` is None for one that ended by itself. It is never
    changed and ends once.
    """

    stage = models.CharField(max_length=12, choices=Stage.choices)
    key = models.ForeignKey(
        "portal.AccessKey", on_delete=models.PROTECT, null=True, related_name="containments"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="containments"
    )
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, null=True, related_name="containments"
    )
    model_key = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=LONGEST_REASON)
    words_en = models.CharField(max_length=LONGEST_WORDS, blank=True)
    words_fr = models.CharField(max_length=LONGEST_WORDS, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Containment]] = models.Manager.from_queryset(
        ContainmentQuerySet
    )()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="containment_stage_known"
            ),
            models.CheckConstraint(condition=_right_target(), name="containment_right_target"),
            models.CheckConstraint(
                condition=~Q(reason__regex=r"^\s*$"), name="containment_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(words_en="", words_fr=""), name="containment_has_words"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST),
                name="containment_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
                name="containment_ended_by_when_ended",
            ),
            models.CheckConstraint(
                condition=~Q(stage="person", by=F("person")), name="containment_not_of_oneself"
            ),
        ]
        indexes = [
            # Asked by every request with a key, every wish for a clip and every claim.
            models.Index(
                fields=["until"],
                condition=Q(ended_at__isnull=True),
                name="containment_running",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="containment_fixed",
                fields=[
                    *("stage", "key", "person", "cohort", "model_key", "reason"),
                    *("words_en", "words_fr", "by", "at", "until"),
                ],
            ),
            pgtrigger.Protect(
                name="containment_ends_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
            pgtrigger.Protect(name="containment_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        """What it is of: a name, or the stage where it is of all."""
        if self.key is not None:
            return str(self.key)
        named = self.person or self.cohort or self.model_key
        return str(named or Stage(self.stage).label)

    @property
    def target(self) -> Target:
        return Target(
            stage=Stage(self.stage),
            key_id=self.key_id,
            person_id=self.person_id,
            cohort_id=self.cohort_id,
            model_key=self.model_key,
        )

    @property
    def heading(self) -> str:
        """What is stopped, to those it touches."""
        return str(HEADINGS[Stage(self.stage)])

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.until > timezone.now()

    @property
    def words(self) -> str:
        """What those touched read, in the reader's language where its author wrote it."""
        if (get_language() or "").startswith("fr"):
            return self.words_fr or self.words_en
        return self.words_en or self.words_fr

    @property
    def words_language(self) -> str:
        """Of :attr:`words`, for a page in another language."""
        return "fr" if self.words and self.words == self.words_fr else "en"
