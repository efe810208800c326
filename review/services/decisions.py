"""Decisions: approve, ask for changes, decline, and taking an approval back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Clip
from portal.services import audit
from portal.services.notify import notify
from review import access, opinions, reasons
from review.conflict_errors import InConflict
from review.errors import (
    AlreadyDecided,
    ClipChanged,
    NotAReviewer,
    NotDecided,
    NoteMissing,
    OwnWork,
    ReasonUnknown,
    ReviewWithdrawn,
)
from review.files import require_intact
from review.models import Claim, Decision, PendingVerdict, Review
from review.services import shares
from review.services.claims import (
    check_may_decide,
    check_may_judge,
    check_unsaid,
    claimed_by_other,
)
from review.services.passing import tell_leads
from review.signals import decision_made
from review.states import REVIEW_TRANSITIONS, STATE_AFTER, Opinion, PendingEnd, ReviewState, Verdict
from review.undo_errors import BeingDecided, UndoneBefore

if TYPE_CHECKING:
    from portal.models import User


@dataclass(frozen=True, kw_only=True)
class Said:
    """A verdict as somebody gave it; ``pending`` when it was given before and is due now."""

    verdict: Verdict
    seen_sha256: str
    seen_settings_sha256: str
    reason: str = ""
    note: str = ""
    pending: PendingVerdict | None = None


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
    """Approve one clip, ask for changes or decline; pressing twice gives the same decision.

    Where two approvals are needed, the first leaves the review waiting for another person, and a
    refusal after it for a lead: opinions differ, and the lead's verdict ends it.

    The claim is not asked for but other people's are: a lapsed claim that nobody took does not
    lose the decision.

    Args:
        verdict: anything but ``revoke``.
        seen_sha256, seen_settings_sha256: the hashes the desk showed to *actor*.
        reason: a code of the published list; for a refusal only.
        note: to the artist; a refusal needs one.

    Raises:
        OwnWork, NotAReviewer, ReviewWithdrawn, AlreadyDecided, AlreadyClaimed, ForALead
        ApprovedByYou, RefusedByYou, PassedOnByYou: the same person said something else before.
        ClipChanged: the clip is not the one that was shown.
        FileDamaged: to be approved, but the file on disk is not the one that was rendered.
        ReasonUnknown, NoteMissing
    """
    said = Said(
        verdict=verdict,
        seen_sha256=seen_sha256,
        seen_settings_sha256=seen_settings_sha256,
        reason=reason,
        note=note,
    )
    return decide_said(actor=actor, review=review, said=said)


def decide_said(*, actor: User, review: Review, said: Said) -> Decision:
    """Make what was said the decision, at once; see ``decide``.

    Raises also:
        BeingDecided: another verdict on this clip is about to take effect.
        UndoneBefore: what was said before has been undone, or has ended.
    """
    return commit(actor=actor, review=review, said=checked(actor, review, said))


def commit(*, actor: User, review: Review, said: Said) -> Decision:
    """``decide_said`` of what ``checked`` answered."""
    with transaction.atomic():
        clip, locked = lock_both(review)
        if (before := judged_before(actor, clip, locked, said)) is not None:
            return before
        decision = _append(locked, clip, actor, said.verdict, said.reason, said.note)
        Claim.objects.unreleased().filter(review=locked).update(released_at=decision.decided_at)
        if said.pending is not None:
            said.pending.ended_at = decision.decided_at
            said.pending.end = PendingEnd.DECIDED
            said.pending.save(update_fields=["ended_at", "end"])
        if locked.state != ReviewState.WAITING:
            _tell_artist(locked, clip, decision)
        return decision


def checked(actor: User, review: Review, said: Said) -> Said:
    """*said* in its own form: what is refused whatever the review's state, before any lock."""
    if said.verdict == Verdict.REVOKE:
        raise ValueError(f"decide() cannot {said.verdict}")
    said = replace(said, note=said.note.strip())
    if said.verdict == Verdict.APPROVE:
        said = replace(said, reason="")
    else:
        _check_refusal(said.reason, said.note, said.verdict)
    check_may_judge(actor, review)
    # Hashing may take a second for a long clip: done before anything is locked. A refusal releases
    # nothing, so that a clip whose file is broken can still be declined for exactly that.
    if said.verdict == Verdict.APPROVE and review.state == ReviewState.WAITING:
        require_intact(review.clip)
    return said


