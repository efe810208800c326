"""Passing on, second opinions, and the lead who decides where they differ."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry, Cohort, Notification, User
from portal.states import Role
from review import access, queries
from review.errors import AlreadyClaimed, ApprovedByYou, NotAReviewer
from review.facts import facts_of
from review.history import history_of
from review.models import Claim, Decision, PassOn, Review
from review.pass_errors import (
    ForALead,
    NobodyElse,
    NoLead,
    PassedOnByYou,
    PassNoteMissing,
    RefusedByYou,
)
from review.release import standing_approval
from review.services import claims
from review.services.passing import pass_on
from review.states import Opinion, ReviewState, Verdict
from tests.factories import review as make
from tests.factories.portal import browser_of

WORDS = "Is this somebody who exists?"


@pytest.fixture
def lena(spring: Cohort) -> User:
    return make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)


@pytest.fixture
def differing(review: Review, spring: Cohort, ada: User, rosa: User, remy: User) -> Review:
    """Rosa approved, Remy refused, and two approvals are needed."""
    spring.approvals_needed = 2
    spring.save(update_fields=["approvals_needed"])
    strict = make.make_review(ada, spring, title="Blue boat")
    make.approve(strict, rosa)
    make.decline(strict, remy)
    strict.refresh_from_db()
    return strict


def tabs(person: User) -> dict[str, int]:
    return queries.tab_counts(access.visible_to(person), person)


def test_a_second_opinion_is_another_persons(
    review: Review, ada: User, rosa: User, remy: User
) -> None:
    claims.claim(actor=rosa, review=review)
    passed = pass_on(actor=rosa, review=review, to=Opinion.SECOND, note=WORDS)
    assert pass_on(actor=rosa, review=review, to=Opinion.SECOND, note="Again.") == passed
    review.refresh_from_db()
    assert (review.state, review.waits_for) == (ReviewState.WAITING, Opinion.SECOND)
    assert not Claim.objects.unreleased().exists()
    assert claims.claim_next(actor=rosa) is None
    assert (tabs(rosa)["second"], tabs(remy)["second"]) == (0, 1)
    for refused in (
        lambda: claims.claim(actor=rosa, review=review),
        lambda: make.approve(review, rosa),
    ):
        with pytest.raises(PassedOnByYou):
            refused()
    taken = claims.claim_next(actor=remy)
    assert taken is not None
    assert WORDS in str(history_of(review.clip))
    assert WORDS not in str(history_of(review.clip, to_artist=True))
    assert not Notification.objects.filter(user=ada).exists()
    with pytest.raises(NobodyElse):
        pass_on(actor=remy, review=review, to=Opinion.SECOND, note="Me neither.")
    make.approve(review, remy)
    assert standing_approval(review.clip) is not None


def test_to_a_lead(review: Review, rosa: User, remy: User, alba: User, spring: Cohort) -> None:
    with pytest.raises(NoLead):
        pass_on(actor=rosa, review=review, to=Opinion.LEAD, note=WORDS)
    with pytest.raises(PassNoteMissing):
        pass_on(actor=rosa, review=review, to=Opinion.LEAD, note=" ")
    with pytest.raises(NotAReviewer):
        pass_on(actor=alba, review=review, to=Opinion.LEAD, note=WORDS)
    lena = make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)
    claims.claim(actor=remy, review=review)
    with pytest.raises(AlreadyClaimed):
        pass_on(actor=rosa, review=review, to=Opinion.LEAD, note=WORDS)
    pass_on(actor=remy, review=review, to=Opinion.LEAD, note=WORDS)
    assert Notification.objects.get(kind="review_for_lead").user == lena
    assert AuditEntry.objects.get(action="review.passed_on").after == {"waits_for": "lead"}
    assert access.decidable_by(rosa).count() == 0
    for refused in (
        lambda: claims.claim(actor=rosa, review=review),
        lambda: make.approve(review, rosa),
        lambda: pass_on(actor=lena, review=review, to=Opinion.SECOND, note="You do it."),
    ):
        with pytest.raises(ForALead):
            refused()
    assert claims.claim_next(actor=lena) is not None
    make.ask_for_changes(review, lena)
    review.refresh_from_db()
    assert review.state == ReviewState.CHANGES


def test_where_opinions_differ_a_lead_decides(
    differing: Review, lena: User, ada: User, rosa: User, remy: User
) -> None:
    assert (differing.state, differing.waits_for) == (ReviewState.WAITING, Opinion.LEAD)
    assert AuditEntry.objects.filter(action="review.opinions_differ").count() == 1
    assert not Notification.objects.filter(user=ada).exists()
    assert len(history_of(differing.clip, to_artist=True)) == 2
    fact = facts_of([differing.clip], ada)[differing.clip_id]
    assert (fact.reason, fact.decided_at) == ("", None)
    assert make.decline(differing, remy).verdict == Verdict.DECLINE
    with pytest.raises(RefusedByYou):
        make.approve(differing, remy)
    with pytest.raises(ApprovedByYou):
        make.decline(differing, rosa)
    page = browser_of(lena).get(reverse("review:desk", args=[differing.pk])).content.decode()
    for said in ("Opinions differ", "Rosa Lindqvist", "Remy Chen", "It stops half way."):
        assert said in page
    make.approve(differing, lena)
    differing.refresh_from_db()
    assert differing.state == ReviewState.APPROVED
    assert standing_approval(differing.clip) is not None
    assert "Declined" not in str(history_of(differing.clip, to_artist=True))


def test_the_leads_refusal_ends_it_too(differing: Review, lena: User, ada: User) -> None:
    make.decline(differing, lena, reason="rights", note="A logo.")
    differing.refresh_from_db()
    assert differing.state == ReviewState.DECLINED
    assert "A logo." in Notification.objects.get(user=ada).text


def test_without_a_lead_those_who_appoint_one_hear_of_it(
    review: Review, alba: User, spring: Cohort, ada: User, rosa: User, remy: User
) -> None:
    Cohort.objects.filter(pk=spring.pk).update(approvals_needed=2)
    spring.refresh_from_db()
    strict = make.make_review(ada, spring)
    make.approve(strict, remy)
    make.ask_for_changes(strict, rosa)
    notice = Notification.objects.get(kind="review_for_lead")
    assert notice.user == alba
    assert "Please make somebody a lead reviewer." in notice.text


def test_the_database_refuses(differing: Review, review: Review, lena: User, rosa: User) -> None:
    third = make.make_reviewer("Third", differing.cohort)
    said = {
        name: getattr(Decision.objects.first(), name)
        for name in ("sha256", "settings_sha256", "prompt", "model_key", "settings", "decided_at")
    }

    def judge(person: User, of: Review) -> None:
        with transaction.atomic():
            Decision.objects.create(
                review=of, artist=of.artist, reviewer=person, verdict="approve", **said
            )

    with pytest.raises(IntegrityError, match="a lead decides this one"):
        judge(third, differing)
    with pytest.raises(IntegrityError, match="nobody asked for another"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(waits_for="lead")
    with pytest.raises(IntegrityError, match="one has not judged"), transaction.atomic():
        PassOn.objects.create(
            review=differing,
            artist=differing.artist,
            reviewer=rosa,
            to="lead",
            note=WORDS,
            passed_at=timezone.now(),
        )
    pass_on(actor=rosa, review=review, to=Opinion.SECOND, note=WORDS)
    with pytest.raises(IntegrityError, match="the reviewer passed it on"):
        judge(rosa, review)


def test_at_the_desk(review: Review, rosa: User, remy: User) -> None:
    browser = browser_of(rosa)
    desk = reverse("review:desk", args=[review.pk])
    assert 'data-shortcut="p"' in browser.get(desk).content.decode()
    address = reverse("review:pass_on", args=[review.pk])
    refused = browser.post(address, {"to": "lead", "note": WORDS})
    assert refused.status_code == 409
    assert WORDS in refused.content.decode()
    done = browser.post(address, {"to": "second", "note": WORDS}, follow=True)
    assert "Passed on: Red boat." in done.content.decode()
    assert "Passed on by you" in browser.get(desk).content.decode()
    second = f"{reverse('review:queue')}?tab=second"
    assert "No second opinion is asked for" in browser.get(second).content.decode()
    other = browser_of(remy)
    assert "Red boat" in other.get(second).content.decode()
    assert WORDS in other.get(desk).content.decode()
