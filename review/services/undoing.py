"""Verdicts that can be undone for some seconds, before anybody is told."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.errors import GreenroomError
from portal.services import audit
from portal.services.notify import notify
from review.models import Claim, Decision, PendingVerdict, Review
from review.services import decisions
from review.services.claims import lock
from review.states import PendingEnd, Verdict
from review.undo_errors import TooLateToUndo, UndoneBefore

if TYPE_CHECKING:
    from portal.models import User

logger = logging.getLogger(__name__)


def seconds() -> int:
    """How long a verdict can be undone; 0 for not at all."""
    return int(settings.REVIEW_UNDO_SECONDS)


def say(
    *,
    actor: User,
    review: Review,
    verdict: Verdict,
    seen_sha256: str,
    seen_settings_sha256: str,
    reason: str = "",
    note: str = "",
) -> PendingVerdict | Decision:
    """Give a verdict that takes effect in ``seconds()``; pressing twice gives it once.

    Until then the review waits as before, is in nobody's queue, and its artist hears nothing. With
    0 seconds, and where the same was decided before, this answers the decision.

    Raises:
        What ``decisions.decide`` raises, for the same reasons.
    """
    said = decisions.Said(
        verdict=verdict,
        seen_sha256=seen_sha256,
        seen_settings_sha256=seen_settings_sha256,
        reason=reason,
        note=note,
    )
    said = decisions.checked(actor, review, said)
    return give(actor=actor, review=review, said=said, batch=uuid.uuid4())


def give(
    *, actor: User, review: Review, said: decisions.Said, batch: uuid.UUID
) -> PendingVerdict | Decision:
    """``say`` what ``decisions.checked`` answered; those of one *batch* are undone together."""
    if not seconds():
        return decisions.commit(actor=actor, review=review, said=said)
    with transaction.atomic():
        clip, locked = decisions.lock_both(review)
        open_one = PendingVerdict.objects.unended().filter(review=locked).first()
        if open_one is not None and _same(open_one, actor, said):
            return open_one
        if (before := decisions.judged_before(actor, clip, locked, said)) is not None:
            return before
        now = timezone.now()
        pending = PendingVerdict.objects.create(
            review=locked,
            artist_id=locked.artist_id,
            reviewer=actor,
            batch=batch,
            verdict=said.verdict,
            reason=said.reason,
            note=said.note,
            seen_sha256=said.seen_sha256,
            seen_settings_sha256=said.seen_settings_sha256,
            said_at=now,
            takes_effect_at=now + timedelta(seconds=seconds()),
        )
        Claim.objects.unreleased().filter(review=locked).update(released_at=now)
        audit.record(
            actor=actor,
            action="review.verdict_said",
            target=locked,
            cohort=locked.cohort,
            after={"pending": pending.pk, "verdict": said.verdict, "reason": said.reason},
        )
        return pending


def _same(open_one: PendingVerdict, actor: User, said: decisions.Said) -> bool:
    return (open_one.reviewer_id, open_one.verdict, open_one.reason) == (
        actor.pk,
        said.verdict,
        said.reason,
    )


def undo(*, actor: User, pending: PendingVerdict) -> list[Review]:
    """Take back what *actor* said, with all that the same press said; twice does it once.

    Answers the reviews that wait again.

    Raises:
        TooLateToUndo: it has taken effect, or its time is over.
    """
    with transaction.atomic():
        same_press = PendingVerdict.objects.filter(batch=pending.batch, reviewer=actor)
        ids = sorted(same_press.values_list("review", flat=True))
        reviews = list(
            Review.objects.select_for_update(no_key=True, of=("self",))
            .select_related("cohort", "clip")
            .filter(pk__in=ids)
            .order_by("pk")
        )
        said = list(same_press.select_for_update(of=("self",)).order_by("review"))
        now = timezone.now()
        if any(
            one.end == PendingEnd.DECIDED or (one.ended_at is None and one.takes_effect_at <= now)
            for one in said
        ):
            raise TooLateToUndo
        by_id = {review.pk: review for review in reviews}
        for one in said:
            if one.ended_at is None:
                _end(one, PendingEnd.UNDONE)
                audit.record(
                    actor=actor,
                    action="review.verdict_undone",
                    target=by_id[one.review_id],
                    cohort=by_id[one.review_id].cohort,
                    before={"pending": one.pk, "verdict": one.verdict, "reason": one.reason},
                )
        return [by_id[one.review_id] for one in said]


def finish_due() -> int:
    """Let every verdict take effect whose time has come; answers how many did.

    Beat calls this every few seconds, and the pages of review do when they are opened: nothing is
    lost while no job runs. Several at once do each once.
    """
    due = PendingVerdict.objects.unended().filter(takes_effect_at__lte=timezone.now())
    return sum(_finish(one) for one in due.select_related("review__clip", "reviewer")[:50])


def _finish(pending: PendingVerdict) -> bool:
    try:
        decisions.decide_said(
            actor=pending.reviewer,
            review=pending.review,
            said=decisions.Said(
                verdict=Verdict(pending.verdict),
                seen_sha256=pending.seen_sha256,
                seen_settings_sha256=pending.seen_settings_sha256,
                reason=pending.reason,
                note=pending.note,
                pending=pending,
            ),
        )
    except UndoneBefore:
        return False
    except GreenroomError as refusal:
        _fail(pending, refusal)
        return False
    except DatabaseError:
        # The next call tries again; it must not hold up the others.
        logger.exception("the verdict %s did not take effect", pending.pk)
        return False
    return True


def _fail(pending: PendingVerdict, refusal: GreenroomError) -> None:
    """It cannot take effect any more: the clip waits on, and who said it hears why."""
    logger.warning("the verdict %s takes no effect: %s", pending.pk, refusal.code)
    with transaction.atomic():
        locked = lock(pending.review)
        current = PendingVerdict.objects.unended().filter(pk=pending.pk).first()
        if current is None:
            return
        _end(current, PendingEnd.FAILED, problem=refusal.code)
        audit.record(
            actor=None,
            action="review.verdict_failed",
            target=locked,
            cohort=locked.cohort,
            before={"pending": current.pk, "verdict": current.verdict},
            after={"problem": refusal.code},
        )
        with translation.override(pending.reviewer.language):
            title = _("Your verdict took no effect: %(clip)s") % {"clip": pending.review.clip.label}
            text = f"{refusal.message}\n\n" + _("Nobody was told of it.")
        notify(
            user=pending.reviewer,
            kind="review_verdict_failed",
            title=title,
            text=text,
            url=reverse("review:desk", args=[locked.pk]),
        )


def drop(*, review: Review) -> None:
    """The artist took the clip back: what was said about it has nothing to take effect on."""
    for one in PendingVerdict.objects.unended().filter(review=review):
        _end(one, PendingEnd.FAILED, problem="review_withdrawn")


def _end(pending: PendingVerdict, end: PendingEnd, *, problem: str = "") -> None:
    pending.ended_at = timezone.now()
    pending.end = end
    pending.problem = problem
    pending.save(update_fields=["ended_at", "end", "problem"])
