"""Decisions: approve, decline, and taking an approval back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Clip
from portal.services import audit
from portal.services.notify import notify
from review import access, reasons
from review.conflict_errors import InConflict
from review.errors import (
    AlreadyDecided,
    ApprovedByYou,
    ClipChanged,
    NotAReviewer,
    NotDecided,
    NoteMissing,
    OwnWork,
    ReasonUnknown,
    ReviewWithdrawn,
)
from review.files import require_intact
from review.models import Claim, Decision, Review
from review.services import shares
from review.services.claims import check_may_decide, claimed_by_other
from review.signals import decision_made
from review.states import REVIEW_TRANSITIONS, STATE_AFTER, ReviewState, Verdict

if TYPE_CHECKING:
    from portal.models import User


def decide(
    *,
    actor: User,
    review: Review,
    verdict: Verdict,
    seen_sha256: str,
    seen_settings_sha256: str,
    reason: str = "",
    note: str = "",
) -> Decision:
    """Approve or decline one clip; pressing twice gives the same decision.

    Where two approvals are needed, the first leaves the review waiting for another person.

    The claim is not asked for but other people's are: a lapsed claim that nobody took does not
    lose the decision.

    Args:
        verdict: ``approve`` or ``decline``.
        seen_sha256, seen_settings_sha256: the hashes the desk showed to *actor*.
        reason: a code of the published list; for ``decline`` only.
        note: to the artist; a refusal needs one.

    Raises:
        OwnWork, NotAReviewer, ReviewWithdrawn, AlreadyDecided, AlreadyClaimed
        ApprovedByYou: declined after the same person approved.
        ClipChanged: the clip is not the one that was shown.
        FileDamaged: to be approved, but the file on disk is not the one that was rendered.
        ReasonUnknown, NoteMissing
    """
    if verdict not in {Verdict.APPROVE, Verdict.DECLINE}:
        raise ValueError(f"decide() cannot {verdict}")
    note = note.strip()
    if verdict == Verdict.APPROVE:
        reason = ""
    else:
        _check_refusal(reason, note, verdict)
    check_may_decide(actor, review)
    # Hashing may take a second for a long clip: done before anything is locked. A refusal releases
    # nothing, so that a clip whose file is broken can still be declined for exactly that.
    if verdict == Verdict.APPROVE and review.state == ReviewState.WAITING:
        require_intact(review.clip)
    with transaction.atomic():
        clip, locked = lock(review)
        check_may_decide(actor, locked)
        if locked.state == ReviewState.WITHDRAWN:
            raise ReviewWithdrawn
        if locked.state != ReviewState.WAITING:
            return _decided_before(locked, actor, verdict, reason)
        own = locked.decisions.filter(reviewer=actor).first()
        if own is not None:
            if verdict != Verdict.APPROVE:
                raise ApprovedByYou
            return own
        claim = Claim.objects.live().filter(review=locked).select_related("reviewer").first()
        if claim is not None and claim.reviewer_id != actor.pk:
            raise claimed_by_other(claim)
        if not clip.is_ready or (clip.sha256, clip.settings_sha256) != (
            seen_sha256,
            seen_settings_sha256,
        ):
            raise ClipChanged
        decision = _append(locked, clip, actor, verdict, reason, note)
        Claim.objects.unreleased().filter(review=locked).update(released_at=decision.decided_at)
        if locked.state != ReviewState.WAITING:
            _tell_artist(locked, clip, decision)
        return decision


def revoke(*, actor: User, review: Review, reason: str, note: str) -> Decision:
    """Take an approval back: every link closes at once and the artist is told why.

    Raises:
        OwnWork, NotAReviewer, ReasonUnknown, NoteMissing
        NotDecided: there is no approval to take back.
    """
    note = note.strip()
    _check_refusal(reason, note, Verdict.REVOKE)
    with transaction.atomic():
        clip, locked = lock(review)
        if locked.artist_id == actor.pk:
            raise OwnWork
        if access.in_conflict(actor, locked.artist_id):
            raise InConflict
        if not access.may_revoke(actor, locked):
            raise NotAReviewer
        if locked.state == ReviewState.REVOKED:
            return _decided_before(locked, actor, Verdict.REVOKE, reason)
        if locked.state != ReviewState.APPROVED:
            raise NotDecided
        decision = _append(locked, clip, actor, Verdict.REVOKE, reason, note)
        shares.close_all(actor=actor, clip=clip)
        _tell_artist(locked, clip, decision)
        return decision


def overturn(*, actor: User, review: Review, clip: Clip, answer: str) -> Decision:
    """The decision that releases a clip after all; ``services.appeals`` asks who may, and tells.

    Args:
        review, clip: as ``lock`` gave them.
        answer: to the artist.
    """
    return _append(review, clip, actor, Verdict.OVERTURN, "", answer)


def _check_refusal(reason: str, note: str, verdict: Verdict) -> None:
    if reasons.find(reason, verdict=verdict) is None:
        raise ReasonUnknown(field="reason")
    if not note:
        raise NoteMissing(field="note")


def lock(review: Review) -> tuple[Clip, Review]:
    """Clip first, then review: the order in which every service locks them."""
    clip = Clip.objects.select_for_update(no_key=True, of=("self",)).get(pk=review.clip_id)
    locked = (
        Review.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist")
        .get(pk=review.pk)
    )
    return clip, locked


def _decided_before(review: Review, actor: User, verdict: Verdict, reason: str) -> Decision:
    """The same person's same decision, said twice; anything else came too late."""
    newest = review.decisions.select_related("reviewer").order_by("-id").first()
    if newest is None:
        raise AlreadyDecided
    if (newest.reviewer_id, newest.verdict, newest.reason) == (actor.pk, verdict, reason):
        return newest
    raise AlreadyDecided(
        _("%(name)s has already decided this clip: %(state)s.")
        % {"name": newest.reviewer, "state": review.get_state_display()}
    )


