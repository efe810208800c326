"""Verdicts that can be undone for a while before anybody is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from portal.models import AuditEntry, Notification, RoleGrant, User
from review import access, queries
from review.errors import ClipChanged
from review.models import Decision, PendingVerdict, Review
from review.release import standing_approval
from review.services import claims, submissions, undoing
from review.services.escalation import escalate_overdue
from review.states import PendingEnd, ReviewState, Verdict
from review.undo_errors import BeingDecided, TooLateToUndo
from tests.factories import review as make
from tests.factories.portal import browser_of


@pytest.fixture(autouse=True)
def _undoable(settings: Settings) -> None:
    settings.REVIEW_UNDO_SECONDS = 20


def say(review: Review, person: User, verdict: Verdict = Verdict.APPROVE) -> PendingVerdict:
    is_refusal = verdict != Verdict.APPROVE
    said = undoing.say(
        actor=person,
        review=review,
        verdict=verdict,
        seen_sha256=review.clip.sha256,
        seen_settings_sha256=review.clip.settings_sha256,
        reason="rights" if is_refusal else "",
        note="A logo." if is_refusal else "",
    )
    assert isinstance(said, PendingVerdict)
    return said


def let_time_pass(said: PendingVerdict) -> None:
    """As if it had been given a minute ago."""
    with pgtrigger.ignore("review.PendingVerdict:pending_words_fixed"):
        PendingVerdict.objects.filter(pk=said.pk).update(
            takes_effect_at=timezone.now() - timedelta(seconds=1)
        )


def test_nobody_is_told_and_nobody_decides_in_between(
    review: Review, ada: User, rosa: User, remy: User
) -> None:
    claims.claim(actor=rosa, review=review)
    said = say(review, rosa)
    assert say(review, rosa) == said
    review.refresh_from_db()
    assert (review.state, review.verdict_due_at) == (ReviewState.WAITING, said.takes_effect_at)
    assert standing_approval(review.clip) is None
    assert not Notification.objects.filter(user=ada).exists()
    for refused in (
        lambda: say(review, remy),
        lambda: say(review, rosa, Verdict.DECLINE),
        lambda: make.decline(review, remy),
        lambda: claims.claim(actor=remy, review=review),
    ):
        with pytest.raises(BeingDecided):
            refused()
    for person in (rosa, remy):
        assert claims.claim_next(actor=person) is None
        assert queries.tab_counts(access.visible_to(person), person)["waiting"] == 0
    make.make_overdue(review)
    assert escalate_overdue() == 0
    assert undoing.finish_due() == 0
    let_time_pass(said)
    with pytest.raises(TooLateToUndo):
        undoing.undo(actor=rosa, pending=said)
    assert (undoing.finish_due(), undoing.finish_due()) == (1, 0)
    review.refresh_from_db()
    said.refresh_from_db()
    assert (review.state, review.verdict_due_at) == (ReviewState.APPROVED, None)
    assert (said.end, Decision.objects.get().reviewer) == (PendingEnd.DECIDED, rosa)
    assert Notification.objects.get(user=ada).kind == "review_approved"


def test_undone_it_waits_as_before(review: Review, ada: User, rosa: User, remy: User) -> None:
    said = say(review, rosa, Verdict.DECLINE)
    assert undoing.undo(actor=rosa, pending=said) == [review]
    assert undoing.undo(actor=rosa, pending=said) == [review]
    let_time_be_over = undoing.finish_due()
    assert let_time_be_over == 0
    assert not Decision.objects.exists()
    assert not Notification.objects.filter(user=ada).exists()
    actions = AuditEntry.objects.filter(action__startswith="review.verdict").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "review.verdict_said",
        "review.verdict_undone",
    ]
    taken = claims.claim_next(actor=remy)
    assert taken is not None
    make.approve(review, remy)


def test_what_cannot_take_effect_any_more_is_said(
    review: Review, ada: User, rosa: User, remy: User
) -> None:
    other = make.make_review(ada, review.cohort, title="Taken back")
    gone = say(review, rosa)
    withdrawn = say(other, remy)
    RoleGrant.objects.filter(user=rosa).update(revoked_at=timezone.now(), revoked_by=remy)
    submissions.withdraw(actor=ada, review=other)
    withdrawn.refresh_from_db()
    assert (withdrawn.end, withdrawn.problem) == (PendingEnd.FAILED, "review_withdrawn")
    let_time_pass(gone)
    assert undoing.finish_due() == 0
    gone.refresh_from_db()
    review.refresh_from_db()
    assert (gone.end, gone.problem) == (PendingEnd.FAILED, "not_a_reviewer")
    assert (review.state, review.verdict_due_at) == (ReviewState.WAITING, None)
    notice = Notification.objects.get(user=rosa)
    assert "Only a reviewer of this cohort can do that." in notice.text
    assert "Nobody was told of it." in notice.text
    with pytest.raises(ClipChanged):
        undoing.say(
            actor=remy,
            review=review,
            verdict=Verdict.APPROVE,
            seen_sha256="0" * 64,
            seen_settings_sha256=review.clip.settings_sha256,
        )


def test_the_database_holds_it(review: Review, rosa: User, remy: User) -> None:
    said = say(review, rosa)
    values = {
        field.attname: getattr(said, field.attname)
        for field in PendingVerdict._meta.concrete_fields
        if field.attname != "id"
    }
    for wrong, match in (
        ({"reviewer_id": remy.pk}, "pending_one_open_per_review"),
        ({"reviewer_id": review.artist_id}, "pending_not_on_own_work"),
        ({"ended_at": timezone.now()}, "pending_ended_somehow"),
    ):
        with pytest.raises(IntegrityError, match=match), transaction.atomic():
            PendingVerdict.objects.create(**{**values, **wrong})
    with (
        pytest.raises(IntegrityError, match="somebody else gave a verdict just now"),
        transaction.atomic(),
    ):
        Decision.objects.create(
            review=review,
            artist=review.artist,
            reviewer=remy,
            verdict="approve",
            sha256=review.clip.sha256,
            settings_sha256=review.clip.settings_sha256,
            prompt=review.clip.prompt,
            model_key=review.clip.model_key,
            settings={},
            decided_at=timezone.now(),
        )


def _decide(browser: Client, review: Review, **said: str) -> str:
    posted = {"sha256": review.clip.sha256, "settings_sha256": review.clip.settings_sha256, **said}
    address = reverse("review:decide", args=[review.pk])
    return browser.post(address, posted, follow=True).content.decode()


def test_at_the_desk(review: Review, ada: User, rosa: User) -> None:
    behind = make.make_review(ada, review.cohort, title="Blue boat")
    browser = browser_of(rosa)
    page = _decide(browser, review, verdict="decline", reason="rights", note="A logo.")
    assert "Blue boat" in page
    assert "Declined: Red boat" in page
    assert 'data-shortcut="z"' in page
    seconds = re.search(r'data-undo="(\d+)"', page)
    assert seconds is not None
    assert 15 <= int(seconds[1]) <= 20
    undo = reverse("review:undo", args=[review.pk])
    page = browser.post(undo, follow=True).content.decode()
    assert "Undone. Nobody was told." in page
    assert "Red boat" in page
    assert "A logo." in page
    assert "data-undo=" not in page
    page = _decide(browser, review, verdict="approve")
    let_time_pass(PendingVerdict.objects.get(ended_at=None))
    late = browser.post(undo, follow=True).content.decode()
    assert "It has taken effect" in late
    review.refresh_from_db()
    behind.refresh_from_db()
    assert (review.state, behind.state) == (ReviewState.APPROVED, ReviewState.WAITING)
