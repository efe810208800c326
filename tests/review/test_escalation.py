from __future__ import annotations

from portal.models import AuditEntry, Cohort, Notification, User
from review.models import Review
from review.services.escalation import escalate_overdue
from review.tasks import escalate_overdue as task
from tests.factories import review as make


def test_reviewers_and_admins_hear_of_a_late_review_once(
    review: Review, ada: User, rosa: User, remy: User, alba: User, spring: Cohort
) -> None:
    elsewhere = make.make_reviewer("Nour Haddad", make.make_cohort())
    everywhere = make.make_admin("Anselm Weber")
    assert escalate_overdue() == 0
    make.make_overdue(review)
    make.make_overdue(make.make_review(ada, spring))
    assert escalate_overdue() == 2
    assert escalate_overdue() == 0
    notices = Notification.objects.filter(kind="review_overdue")
    assert {notice.user for notice in notices} == {rosa, remy, alba, everywhere}
    assert elsewhere not in {notice.user for notice in notices}
    assert {notice.title for notice in notices} == {"2 clips of Spring residency are overdue"}
    assert {notice.url for notice in notices} == {"/review/?tab=overdue"}
    assert AuditEntry.objects.filter(action="review.escalated", actor=None).count() == 2


def test_the_task_does_the_same(review: Review, rosa: User) -> None:
    make.make_overdue(review)
    task()
    review.refresh_from_db()
    assert review.escalated_at is not None


def test_what_is_decided_is_not_late(review: Review, rosa: User) -> None:
    make.make_overdue(review)
    make.approve(review, rosa)
    assert escalate_overdue() == 0
