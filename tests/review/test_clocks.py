"""A cohort's clock: what is promised by it, its page, and the reminders on the way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, Notification, User
from portal.states import Role
from review.clock_errors import DayTooShort, HolidaysUnknown, NoWeekday
from review.models import Clock, Reminder, Review
from review.services import clocks
from review.services.reminders import remind
from review.tasks import remind_of_waiting
from tests.factories import review as make
from tests.factories.portal import browser_of

WORKING: dict[str, Any] = {
    "is_on": True,
    "days": [0, 1, 2, 3, 4],
    "opens": time(9),
    "closes": time(17),
    "zone": "Europe/Paris",
    "country": "FR",
    "closed_days": [date(2026, 12, 24)],
}


def set_clock(actor: User, cohort: Cohort, **terms: Any) -> Clock:
    wanted = clocks.checked(cohort=cohort, **{**WORKING, **terms})
    return clocks.set_clock(actor=actor, cohort=cohort, clock=wanted)


def test_what_is_promised_falls_into_working_hours(
    alba: User, ada: User, rosa: User, spring: Cohort
) -> None:
    with pytest.raises(NotAllowed):
        set_clock(make.make_admin("Nour Haddad", make.make_cohort()), spring)
    for wrong, refusal in (
        ({"days": []}, NoWeekday),
        ({"closes": time(9, 30)}, DayTooShort),
        ({"country": "ZZ"}, HolidaysUnknown),
    ):
        with pytest.raises(refusal):
            set_clock(alba, spring, **wrong)
    waiting = make.make_review(ada, spring, files=False)
    clock = set_clock(alba, spring)
    assert set_clock(alba, spring) == clock
    entry = AuditEntry.objects.get(action="review.clock_set")
    assert entry.after["opens"] == "09:00"

    review = make.make_review(ada, spring)
    assert review.due_at > waiting.due_at
    make.decline(review, rosa)
    appeal = make.appeal(review)
    for due in (review.due_at, appeal.due_at):
        assert clock.calendar.is_open(due - timedelta(minutes=1))

    set_clock(alba, spring, is_on=False)
    plain = make.make_review(ada, spring, files=False)
    assert plain.due_at < review.due_at
    wrongs: tuple[dict[str, Any], ...] = (
        *({"opens": time(17)}, {"days": []}, {"days": [7]}),
        {"country": "fr"},
    )
    for broken in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            Clock.objects.filter(pk=clock.pk).update(**broken)


def test_the_page_shows_what_it_would_promise(alba: User, rosa: User, spring: Cohort) -> None:
    page = f"/programme/cohorts/{spring.slug}/clock/"
    admin = browser_of(alba)
    typed = {
        "kind": "working",
        "days": ["0", "1", "2", "3", "4"],
        "opens": "09:00",
        "closes": "17:00",
        "zone": "Europe/Paris",
        "country": "fr",
        "region": "",
        "closed_days": "2026-12-24\n2026-12-31",
    }
    shown = admin.post(f"{page}preview/", typed).content.decode()
    assert "The next public holidays" in shown
    assert not Clock.objects.exists()
    wrong = admin.post(page, {**typed, "closed_days": "Christmas"})
    assert wrong.status_code == 400
    assert "“Christmas” is no day" in wrong.content.decode()
    assert admin.post(page, {**typed, "closes": "09:10"}).status_code == 422
    assert admin.post(page, typed).status_code == 302
    clock = Clock.objects.get()
    assert (clock.country, clock.closed_days[1]) == ("FR", date(2026, 12, 31))
    assert "2026-12-31" in admin.get(page).content.decode()
    assert browser_of(rosa).get(page).status_code == 404


def moved(review: Review, share: float) -> datetime:
    return review.submitted_at + (review.due_at - review.submitted_at) * share


def test_reviewers_then_leads_are_reminded_once(
    review: Review, ada: User, rosa: User, remy: User, alba: User, spring: Cohort
) -> None:
    lena = make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)
    make.make_review(ada, spring, files=False)
    assert remind(now=moved(review, 0.49)) == 0
    half = moved(review, 0.51)
    assert (remind(now=half), remind(now=half)) == (2, 0)
    notices = Notification.objects.filter(kind="review_due_soon")
    assert {notice.user for notice in notices} == {rosa, remy, lena}
    assert {notice.title for notice in notices} == {
        "2 clips of Spring residency wait for a decision"
    }
    make.approve(review, rosa)
    assert remind(now=moved(review, 0.81)) == 1
    assert set(notices.values_list("user__name", flat=True).distinct()) == {
        *("Rosa Lindqvist", "Remy Chen", "Lena Brandt", "Alba Ferrari")
    }
    assert remind(now=moved(review, 1.1)) == 0
    assert Reminder.objects.count() == 3
    assert AuditEntry.objects.filter(action="review.reminded", actor=None).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(review=review, step="reviewers", sent_at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Reminder.objects.all().delete()


def test_nobody_is_reminded_at_night(alba: User, ada: User, rosa: User, spring: Cohort) -> None:
    clock = set_clock(alba, spring)
    review = make.make_review(ada, spring, files=False)
    local = review.due_at.astimezone(clock.calendar.zone)
    assert remind(now=local.replace(hour=3)) == 0
    # Reviewers, and leads as well by then.
    assert remind(now=local.replace(hour=9, minute=0)) == 2
    remind_of_waiting()
    assert Reminder.objects.count() == 2
