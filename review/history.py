"""What happened to a clip in review, as a list for the timeline."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from generation.models import Clip
from review.appeal_history import appeal_items
from review.models import Decision, PassOn, Review
from review.opinions import told
from review.states import Opinion, ReviewState, Verdict


def history_of(clip: Clip, *, to_artist: bool = False) -> list[dict[str, Any]]:
    """Submissions and decisions of *clip*, oldest first, as the timeline takes them.

    Args:
        to_artist: reviewers are named to their colleagues only; an artist hears "the programme",
            and not what staff said among themselves.
    """
    reviews = (
        Review.objects.filter(clip=clip)
        .select_related("submitted_by", "artist")
        .prefetch_related(
            Prefetch(
                "decisions",
                queryset=Decision.objects.select_related(
                    "reviewer", "appeal__artist", "appeal__decided_by"
                ),
            ),
            Prefetch("passed_on", queryset=PassOn.objects.select_related("reviewer")),
        )
        .order_by("id")
    )
    items: list[dict[str, Any]] = []
    for review in reviews:
        items.append(_submission(review))
        given = list(review.decisions.all())
        if to_artist:
            given = told(review, given)
        said = [_decision(decision, to_artist) for decision in given]
        for decision in given:
            said += appeal_items(decision, to_artist=to_artist)
        if not to_artist:
            said += [_passed(passed) for passed in review.passed_on.all()]
        items.extend(sorted(said, key=itemgetter("time")))
        if review.state == ReviewState.WITHDRAWN:
            items.append(
                {
                    "time": review.closed_at,
                    "actor": str(review.artist),
                    "text": _("Taken back by the artist"),
                    "icon": "undo-2",
                }
            )
        elif review.escalated_at is not None and review.state == ReviewState.WAITING:
            items.append(
                {
                    "time": review.escalated_at,
                    "actor": "",
                    "text": _("Overdue: reviewers and admins were told"),
                    "icon": "bell",
                    "tone": "warning",
                }
            )
    return items


def _submission(review: Review) -> dict[str, Any]:
    by_policy = review.submitted_by is None
    return {
        "time": review.submitted_at,
        "actor": "" if by_policy else str(review.submitted_by),
        "text": _("Sent by the cohort's policy") if by_policy else _submitted(review.round),
        "icon": "send",
        "note": review.note,
    }


def _submitted(number: int) -> str:
    if number == 1:
        return _("Submitted for release")
    return _("Submitted for release, round %(number)d") % {"number": number}


def _passed(passed: PassOn) -> dict[str, Any]:
    to_lead = passed.to == Opinion.LEAD
    return {
        "time": passed.passed_at,
        "actor": str(passed.reviewer),
        "text": _("Passed on to a lead") if to_lead else _("Passed on for a second opinion"),
        "icon": "user-plus",
        "note": passed.note,
    }


def _decision(decision: Decision, to_artist: bool) -> dict[str, Any]:
    texts = {
        Verdict.APPROVE: (_("Approved"), "check", "success"),
        Verdict.CHANGES: (_("Changes asked for"), "pencil", "warning"),
        Verdict.DECLINE: (_("Declined"), "x", "danger"),
        Verdict.REVOKE: (_("Approval withdrawn"), "ban", "danger"),
        Verdict.OVERTURN: (_("Approved on appeal"), "check", "success"),
    }
    text, icon, tone = texts[Verdict(decision.verdict)]
    reason = decision.published_reason
    return {
        "time": decision.decided_at,
        "actor": _("The programme") if to_artist else str(decision.reviewer),
        "text": f"{text}: {reason.title}" if reason else text,
        "icon": icon,
        "tone": tone,
        "note": decision.note,
    }