def judged_before(actor: User, clip: Clip, locked: Review, said: Said) -> Decision | None:
    """The same verdict by the same person, if it was given before; None when it can be given.

    Both rows are locked by the caller.
    """
    check_may_judge(actor, locked)
    if locked.state == ReviewState.WITHDRAWN:
        raise ReviewWithdrawn
    if said.pending is not None:
        said.pending.refresh_from_db(fields=["ended_at"])
        if said.pending.ended_at is not None:
            raise UndoneBefore
    elif locked.verdict_due_at is not None:
        raise BeingDecided
    if locked.state != ReviewState.WAITING:
        return _decided_before(locked, actor, said.verdict, said.reason)
    own = locked.decisions.filter(reviewer=actor).first()
    if own is not None and (own.verdict, own.reason) == (said.verdict, said.reason):
        return own
    check_unsaid(actor, locked)
    check_may_decide(actor, locked)
    claim = Claim.objects.live().filter(review=locked).select_related("reviewer").first()
    if claim is not None and claim.reviewer_id != actor.pk:
        raise claimed_by_other(claim)
    if not clip.is_ready or (clip.sha256, clip.settings_sha256) != (
        said.seen_sha256,
        said.seen_settings_sha256,
    ):
        raise ClipChanged
    return None


def revoke(*, actor: User, review: Review, reason: str, note: str) -> Decision:
    """Take an approval back: every link closes at once and the artist is told why.

    Raises:
        OwnWork, NotAReviewer, ReasonUnknown, NoteMissing
        NotDecided: there is no approval to take back.
    """
    note = note.strip()
    _check_refusal(reason, note, Verdict.REVOKE)
    with transaction.atomic():
        clip, locked = lock_both(review)
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


def lock_both(review: Review) -> tuple[Clip, Review]:
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
    is_last = opinions.is_last(review, verdict, approvals)
    if not is_last:
        review.waits_for = opinions.next_after(verdict)
        review.save(update_fields=["waits_for"])
    else:
        review.state = target
        review.closed_at = decision.decided_at
        review.save(update_fields=["state", "closed_at"])
    audit.record(
        actor=actor,
        action=f"review.{target}" if is_last else _WAITS_STILL[Opinion(review.waits_for)],
        target=review,
        cohort=review.cohort,
        before={"state": before},
        after={
            "state": review.state,
            "verdict": verdict,
            "decision": decision.pk,
            "reason": reason,
            "clip": str(clip.pk),
            "sha256": clip.sha256,
        },
        reason=note,
    )
    if is_last:
        decision_made.send(sender=Decision, decision=decision)
    elif review.waits_for == Opinion.LEAD:
        tell_leads(review)
    return decision


_WAITS_STILL = {
    Opinion.SECOND: "review.approved_first",
    Opinion.LEAD: "review.opinions_differ",
}


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
    Verdict.CHANGES: gettext_lazy("Changes asked for: %(clip)s"),
    Verdict.DECLINE: gettext_lazy("Not released: %(clip)s"),
    Verdict.REVOKE: gettext_lazy("Approval withdrawn: %(clip)s"),
}
_OPENINGS = {
    Verdict.APPROVE: gettext_lazy(
        "Your clip may leave the room. You can download the master and make links to share it."
    ),
    Verdict.CHANGES: gettext_lazy(
        "A reviewer asks you for changes before this can be released. Make another take or a "
        "remix and submit it: the next reviewer sees what was asked."
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
