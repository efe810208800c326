"""Reminders of reviews that wait, before their time is over: first reviewers, then leads.

When it is over, ``escalation`` tells everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef
from django.db.models.fields import DateTimeField
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.duties import Duty, people_for
from portal.services import audit
from portal.services.notify import notify
from review.clocks import is_open
from review.models import Reminder, Review
from review.states import ReminderStep
from review.templatetags.review_clock import day_and_time

if TYPE_CHECKING:
    from portal.models import Cohort

# After which share of the time from submission to the due moment each step is taken.
SHARES: Mapping[ReminderStep, float] = {ReminderStep.REVIEWERS: 0.5, ReminderStep.LEADS: 0.8}
WHO: Mapping[ReminderStep, Duty] = {
    ReminderStep.REVIEWERS: Duty.DECIDE,
    ReminderStep.LEADS: Duty.WITHDRAW,
}
# Read at once; the next run takes the rest.
AT_ONCE = 500


def remind(*, now: datetime | None = None) -> int:
    """Take each step that has come, once a review; answers how many reviews were reminded of.

    Those of one cohort share one notice. Outside of a cohort's working hours nobody is
    reminded; what fell due then is told when they begin. Two runs at the same time skip what the
    other holds.
    """
    moment = now or timezone.now()
    return sum(_take(step, moment) for step in SHARES)


def _take(step: ReminderStep, now: datetime) -> int:
    with transaction.atomic():
        taken = Reminder.objects.filter(review=OuterRef("pk"), step=step)
        comes = ExpressionWrapper(
            F("submitted_at") + (F("due_at") - F("submitted_at")) * SHARES[step],
            output_field=DateTimeField(),
        )
        found = (
            Review.objects.waiting()
            .filter(due_at__gt=now)
            .alias(comes=comes)
            .filter(comes__lte=now)
            .exclude(Exists(taken))
            .select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("cohort")
            .order_by("due_at", "id")[:AT_ONCE]
        )
        by_cohort: dict[Cohort, list[Review]] = defaultdict(list)
        for review in found:
            by_cohort[review.cohort].append(review)
        told = 0
        for cohort, reviews in by_cohort.items():
            if not is_open(cohort, now):
                continue
            Reminder.objects.bulk_create(
                [Reminder(review=review, step=step, sent_at=now) for review in reviews]
            )
            audit.record(
                actor=None,
                action="review.reminded",
                target=cohort,
                cohort=cohort,
                after={"step": step, "count": len(reviews)},
            )
            _tell(step, cohort, reviews)
            told += len(reviews)
        return told


def _tell(step: ReminderStep, cohort: Cohort, reviews: list[Review]) -> None:
    """Who made one of the clips is not reminded of their own."""
    for person in people_for(WHO[step], cohort.pk):
        theirs = [review for review in reviews if review.artist_id != person.pk]
        if not theirs:
            continue
        with translation.override(person.language):
            title = ngettext(
                "%(count)d clip of %(cohort)s waits for a decision",
                "%(count)d clips of %(cohort)s wait for a decision",
                len(theirs),
            ) % {"count": len(theirs), "cohort": cohort.name}
            text = _("The first is promised by %(time)s.") % {
                "time": day_and_time(theirs[0].due_at)
            }
        notify(
            user=person,
            kind="review_due_soon",
            title=title,
            text=text,
            url=f"{reverse('review:queue')}?tab=waiting",
        )
