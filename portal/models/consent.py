"""Consents: what a person allowed beside the agreement, and when they took it back."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Mod, Now
from django.db.models.lookups import Exact

from portal.states import ConsentKind


class Consent(models.Model):
    """One yes, or its withdrawal, by the person it is about. Append-only.

    ``number`` counts one person's steps of one kind from 1: odd ones give, even ones take back.
    ``text_number`` and ``text_sha256`` name the words that were shown. ``signature`` is the one
    beside which they were asked, if they were.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consents"
    )
    kind = models.CharField(max_length=12, choices=ConsentKind.choices)
    number = models.PositiveIntegerField()
    given = models.BooleanField()
    at = models.DateTimeField(db_default=Now())
    text_number = models.PositiveIntegerField()
    text_sha256 = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signature = models.ForeignKey(
        "portal.Signature", on_delete=models.PROTECT, null=True, related_name="consents"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "number"], name="consent_step_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ConsentKind.values), name="consent_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(actor_id=F("person_id")), name="consent_by_the_person_alone"
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0, given=Exact(Mod(F("number"), Value(2)), Value(1))),
                name="consent_given_then_withdrawn",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="consent_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {'given' if self.given else 'withdrawn'}"
