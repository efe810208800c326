"""Set-up for tests of review: people, clips with real small files, and where they stand."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from itertools import count
from typing import Any

import pgtrigger
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from generation.media import store
from generation.models import Clip
from portal.models import Agreement, Cohort, Membership, RoleGrant, User
from portal.states import Role
from review.models import Appeal, Claim, Decision, Review, Signing
from review.models.signing import COPIES
from review.services import appeals, decisions, submissions
from review.states import AppealState, Verdict
from tests.factories.generation import make_ready_clip

_number = count(1)


def make_cohort(**fields: Any) -> Cohort:
    number = next(_number)
    today = timezone.localdate()
    values: dict[str, Any] = {
        "name": f"Round {number}",
        "slug": f"round-{number}",
        "starts_on": today - timedelta(days=10),
        "ends_on": today + timedelta(days=80),
        "models_on_offer": ["starter"],
        "review_hours": 48,
        **fields,
    }
    return Cohort.objects.create(agreement=Agreement.objects.create(title="Agreement"), **values)


def make_person(name: str, **fields: Any) -> User:
    return User.objects.create_user(f"person{next(_number)}@example.org", name=name, **fields)


def make_artist(cohort: Cohort, name: str = "Ada Okafor", **fields: Any) -> User:
    artist = make_person(name, **fields)
    Membership.objects.create(cohort=cohort, user=artist)
    return artist


def make_reviewer(
    name: str = "Rosa Lindqvist", cohort: Cohort | None = None, *, role: Role = Role.REVIEWER
) -> User:
    reviewer = make_person(name)
    RoleGrant.objects.create(user=reviewer, role=role, cohort=cohort)
    TOTP.activate(reviewer, generate_totp_secret())
    return reviewer


def make_admin(name: str = "Alba Ferrari", cohort: Cohort | None = None) -> User:
    admin = make_person(name)
    RoleGrant.objects.create(user=admin, role=Role.ADMIN, cohort=cohort)
    TOTP.activate(admin, generate_totp_secret())
    return admin


def make_review(artist: User, cohort: Cohort, *, note: str = "", **clip_fields: Any) -> Review:
    """A finished clip that its artist submitted."""
    clip = make_ready_clip(artist=artist, cohort=cohort, **clip_fields)
    return submit(clip, note=note)


def submit(clip: Clip, *, note: str = "", follows: Review | None = None) -> Review:
    return submissions.submit(actor=clip.artist, clip=clip, note=note, follows=follows)


def make_overdue(review: Review, *, hours: int = 1) -> Review:
    """Move the whole review into the past, so that it was due *hours* ago."""
    due_at = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=hours)
    with pgtrigger.ignore("review.Review:review_subject_fixed"):
        Review.objects.filter(pk=review.pk).update(
            due_at=due_at, submitted_at=due_at - timedelta(hours=48)
        )
    review.refresh_from_db()
    return review


def lapse(claim: Claim) -> None:
    """As if its page had not been heard of since it was opened."""
    Claim.objects.filter(pk=claim.pk).update(
        lease_until=F("claimed_at") + timedelta(microseconds=1)
    )


def original_name(clip: Clip) -> str:
    """The original's name in the storage."""
    name = clip.original.name
    assert name, "a ready clip has its files"
    return name


def approve(review: Review, reviewer: User, *, note: str = "", signed: bool = True) -> Decision:
    """Approve, and with *signed* let plain copies stand for the signed ones."""
    decision = decisions.decide(
        actor=reviewer,
        review=review,
        verdict=Verdict.APPROVE,
        seen_sha256=review.clip.sha256,
        seen_settings_sha256=review.clip.settings_sha256,
        note=note,
    )
    if signed:
        sign_plainly()
    return decision


def sign_plainly() -> None:
    """Whatever waits to be signed: as if it were, with copies of the same bytes."""
    for signing in Signing.objects.filter(state="waiting").select_related("decision__review__clip"):
        clip = signing.decision.review.clip
        fields: dict[str, str] = {}
        for copy in COPIES:
            plain = store.stored_name(clip, copy)
            sha256 = "0" * 64
            if default_storage.exists(plain):
                with default_storage.open(plain) as file:
                    content = file.read()
                sha256 = hashlib.sha256(content).hexdigest()
                plain = default_storage.save(f"signed/{uuid.uuid4().hex}", ContentFile(content))
            fields |= {copy.value: plain, f"{copy.value}_sha256": sha256}
        Signing.objects.filter(pk=signing.pk).update(
            state="signed",
            signed_at=timezone.now(),
            certificate_sha256="0" * 64,
            # A job may have begun with it, or failed.
            lease_until=None,
            ticket=None,
            problem="",
            detail="",
            **fields,
        )


def signed_name(clip: Clip) -> str:
    """The name in the storage of what leaves as the clip's master."""
    return Signing.objects.get(decision__review__clip=clip, state="signed").master


def decline(
    review: Review, reviewer: User, *, reason: str = "file", note: str = "It stops half way."
) -> Decision:
    return decisions.decide(
        actor=reviewer,
        review=review,
        verdict=Verdict.DECLINE,
        seen_sha256=review.clip.sha256,
        seen_settings_sha256=review.clip.settings_sha256,
        reason=reason,
        note=note,
    )


def ask_for_changes(
    review: Review, reviewer: User, *, reason: str = "rights", note: str = "Take the logo out."
) -> Decision:
    return decisions.decide(
        actor=reviewer,
        review=review,
        verdict=Verdict.CHANGES,
        seen_sha256=review.clip.sha256,
        seen_settings_sha256=review.clip.settings_sha256,
        reason=reason,
        note=note,
    )


def revoke(review: Review, actor: User, *, reason: str = "our_mistake") -> Decision:
    return decisions.revoke(
        actor=actor, review=review, reason=reason, note="A logo can be read on the sail."
    )


def appeal(review: Review, *, text: str = "It quotes a painting.") -> Appeal:
    return appeals.appeal(actor=review.artist, review=review, text=text)


def answer(
    appeal: Appeal,
    actor: User,
    *,
    outcome: AppealState = AppealState.OVERTURNED,
    answer: str = "It quotes a painting in the public domain.",
    seen_sha256: str = "",
) -> Appeal:
    clip = appeal.review.clip
    decided = appeals.decide(
        actor=actor,
        appeal=appeal,
        outcome=outcome,
        answer=answer,
        seen_sha256=seen_sha256 or clip.sha256,
        seen_settings_sha256=clip.settings_sha256,
    )
    sign_plainly()
    return decided


def make_late(appeal: Appeal) -> None:
    """As if it had been due an hour ago."""
    due_at = timezone.now() - timedelta(hours=1)
    with pgtrigger.ignore("review.Appeal:appeal_words_fixed"):
        Appeal.objects.filter(pk=appeal.pk).update(
            due_at=due_at, submitted_at=due_at - timedelta(hours=72)
        )
