from __future__ import annotations

import hashlib

import pytest
from django.core import mail
from django.core.files.storage import default_storage

from portal.models import AuditEntry, Cohort, Notification, RoleGrant, User
from portal.services import outbox
from portal.states import Role
from review.errors import (
    AlreadyClaimed,
    AlreadyDecided,
    ClipChanged,
    FileDamaged,
    NotAReviewer,
    NotDecided,
    NoteMissing,
    OwnWork,
    ReasonUnknown,
    ReviewWithdrawn,
)
from review.models import Claim, Decision, Review, ShareLink
from review.release import standing_approval
from review.services import claims, decisions, shares, submissions
from review.states import ReviewState, Verdict
from tests.factories import review as make


def test_an_approval_binds_bytes_prompt_model_and_settings(review: Review, rosa: User) -> None:
    claims.claim(actor=rosa, review=review)
    decision = make.approve(review, rosa, note=" Beautiful. ")
    clip = review.clip
    review.refresh_from_db()
    assert review.state == ReviewState.APPROVED
    assert review.closed_at == decision.decided_at
    assert not Claim.objects.unreleased().exists()
    with default_storage.open(make.original_name(clip)) as file:
        assert decision.sha256 == hashlib.sha256(file.read()).hexdigest()
    assert decision.settings_sha256 == clip.settings_sha256
    assert (decision.prompt, decision.model_key) == (clip.prompt, "starter")
    assert decision.settings == {
        "width": 128,
        "height": 128,
        "frames": 17,
        "fps": 8,
        "steps": 20,
        "guidance": "3.00",
        "seed": 7,
        "take": 1,
        "manifest": {"weights_sha256": "0" * 64, "seed": 7},
    }
    assert (decision.reason, decision.note) == ("", "Beautiful.")
    assert standing_approval(clip) == decision
    entry = AuditEntry.objects.get(action="review.approved")
    assert (entry.before, entry.after["sha256"]) == ({"state": "waiting"}, clip.sha256)


def test_the_artist_is_told_in_their_language(lucien: User, spring: Cohort, rosa: User) -> None:
    review = make.make_review(lucien, spring, title="Le quai")
    make.decline(review, rosa, reason="file", note="Il s'arrête à la moitié.")
    notice = Notification.objects.get(user=lucien)
    assert "Le quai" in notice.title
    assert "Il s'arrête à la moitié." in notice.text
    assert notice.url == f"/studio/clips/{review.clip_id}/review/"
    outbox.deliver_waiting()
    assert [message.to for message in mail.outbox] == [[f"Lucien Moreau <{lucien.email}>"]]


def test_deciding_twice_is_deciding_once(review: Review, rosa: User) -> None:
    assert make.approve(review, rosa) == make.approve(review, rosa)
    assert Decision.objects.count() == 1
    assert Notification.objects.filter(kind="review_approved").count() == 1


def test_the_second_reviewer_hears_who_decided(review: Review, rosa: User, remy: User) -> None:
    make.approve(review, rosa)
    with pytest.raises(AlreadyDecided) as refusal:
        make.decline(review, remy)
    assert str(refusal.value.message) == "Rosa Lindqvist has already decided this clip: Approved."
    with pytest.raises(AlreadyDecided):
        make.decline(review, rosa)
    assert Decision.objects.get().verdict == Verdict.APPROVE


def test_what_a_colleague_has_open_is_not_decided(review: Review, rosa: User, remy: User) -> None:
    claim = claims.claim(actor=rosa, review=review)
    with pytest.raises(AlreadyClaimed):
        make.approve(review, remy)
    make.lapse(claim)
    assert make.approve(review, rosa).reviewer == rosa


def test_nobody_decides_their_own_work(review: Review, ada: User, spring: Cohort) -> None:
    RoleGrant.objects.create(user=ada, role="reviewer", cohort=None)
    with pytest.raises(OwnWork):
        make.approve(review, ada)
    assert not Decision.objects.exists()


def test_only_reviewers_of_the_cohort_decide(review: Review, alba: User, lucien: User) -> None:
    elsewhere = make.make_reviewer("Nour Haddad", make.make_cohort())
    for person in (alba, lucien, elsewhere):
        with pytest.raises(NotAReviewer):
            make.approve(review, person)


@pytest.mark.parametrize("changed", ["seen_sha256", "seen_settings_sha256"])
def test_another_clip_than_the_one_shown_is_not_decided(
    review: Review, rosa: User, changed: str
) -> None:
    seen = {
        "seen_sha256": review.clip.sha256,
        "seen_settings_sha256": review.clip.settings_sha256,
        changed: "0" * 64,
    }
    with pytest.raises(ClipChanged):
        decisions.decide(actor=rosa, review=review, verdict=Verdict.APPROVE, **seen)
    review.refresh_from_db()
    assert review.state == ReviewState.WAITING


def test_a_file_that_changed_on_disk_is_not_approved(review: Review, rosa: User) -> None:
    with default_storage.open(make.original_name(review.clip), "wb") as file:
        file.write(b"other bytes")
    with pytest.raises(FileDamaged):
        make.approve(review, rosa)
    assert make.decline(review, rosa, reason="file").verdict == Verdict.DECLINE


def test_a_file_that_is_gone_is_not_approved(review: Review, rosa: User) -> None:
    default_storage.delete(make.original_name(review.clip))
    with pytest.raises(FileDamaged):
        make.approve(review, rosa)


@pytest.mark.parametrize("reason", ["", "criticism", "our_mistake", "claim"])
def test_a_refusal_carries_a_published_reason(review: Review, rosa: User, reason: str) -> None:
    with pytest.raises(ReasonUnknown):
        make.decline(review, rosa, reason=reason)


def test_a_refusal_carries_words(review: Review, rosa: User) -> None:
    with pytest.raises(NoteMissing):
        make.decline(review, rosa, note="  \n ")


def test_what_was_taken_back_is_not_decided(review: Review, ada: User, rosa: User) -> None:
    submissions.withdraw(actor=ada, review=review)
    with pytest.raises(ReviewWithdrawn):
        make.approve(review, rosa)


def test_an_approval_is_withdrawn_with_its_links(
    review: Review, ada: User, rosa: User, alba: User
) -> None:
    make.approve(review, rosa)
    for title in ("For friends", "For the jury"):
        shares.create_link(actor=ada, clip=review.clip, title=title)
    decision = make.revoke(review, alba)
    review.refresh_from_db()
    assert review.state == ReviewState.REVOKED
    assert not ShareLink.objects.live().exists()
    assert standing_approval(review.clip) is None
    assert make.revoke(review, alba) == decision
    notice = Notification.objects.get(kind="review_revoked")
    assert notice.user == ada
    assert "A logo can be read on the sail." in notice.text


def test_what_may_not_be_withdrawn(
    review: Review, ada: User, lucien: User, rosa: User, spring: Cohort
) -> None:
    lead = make.make_reviewer("Leonie Haas", spring, role=Role.LEAD)
    with pytest.raises(NotDecided):
        make.revoke(review, lead)
    make.approve(review, rosa)
    RoleGrant.objects.create(user=ada, role="admin", cohort=spring)
    with pytest.raises(OwnWork):
        make.revoke(review, ada)
    with pytest.raises(NotAReviewer):
        make.revoke(review, lucien)
    with pytest.raises(NotAReviewer):
        make.revoke(review, rosa)
    with pytest.raises(ReasonUnknown):
        make.revoke(review, lead, reason="criticism")
