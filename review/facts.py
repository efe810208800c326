"""Where a clip stands in review, for its card in the studio: one query for a whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.numbers import COUNTED, tally
from portal.prepared import prepared
from portal.registry import Fact
from review.reasons import by_code
from review.states import REFUSED, AppealState, ReviewState, SigningState
from review.templatetags.review_clock import day_and_time

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import User

TONES = {
    ReviewState.WAITING: "info",
    ReviewState.APPROVED: "good",
    ReviewState.DECLINED: "bad",
    ReviewState.CHANGES: "warn",
    ReviewState.WITHDRAWN: "neutral",
    ReviewState.REVOKED: "bad",
}


def facts_of(clips: Sequence[Clip], viewer: User) -> Mapping[UUID, Fact]:
    """The newest review of each of *clips* in words, with what *viewer* may do about it."""
    reviews = _newest_reviews([clip.pk for clip in clips])
    facts: dict[UUID, Fact] = {}
    for clip in clips:
        mine = clip.artist_id == viewer.pk
        review = reviews.get(clip.pk)
        if review is not None:
            facts[clip.pk] = _fact(clip, review, mine)
        elif mine and clip.is_ready:
            facts[clip.pk] = Fact(
                state="unsubmitted", label=_("Not submitted"), actions=[_submit(clip)]
            )
    return facts


class _Newest(NamedTuple):
    """The newest review of a clip, how many come before it, and what was last decided in it."""

    state: str
    due_at: datetime
    ahead: int
    reason: str | None
    words: str | None
    decided: datetime | None
    needed: int
    given: int
    signing: str | None
    problem: str | None
    appeal: str | None
    appeal_due: datetime | None


_NEWEST = """
    SELECT DISTINCT ON (review.clip_id) review.clip_id, review.state, review.due_at,
           CASE WHEN review.state = 'waiting' THEN (
               SELECT count(*) FROM (
                   SELECT FROM review_review before
                   WHERE before.cohort_id = review.cohort_id AND before.state = 'waiting'
                     AND (before.due_hour, before.turn, before.due_at, before.id)
                         < (review.due_hour, review.turn, review.due_at, review.id)
                   LIMIT %(most)s
               ) ahead
           ) ELSE 0 END,
           last.reason, last.note, last.decided_at, review.approvals_needed,
           CASE WHEN review.approvals_needed > 1 THEN (
               SELECT count(*) FROM review_decision given
               WHERE given.review_id = review.id AND given.verdict = 'approve'
           ) ELSE 0 END,
           signing.state, signing.problem, appeal.state, appeal.due_at
    FROM review_review review
    LEFT JOIN LATERAL (
        SELECT decision.id, decision.reason, decision.note, decision.decided_at
        FROM review_decision decision
        WHERE decision.review_id = review.id AND review.state <> 'waiting'
        ORDER BY decision.id DESC
        LIMIT 1
    ) last ON true
    LEFT JOIN review_signing signing ON signing.decision_id = last.id
    LEFT JOIN review_appeal appeal
        ON last.id = appeal.decision_id OR last.id = appeal.overturning_id
    WHERE review.clip_id = ANY(%(clips)s)
    ORDER BY review.clip_id, review.id DESC
"""


def _newest_reviews(clip_ids: Sequence[UUID]) -> dict[UUID, _Newest]:
    rows = prepared(_NEWEST, {"clips": list(clip_ids), "most": COUNTED})
    return {clip_id: _Newest(*rest) for clip_id, *rest in rows}


def _fact(clip: Clip, review: _Newest, mine: bool) -> Fact:
    state = ReviewState(review.state)
    note = ""
    due = None
    actions: list[Mapping[str, Any]] = []
    if state == ReviewState.WAITING:
        due = review.due_at
        note = _said_due(review)
        actions = [_why(clip, _("Where it stands"), "clock"), _withdraw(clip)]
    elif state == ReviewState.APPROVED:
        actions = [_share(clip), _download(clip)]
        note = review.words or ""
        if review.signing != SigningState.SIGNED:
            actions = [_share(clip), _why(clip, _("Where it stands"), "clock")]
            note = " ".join(filter(None, [said_signing(review.problem or ""), note]))
    elif state in REFUSED:
        reason = by_code(review.reason or "")
        note = f"{reason.title}. {review.words}" if reason else review.words or ""
        why = _("What to change") if state == ReviewState.CHANGES else _("Why")
        actions = [_why(clip, why, "message-square")]
        if review.appeal == AppealState.OPEN:
            due = review.appeal_due
        note = f"{said_appeal(review.appeal, due)} {note}".strip()
    elif clip.is_ready:
        actions = [_submit(clip)]
    return Fact(
        state=state.value,
        label=_("In review") if state == ReviewState.WAITING else state.label,
        tone=TONES[state],
        note=note,
        due=due,
        actions=actions if mine and clip.is_ready else (),
        decided_at=review.decided,
        reason=review.reason or "",
        appeal=review.appeal or "",
    )


def said_signing(problem: str) -> str:
    """Why the master of an approved clip is not there yet, as its artist reads it."""
    if problem:
        return _(
            "The master waits for its content credential, which cannot be written at the moment. "
            "The team has been told."
        )
    return _("The master is being signed: what says where it comes from is written into it.")


def _said_due(review: _Newest) -> str:
    """Until when it is decided, and how many come before."""
    if review.due_at < timezone.now():
        return _("This takes longer than promised. The whole team has been told.")
    by = _("Decided by %(time)s.") % {"time": day_and_time(review.due_at)}
    if review.given:
        approvals = _("%(given)s of %(needed)s approvals") % {
            "given": review.given,
            "needed": review.needed,
        }
        by = f"{approvals}. {by}"
    if review.ahead == 0:
        return f"{by} {_('Yours is next.')}"
    ahead = ngettext("%(count)s before yours.", "%(count)s before yours.", review.ahead)
    return f"{by} {ahead % {'count': tally(review.ahead)}}"


def said_appeal(state: str | None, due: datetime | None) -> str:
    """What became of an appeal so far, in a sentence; "" where there is nothing to say."""
    if state == AppealState.OPEN and due is not None:
        if due < timezone.now():
            return _("Your appeal takes longer than promised. The team has been told.")
        return _("You appealed; decided by %(time)s.") % {"time": day_and_time(due)}
    if state == AppealState.UPHELD:
        return _("Your appeal was decided: the decision stands.")
    return ""


def _action(label: str, name: str, clip: Clip, icon: str, **more: str) -> dict[str, str]:
    return {
        "label": label,
        "url": reverse(f"review:{name}", args=[clip.pk]),
        "method": "get",
        "icon": icon,
        **more,
    }


def _submit(clip: Clip) -> dict[str, str]:
    return _action(_("Submit for release"), "submit", clip, "send")


def _withdraw(clip: Clip) -> dict[str, str]:
    return _action(_("Take back"), "withdraw", clip, "undo-2", method="post")


def _share(clip: Clip) -> dict[str, str]:
    return _action(_("Share"), "sharing", clip, "share-2")


def _why(clip: Clip, label: str, icon: str) -> dict[str, str]:
    return _action(label, "standing", clip, icon)


def _download(clip: Clip) -> dict[str, str]:
    return {
        "label": _("Download master"),
        "url": reverse("review:media", args=[clip.pk, "master"]),
        "method": "get",
        "icon": "download",
    }
