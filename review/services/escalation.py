"""When a review runs late, everyone who can do something about it hears of it, once."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from portal.models import Cohort
from portal.services import audit
from portal.services.notify import notify
from review import access
from review.models import Review


def escalate_overdue() -> int:
    """Tell reviewers and admins of reviews that became overdue; answers how many did.

    Each review is told of once; those of one cohort share one notice. Two runs at the same time
    skip what the other holds.
    """
    now = timezone.now()
    with transaction.atomic():
        late = list(
            Review.objects.overdue()
            .filter(escalated_at__isnull=True, verdict_due_at__isnull=True)
            .select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("cohort")
            .order_by("due_at", "id")
        )
        by_cohort: dict[Cohort, list[Review]] = defaultdict(list)
        for review in late:
            review.escalated_at = now
            review.save(update_fields=["escalated_at"])
            audit.record(
                actor=None,
                action="review.escalated",
                target=review,
                cohort=review.cohort,
                after={"due_at": review.due_at},
            )
            by_cohort[review.cohort].append(review)
        for cohort, reviews in by_cohort.items():
            _tell_staff(cohort, len(reviews))
    return len(late)


def _tell_staff(cohort: Cohort, count: int) -> None:
    for person in access.staff_of(cohort.pk):
        with translation.override(person.language):
            title = ngettext(
                "%(count)d clip of %(cohort)s is overdue",
                "%(count)d clips of %(cohort)s are overdue",
                count,
            ) % {"count": count, "cohort": cohort.name}
            text = ngettext(
                "Its artist was promised a decision by now.",
                "Their artists were promised a decision by now.",
                count,
            )
        notify(
            user=person,
            kind="review_overdue",
            title=title,
            text=text,
            url=f"{reverse('review:queue')}?tab=overdue",
        )
