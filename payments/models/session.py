"""Testing sessions: time an artist spent, recorded by the artist, and the terms of a cohort."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.session_states import SESSION_TRANSITIONS, Confirmer, SessionState
from portal.states import steps

TESTED_LIMIT = 2_000
ANSWER_LIMIT = 500
LONGEST = timedelta(hours=24)


class TestingSession(models.Model):
    """One stretch of testing of one artist, who has no other at the same time.

    A running one has no end. ``answer`` is why staff asked back or did not accept it, or why the
    clock was stopped; nobody answered by name where Greenroom itself did. Without a person in
    ``confirmed_by`` the term of the cohort confirmed it, or its rate card asked nobody.

    ``token`` is the id of the form it was begun by, so that a form sent twice records once.
    """

    __test__ = False

    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="testing_sessions"
    )
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, related_name="testing_sessions"
    )
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=SessionState.choices, editable=False)
    by_clock = models.BooleanField(editable=False)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    tested = models.TextField(_("what you tested"), blank=True, max_length=TESTED_LIMIT)
    confirmer = models.CharField(max_length=10, choices=Confirmer.choices, blank=True)
    due_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=ANSWER_LIMIT, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["artist", "token"], name="session_form_sent_once"),
            ExclusionConstraint(
                name="session_one_at_a_time",
                # A range of one number compares as that number, without an extension.
                expressions=[
                    (
                        Func(F("artist"), F("artist"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("started_at"),
                            F("ended_at"),
                            RangeBoundary(),
                            function="tstzrange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(state__in=["withdrawn", "rejected"]),
            ),
            models.CheckConstraint(
                condition=Q(state__in=SessionState.values), name="session_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at__isnull=True)
                | ~Q(state="running")
                & Q(ended_at__gt=F("started_at"), ended_at__lte=F("started_at") + LONGEST),
                name="session_ends_within_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="recorded")
                | Q(due_at__isnull=False, confirmer__in=Confirmer.values) & ~Q(tested=""),
                name="session_recorded_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False) & ~Q(tested="")
                | ~Q(state="confirmed") & Q(confirmed_at__isnull=True, confirmed_by__isnull=True),
                name="session_confirmed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["asked", "rejected"]) | ~Q(answer=""),
                name="session_answered_in_words",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | Q(answered_by__isnull=False),
                name="session_rejected_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("artist")) & ~Q(answered_by=F("artist")),
                name="session_not_of_oneself",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="session_by_state"),
            models.Index(fields=["artist", "-started_at"], name="session_by_artist"),
        ]
        triggers = [
            pgtrigger.Protect(name="session_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="session_begins",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state__in=["running", "recorded"]),
            ),
            pgtrigger.FSM(
                name="session_transitions", field="state", transitions=steps(SESSION_TRANSITIONS)
            ),
            pgtrigger.ReadOnly(
                name="session_fixed",
                fields=["artist", "cohort", "token", "by_clock", "created_at"],
            ),
            pgtrigger.Protect(
                name="session_ended_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["confirmed", "rejected", "withdrawn"]),
            ),
        ]

    def __str__(self) -> str:
        return f"Testing session {self.pk} of {self.artist}"

    @property
    def minutes(self) -> int:
        """Whole minutes, a begun one counted; 0 while it runs."""
        if self.ended_at is None:
            return 0
        return -(-(self.ended_at - self.started_at) // timedelta(minutes=1))

    @property
    def is_running(self) -> bool:
        return self.state == SessionState.RUNNING

    @property
    def may_change(self) -> bool:
        """Whether its artist can still correct or withdraw it."""
        return self.state in {SessionState.RECORDED, SessionState.ASKED}

    @property
    def answer_text(self) -> str:
        """The answer in the reader's language; what a person wrote stays as it was written."""
        return self.answer if self.answered_by_id or not self.answer else gettext(self.answer)

    @property
    def headline(self) -> str:
        line = " ".join(self.tested.split())
        return line if len(line) <= 90 else f"{line[:89].rstrip()}…"


class SessionTerms(models.Model):
    """What holds for the sessions of a cohort; the newest version counts. Never edited.

    ``confirm_days`` is how long staff may take before silence confirms; a clock that runs for
    ``longest_minutes`` is stopped.
    """

    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.PROTECT, related_name="session_terms"
    )
    confirm_days = models.PositiveSmallIntegerField(
        _("days to confirm"), default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    longest_minutes = models.PositiveSmallIntegerField(
        _("longest session"),
        default=480,
        validators=[MinValueValidator(15), MaxValueValidator(1_440)],
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["cohort", "-pk"]
        verbose_name_plural = "session terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirm_days__gte=1, confirm_days__lte=60)
                & Q(longest_minutes__gte=15, longest_minutes__lte=1_440),
                name="session_terms_in_bounds",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="session_terms_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.confirm_days} d, {self.longest_minutes} min"
