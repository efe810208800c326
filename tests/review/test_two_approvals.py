"""Where a cohort asks for two approvals, two different people give them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal.models import AuditEntry, Cohort, Notification, User
from review import access, queries
from review.errors import ApprovedByYou
from review.models import Claim, Decision, Review
from review.release import standing_approval
from review.services import claims
from review.states import ReviewState
from tests.factories import review as make
from tests.factories.portal import browser_of


@pytest.fixture
def strict(spring: Cohort) -> Cohort:
    spring.approvals_needed = 2
    spring.save(update_fields=["approvals_needed"])
    return spring


@pytest.fixture
def review(ada: User, strict: Cohort) -> Review:
    """Ada's clip, waiting for two approvals."""
    return make.make_review(ada, strict, title="Red boat")


def test_the_second_person_releases(review: Review, ada: User, rosa: User, remy: User) -> None:
    claims.claim(actor=rosa, review=review)
    first = make.approve(review, rosa)
    review.refresh_from_db()
    assert review.state == ReviewState.WAITING
    assert standing_approval(review.clip) is None
    assert not Notification.objects.filter(user=ada, kind__startswith="review_").exists()
    assert not Claim.objects.unreleased().exists()
    assert make.approve(review, rosa) == first
    second = make.approve(review, remy)
    review.refresh_from_db()
    assert review.state == ReviewState.APPROVED
    assert review.closed_at == second.decided_at
    assert standing_approval(review.clip) is not None
    assert Notification.objects.get(user=ada, kind="review_approved")
    actions = AuditEntry.objects.filter(action__startswith="review.approved")
    assert sorted(actions.values_list("action", flat=True)) == [
        "review.approved",
        "review.approved_first",
    ]


def test_a_refusal_before_any_approval_ends_it(review: Review, rosa: User) -> None:
    make.decline(review, rosa)
    review.refresh_from_db()
    assert review.state == ReviewState.DECLINED
    assert standing_approval(review.clip) is None


def test_it_leaves_the_first_ones_queue_and_stays_in_the_others(
    review: Review, rosa: User, remy: User
) -> None:
    make.approve(review, rosa)
    with pytest.raises(ApprovedByYou):
        claims.claim(actor=rosa, review=review)
    assert claims.claim_next(actor=rosa) is None
    for person, count in ((rosa, 0), (remy, 1)):
        seen = access.visible_to(person)
        assert access.decidable_by(person).count() == count
        assert queries.in_tab(seen, "waiting", person).count() == count
        assert queries.tab_counts(seen, person)["waiting"] == count
    taken = claims.claim_next(actor=remy)
    assert taken is not None
    assert taken.review == review


def test_the_database_counts_too(review: Review, rosa: User, remy: User, spring: Cohort) -> None:
    make.approve(review, rosa)
    said = {
        name: getattr(Decision.objects.get(), name)
        for name in ("sha256", "settings_sha256", "prompt", "model_key", "settings", "decided_at")
    }

    def insert(person: User) -> None:
        with transaction.atomic():
            Decision.objects.create(
                review=review, artist=review.artist, reviewer=person, verdict="approve", **said
            )

    with pytest.raises(IntegrityError, match="decision_one_verdict_per_person"):
        insert(rosa)
    with pytest.raises(IntegrityError, match="it has 1 of 2 approvals"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(
            state=ReviewState.APPROVED, closed_at=review.due_at
        )
    insert(remy)
    with pytest.raises(IntegrityError, match="the review has its verdict"):
        insert(make.make_reviewer("Third", spring))
    with pytest.raises(IntegrityError, match="cohort_one_or_two_approvals"):
        Cohort.objects.filter(pk=spring.pk).update(approvals_needed=3)


def test_a_change_is_for_what_is_submitted_after_it(
    review: Review, ada: User, rosa: User, strict: Cohort
) -> None:
    Cohort.objects.filter(pk=strict.pk).update(approvals_needed=1)
    strict.refresh_from_db()
    later = make.make_review(ada, strict)
    make.approve(review, rosa)
    make.approve(later, rosa)
    review.refresh_from_db()
    later.refresh_from_db()
    assert (review.state, later.state) == (ReviewState.WAITING, ReviewState.APPROVED)


def test_the_pages_say_how_many(review: Review, ada: User, rosa: User, remy: User) -> None:
    make.approve(review, rosa)
    desk = reverse("review:desk", args=[review.pk])
    assert "Approved by you" in browser_of(rosa).get(desk).content.decode()
    second = browser_of(remy).get(desk).content.decode()
    assert "1 of 2 approvals" in second
    assert "data-decide" in second
    queue = browser_of(remy).get(reverse("review:queue")).content.decode()
    assert "1 of 2 approvals" in queue
    artist: Client = browser_of(ada)
    standing = artist.get(reverse("review:standing", args=[review.clip_id])).content.decode()
    assert "1 of 2 approvals" in standing
