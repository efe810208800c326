"""Appeals: made and withdrawn by the artist, decided by somebody who had no part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import NotAllowed
from portal.services import audit
from review import access, appeal_access, clocks
from review.appeal_errors import (
    AlreadyAppealed,
    AnswerMissing,
    AppealClosed,
    AppealTextMissing,
    AppealWithdrawn,
    HadAPart,
    NotALead,
    NothingToAppeal,
)
from review.conflict_errors import InConflict
from review.errors import ClipChanged, NoteTooLong, OwnWork
from review.files import require_intact
from review.models import Appeal, Review
from review.services import appeal_news, decisions
from review.states import APPEAL_TRANSITIONS, APPEALABLE, AppealState

if TYPE_CHECKING:
    from datetime import datetime

    from generation.models import Clip
    from portal.models import User
    from review.models import Decision

LONGEST = 2000


def appeal(*, actor: User, review: Review, text: str) -> Appeal:
    """The artist asks for the newest decision to be looked at again; who leads is told.

    The same words said twice give the same appeal. It needs no signature of a newer agreement:
    what was refused may be questioned whatever is signed.

    Raises:
        NotAllowed: the clip is somebody else's.
        NothingToAppeal: nothing was refused, or the clip has been deleted.
        AlreadyAppealed, AppealTextMissing, NoteTooLong
    """
    text = _words(text, AppealTextMissing(field="text"), "text")
    with transaction.atomic():
        clip, locked = decisions.lock_both(review)
        if locked.artist_id != actor.pk:
            raise NotAllowed
        decision = locked.decisions.select_related("appeal").order_by("-id").first()
        if decision is None or decision.verdict not in APPEALABLE or not clip.is_ready:
            raise NothingToAppeal
        known: Appeal | None = getattr(decision, "appeal", None)
        if known is not None:
            if known.is_open and known.text == text:
                return known
            raise AlreadyAppealed
        now = timezone.now()
        made = Appeal.objects.create(
            decision=decision,
            review=locked,
            artist=actor,
            cohort=locked.cohort,
            text=text,
            submitted_at=now,
            due_at=due_time(locked, now),
        )
        audit.record(
            actor=actor,
            action="appeal.submitted",
            target=made,
            cohort=locked.cohort,
            after={
                "clip": str(clip.pk),
                "decision": decision.pk,
                "reason": decision.reason,
                "due_at": made.due_at,
            },
            reason=text,
        )
        appeal_news.tell_deciders(made)
        return made


def due_time(review: Review, moment: datetime) -> datetime:
    """Until when an appeal made at *moment* is decided."""
    return clocks.due(review.cohort, moment, hours=review.cohort.appeal_hours)


def withdraw(*, actor: User, appeal: Appeal) -> Appeal:
    """The artist lets the decision stand; pressing twice does it once.

    Raises:
        NotAllowed: it is somebody else's.
        AppealClosed: it was decided meanwhile.
    """
    with transaction.atomic():
        _clip, locked = _lock(appeal)
        if locked.artist_id != actor.pk:
            raise NotAllowed
        if locked.state == AppealState.WITHDRAWN:
            return locked
        _close(locked, AppealState.WITHDRAWN, actor=actor)
        return locked


def decide(
    *,
    actor: User,
    appeal: Appeal,
    outcome: AppealState,
    answer: str,
    seen_sha256: str,
    seen_settings_sha256: str,
) -> Appeal:
    """Uphold the decision or overturn it, with words to the artist, who is told either way.

    Overturning releases the clip by a decision of its own, which covers its bytes and settings
    as every decision does. Pressing twice does it once.

    Args:
        outcome: ``upheld`` or ``overturned``.
        seen_sha256, seen_settings_sha256: the hashes of the clip that was on the screen.

    Raises:
        OwnWork, InConflict, NotALead, HadAPart, AppealWithdrawn, AppealClosed, AnswerMissing
        NoteTooLong
        ClipChanged: to be overturned, but the clip is not the one that was shown and refused.
        FileDamaged: to be overturned, but the file on disk is not the one that was rendered.
    """
    if outcome not in {AppealState.UPHELD, AppealState.OVERTURNED}:
        raise ValueError(f"decide() cannot make it {outcome}")
    answer = _words(answer, AnswerMissing(field="answer"), "answer")
    _check_may_lead(actor, appeal.review)
    if outcome == AppealState.OVERTURNED and appeal.is_open:
        # Hashing may take a second: done before anything is locked.
        require_intact(appeal.review.clip)
    with transaction.atomic():
        clip, locked = _lock(appeal)
        _check_may_lead(actor, locked.review)
        if not locked.is_open:
            return _closed_before(locked, actor, outcome)
        if appeal_access.had_a_part(actor, locked):
            raise HadAPart
        overturning = None
        if outcome == AppealState.OVERTURNED:
            refused = locked.decision
            seen = (seen_sha256, seen_settings_sha256)
            if (
                not clip.is_ready
                or (clip.sha256, clip.settings_sha256) != seen
                or (refused.sha256, refused.settings_sha256) != seen
            ):
                raise ClipChanged
            overturning = decisions.overturn(
                actor=actor, review=locked.review, clip=clip, answer=answer
            )
        _close(locked, outcome, actor=actor, answer=answer, overturning=overturning)
        appeal_news.tell_artist(locked, clip)
        return locked


def _words(text: str, missing: Exception, field: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words:
        raise missing
    if len(words) > LONGEST:
        raise NoteTooLong(field=field)
    return words


def _check_may_lead(actor: User, review: Review) -> None:
    if review.artist_id == actor.pk:
        raise OwnWork
    if access.in_conflict(actor, review.artist_id):
        raise InConflict
    if not access.may_revoke(actor, review):
        raise NotALead


def _lock(appeal: Appeal) -> tuple[Clip, Appeal]:
    """Clip, then review, then appeal: the order in which every service locks them."""
    clip, review = decisions.lock_both(appeal.review)
    locked = (
        Appeal.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist", "decision", "decided_by")
        .get(pk=appeal.pk)
    )
    locked.review = review
    return clip, locked


def _closed_before(appeal: Appeal, actor: User, outcome: AppealState) -> Appeal:
    """The same person's same outcome, said twice; anything else came too late."""
    if appeal.state == AppealState.WITHDRAWN:
        raise AppealWithdrawn
    if (appeal.decided_by_id, appeal.state) == (actor.pk, outcome):
        return appeal
    raise AppealClosed(
        _("%(name)s has already decided this appeal: %(state)s.")
        % {"name": appeal.decided_by, "state": appeal.get_state_display()}
    )


def _close(
    appeal: Appeal,
    state: AppealState,
    *,
    actor: User,
    answer: str = "",
    overturning: Decision | None = None,
) -> None:
    if state not in APPEAL_TRANSITIONS[AppealState(appeal.state)]:
        raise AppealClosed
    appeal.state = state
    appeal.closed_at = timezone.now()
    appeal.decided_by = None if state == AppealState.WITHDRAWN else actor
    appeal.answer = answer
    appeal.overturning = overturning
    appeal.save(update_fields=["state", "closed_at", "decided_by", "answer", "overturning"])
    audit.record(
        actor=actor,
        action=f"appeal.{state}",
        target=appeal,
        cohort=appeal.cohort,
        before={"state": AppealState.OPEN},
        after={"state": state, "decision": appeal.decision_id, "reason": appeal.decision.reason},
        reason=answer,
    )
