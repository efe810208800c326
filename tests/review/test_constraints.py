"""The database refuses by itself, whatever the services say: every attempt is plain SQL."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.models import Cohort, User
from review.models import Claim, Decision, Download, Review
from review.services import claims, downloads, shares
from tests.factories import review as make
from tests.factories.generation import make_ready_clip

HASH = "f" * 64


def run(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def insert_decision(review: Review, reviewer: User, **changed: Any) -> None:
    row = {
        "review_id": review.pk,
        "artist_id": review.artist_id,
        "reviewer_id": reviewer.pk,
        "verdict": "approve",
        "reason": "",
        "note": "",
        "sha256": review.clip.sha256,
        "settings_sha256": review.clip.settings_sha256,
        "prompt": "p",
        "model_key": "m",
        "settings": "{}",
        **changed,
    }
    names = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    run(
        f"INSERT INTO review_decision ({names}, decided_at) VALUES ({marks}, now())",  # noqa: S608
        *row.values(),
    )


def insert_claim(review: Review, reviewer: User, artist: User) -> None:
    run(
        "INSERT INTO review_claim (review_id, artist_id, reviewer_id, claimed_at, lease_until)"
        " VALUES (%s, %s, %s, now(), now() + interval '1 minute')",
        review.pk,
        artist.pk,
        reviewer.pk,
    )


def insert_review(clip_id: Any, artist: User, cohort: Cohort, state: str = "waiting") -> None:
    run(
        "INSERT INTO review_review"
        " (clip_id, artist_id, cohort_id, state, note, submitted_at, due_at, turn)"
        " VALUES (%s, %s, %s, %s, '', now(), now() + interval '1 hour', 1)",
        clip_id,
        artist.pk,
        cohort.pk,
        state,
    )


def test_a_clip_has_one_live_review(review: Review, ada: User, rosa: User, spring: Cohort) -> None:
    with pytest.raises(IntegrityError, match="review_one_live_per_clip"):
        insert_review(review.clip_id, ada, spring)
    make.approve(review, rosa)
    with pytest.raises(IntegrityError, match="review_one_live_per_clip"):
        insert_review(review.clip_id, ada, spring)


def test_a_review_belongs_to_the_clips_artist_and_cohort(
    ada: User, lucien: User, spring: Cohort
) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring, files=False)
    with pytest.raises(IntegrityError, match="must be those of the clip"):
        insert_review(clip.pk, lucien, spring)
    with pytest.raises(IntegrityError, match="must be those of the clip"):
        insert_review(clip.pk, ada, make.make_cohort())
    with pytest.raises(IntegrityError):
        insert_review(clip.pk, ada, spring, state="approved")


@pytest.mark.parametrize("state", ["approved", "declined", "revoked"])
def test_no_state_without_a_decision_that_says_it(review: Review, state: str) -> None:
    with pytest.raises(DatabaseError):
        run(
            "UPDATE review_review SET state = %s, closed_at = now() WHERE id = %s",
            state,
            review.pk,
        )


def test_a_decided_review_stays_decided(review: Review, rosa: User) -> None:
    make.decline(review, rosa)
    for state in ("waiting", "approved", "withdrawn"):
        with pytest.raises(DatabaseError):
            run(
                "UPDATE review_review SET state = %s, closed_at = NULL WHERE id = %s",
                state,
                review.pk,
            )
    with pytest.raises(DatabaseError):
        run("DELETE FROM review_review WHERE id = %s", review.pk)


def test_a_review_has_one_unreleased_claim(
    review: Review, ada: User, rosa: User, remy: User
) -> None:
    claims.claim(actor=rosa, review=review)
    with pytest.raises(IntegrityError, match="claim_one_live_per_review"):
        insert_claim(review, remy, ada)
    assert Claim.objects.get().reviewer == rosa


def test_nobody_claims_their_own_work(review: Review, ada: User, rosa: User) -> None:
    with pytest.raises(IntegrityError, match="claim_not_of_own_work"):
        insert_claim(review, ada, ada)
    # Nor by lying about whose work it is.
    with pytest.raises(IntegrityError, match="artist must be the one of the review"):
        insert_claim(review, ada, rosa)


def test_nobody_decides_their_own_work(review: Review, ada: User, rosa: User) -> None:
    with pytest.raises(IntegrityError, match="decision_not_on_own_work"):
        insert_decision(review, ada)
    with pytest.raises(IntegrityError, match="artist must be the one of the review"):
        insert_decision(review, ada, artist_id=rosa.pk)


@pytest.mark.parametrize("field", ["sha256", "settings_sha256"])
def test_a_decision_is_about_the_clip_as_it_is(review: Review, rosa: User, field: str) -> None:
    with pytest.raises(IntegrityError, match="hashes are not those of the clip"):
        insert_decision(review, rosa, **{field: HASH})


def test_a_review_has_one_verdict(review: Review, rosa: User, remy: User) -> None:
    insert_decision(review, rosa)
    with pytest.raises(IntegrityError, match="the review has its verdict"):
        insert_decision(review, remy, verdict="decline", reason="file", note="No.")


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "maybe"},
        {"verdict": "decline", "reason": "", "note": "No."},
        {"verdict": "decline", "reason": "criticism", "note": "No."},
        {"verdict": "decline", "reason": "file", "note": " \n"},
        {"verdict": "approve", "reason": "file"},
        {"sha256": ""},
    ],
)
def test_what_a_decision_cannot_say(review: Review, rosa: User, changed: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        insert_decision(review, rosa, **changed)
    assert not Decision.objects.exists()


def test_only_an_approval_is_revoked(review: Review, rosa: User) -> None:
    said = {"verdict": "revoke", "reason": "our_mistake", "note": "Sorry."}
    with pytest.raises(IntegrityError, match="only an approval can be revoked"):
        insert_decision(review, rosa, **said)


def test_decisions_and_downloads_are_append_only(review: Review, rosa: User, ada: User) -> None:
    decision = make.approve(review, rosa)
    downloads.record_download(actor=ada, decision=decision)
    for table in ("review_decision", "review_download"):
        with pytest.raises(DatabaseError, match="permission denied"):
            run(f"UPDATE {table} SET sha256 = %s", HASH)  # noqa: S608
        with pytest.raises(DatabaseError, match="permission denied"):
            run(f"DELETE FROM {table}")  # noqa: S608
    assert Download.objects.get().sha256 == decision.sha256


def test_a_closed_link_never_opens_again(review: Review, rosa: User, ada: User) -> None:
    make.approve(review, rosa)
    link = shares.create_link(actor=ada, clip=review.clip, title="For friends")
    shares.close_link(actor=ada, link=link)
    with pytest.raises(DatabaseError):
        run("UPDATE review_sharelink SET revoked_at = NULL, revoked_by_id = NULL")
    with pytest.raises(DatabaseError):
        run("UPDATE review_sharelink SET token = 'short'")