def _append(
    review: Review, clip: Clip, actor: User, verdict: Verdict, reason: str, note: str
) -> Decision:
    """Write the decision and let the state follow, once it is the last one needed."""
    target = STATE_AFTER[verdict]
    if target not in REVIEW_TRANSITIONS[ReviewState(review.state)]:
        raise AlreadyDecided
    before = review.state
    decision = Decision.objects.create(
        review=review,
        artist_id=review.artist_id,
        reviewer=actor,
        verdict=verdict,
        reason=reason,
        note=note,
        sha256=clip.sha256,
        settings_sha256=clip.settings_sha256,
        prompt=clip.prompt,
        model_key=clip.model_key,
        settings=settings_of(clip),
        decided_at=timezone.now(),
    )
    approvals = review.decisions.filter(verdict=Verdict.APPROVE).count()
    is_last = verdict != Verdict.APPROVE or approvals >= review.approvals_needed
    if is_last:
        review.state = target
        review.closed_at = decision.decided_at
        review.save(update_fields=["state", "closed_at"])
    audit.record(
        actor=actor,
        action=f"review.{target}" if is_last else "review.approved_first",
        target=review,
        cohort=review.cohort,
        before={"state": before},
        after={
            "state": review.state,
            "decision": decision.pk,
            "reason": reason,
            "clip": str(clip.pk),
            "sha256": clip.sha256,
        },
        reason=note,
    )
    if is_last:
        decision_made.send(sender=Decision, decision=decision)
    return decision


def settings_of(clip: Clip) -> dict[str, Any]:
    """What the clip was made with, in full, as it is written into a decision."""
    return {
        "width": clip.width,
        "height": clip.height,
        "frames": clip.file_frames,
        "fps": clip.fps,
        "steps": clip.steps,
        "guidance": str(clip.guidance),
        "seed": clip.seed,
        "take": clip.take,
        "manifest": clip.manifest,
    }


_TITLES = {
    Verdict.APPROVE: gettext_lazy("Approved: %(clip)s"),
    Verdict.DECLINE: gettext_lazy("Not released: %(clip)s"),
    Verdict.REVOKE: gettext_lazy("Approval withdrawn: %(clip)s"),
}
_OPENINGS = {
    Verdict.APPROVE: gettext_lazy(
        "Your clip may leave the room. You can download the master and make links to share it."
    ),
    Verdict.DECLINE: gettext_lazy("A reviewer decided not to release this clip."),
    Verdict.REVOKE: gettext_lazy("The approval of this clip was withdrawn and its links closed."),
}


def _tell_artist(review: Review, clip: Clip, decision: Decision) -> None:
    verdict = Verdict(decision.verdict)
    with translation.override(review.artist.language):
        paragraphs = [str(_OPENINGS[verdict])]
        if (reason := decision.published_reason) is not None:
            paragraphs.append(_("Reason: %(title)s.") % {"title": reason.title})
            paragraphs.append(f"{reason.explanation} {reason.way_on}")
        if decision.note:
            paragraphs.append(_("The reviewer writes:") + "\n" + decision.note)
        title = str(_TITLES[verdict]) % {"clip": clip.label}
    notify(
        user=review.artist,
        kind=f"review_{review.state}",
        title=title,
        text="\n\n".join(paragraphs),
        url=reverse("review:standing", args=[clip.pk]),
    )
