from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import Cohort, RoleGrant, User
from review import access
from review.errors import (
    AlreadyClaimed,
    AlreadyDecided,
    ClaimLost,
    NotAReviewer,
    OwnWork,
    ReviewWithdrawn,
)
from review.models import Claim, Review
from review.services import claims, submissions
from tests.factories import review as make


def fresh(user: User) -> User:
    """The person as the next request loads them."""
    return User.objects.get(pk=user.pk)


def test_opening_a_clip_claims_it_and_again_renews(review: Review, rosa: User) -> None:
    first = claims.claim(actor=rosa, review=review)
    Claim.objects.filter(pk=first.pk).update(lease_until=timezone.now() + timedelta(seconds=1))
    again = claims.claim(actor=rosa, review=review)
    assert again.pk == first.pk
    assert again.lease_until - timezone.now() > timedelta(seconds=100)


def test_a_colleague_hears_who_has_it_and_since_when(
    review: Review, rosa: User, remy: User
) -> None:
    claim = claims.claim(actor=rosa, review=review)
    since = timezone.localtime(claim.claimed_at).strftime("%H:%M")
    with pytest.raises(AlreadyClaimed) as refusal:
        claims.claim(actor=remy, review=review)
    assert str(refusal.value.message) == f"Rosa Lindqvist has had this clip open since {since}."


def test_a_lapsed_claim_returns_to_the_queue(review: Review, rosa: User, remy: User) -> None:
    lapsed = claims.claim(actor=rosa, review=review)
    make.lapse(lapsed)
    taken = claims.claim(actor=remy, review=review)
    lapsed.refresh_from_db()
    assert lapsed.released_at == lapsed.lease_until
    assert (taken.reviewer, taken.released_at) == (remy, None)
    with pytest.raises(AlreadyClaimed):
        claims.renew(actor=rosa, review=review)


def test_a_lapsed_claim_nobody_took_is_renewed(review: Review, rosa: User) -> None:
    make.lapse(claims.claim(actor=rosa, review=review))
    assert claims.renew(actor=rosa, review=review).is_live


def test_renewing_says_why_it_cannot(review: Review, ada: User, rosa: User, remy: User) -> None:
    with pytest.raises(ClaimLost):
        claims.renew(actor=rosa, review=review)
    claims.claim(actor=rosa, review=review)
    RoleGrant.objects.filter(user=rosa).delete()
    with pytest.raises(ClaimLost):
        claims.renew(actor=fresh(rosa), review=review)
    submissions.withdraw(actor=ada, review=review)
    with pytest.raises(ReviewWithdrawn):
        claims.renew(actor=remy, review=review)


def test_who_may_claim(review: Review, ada: User, alba: User, spring: Cohort) -> None:
    RoleGrant.objects.create(user=ada, role="reviewer", cohort=spring)
    elsewhere = make.make_reviewer("Nour Haddad", make.make_cohort())
    with pytest.raises(OwnWork):
        claims.claim(actor=ada, review=review)
    for person in (alba, elsewhere):
        with pytest.raises(NotAReviewer):
            claims.claim(actor=person, review=review)


def test_what_is_decided_or_taken_back_is_not_claimed(
    ada: User, spring: Cohort, rosa: User
) -> None:
    decided, withdrawn = make.make_review(ada, spring), make.make_review(ada, spring)
    make.approve(decided, rosa)
    submissions.withdraw(actor=ada, review=withdrawn)
    with pytest.raises(AlreadyDecided):
        claims.claim(actor=rosa, review=decided)
    with pytest.raises(ReviewWithdrawn):
        claims.claim(actor=rosa, review=withdrawn)


def test_releasing_gives_it_to_the_next(review: Review, rosa: User, remy: User) -> None:
    claims.claim(actor=rosa, review=review)
    claims.release(actor=remy, review=review)
    assert Claim.objects.unreleased().count() == 1
    claims.release(actor=rosa, review=review)
    claims.release(actor=rosa, review=review)
    assert claims.claim(actor=remy, review=review).reviewer == remy


def test_next_goes_by_due_time_then_turn(
    ada: User, lucien: User, spring: Cohort, rosa: User, remy: User
) -> None:
    first, second = make.make_review(ada, spring), make.make_review(ada, spring)
    other = make.make_review(lucien, spring)
    due_at = first.due_at
    Review.objects.update(due_at=due_at)
    late = make.make_overdue(make.make_review(lucien, spring))
    taken = [claims.claim_next(actor=rosa) for _ in range(4)]
    assert [claim.review for claim in taken if claim] == [late, late, late, late]
    order = []
    last: Review | None = None
    for _ in range(4):
        claim = claims.claim_next(actor=remy, after=last)
        assert claim is not None
        order.append(claim.review_id)
        last = claim.review
    # Rosa holds the late one; the queue begins again when its end is reached.
    assert order == [first.pk, other.pk, second.pk, first.pk]


def test_next_is_none_when_all_are_taken(review: Review, rosa: User, remy: User) -> None:
    claims.claim(actor=rosa, review=review)
    assert claims.claim_next(actor=remy) is None
    assert claims.claim_next(actor=rosa, after=review) is None


def test_nobody_is_given_their_own_work(review: Review, ada: User, spring: Cohort) -> None:
    RoleGrant.objects.create(user=ada, role="reviewer", cohort=spring)
    assert not access.decidable_by(ada).exists()
    assert claims.claim_next(actor=ada) is None
