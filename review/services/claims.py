"""Claims: one person at a time has a clip open, for as long as the page is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from portal.services import audit
from review import access, order, queries
from review.conflict_errors import InConflict
from review.errors import (
    AlreadyClaimed,
    AlreadyDecided,
    ApprovedByYou,
    ClaimLost,
    NotAReviewer,
    OwnWork,
    ReviewWithdrawn,
)
from review.models import Claim, Review
from review.pass_errors import ForALead, PassedOnByYou, RefusedByYou
from review.states import Opinion, ReviewState, Verdict
from review.undo_errors import BeingDecided

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import User


def lease() -> timedelta:
    """How long a claim lasts without a sign from its page."""
    return timedelta(seconds=settings.REVIEW_LEASE_SECONDS)


def check_may_judge(actor: User, review: Review) -> None:
    """Raises OwnWork, InConflict or NotAReviewer."""
    if review.artist_id == actor.pk:
        raise OwnWork
    if access.in_conflict(actor, review.artist_id):
        raise InConflict
    if not access.may_judge(actor, review):
        raise NotAReviewer


def check_may_decide(actor: User, review: Review) -> None:
    """Raises what ``check_may_judge`` does, or ForALead."""
    check_may_judge(actor, review)
    if not access.may_decide(actor, review):
        raise ForALead


def check_waiting(review: Review) -> None:
    """Raises ReviewWithdrawn, AlreadyDecided or BeingDecided."""
    if review.state == ReviewState.WITHDRAWN:
        raise ReviewWithdrawn
    if review.state != ReviewState.WAITING:
        raise AlreadyDecided
    if review.verdict_due_at is not None:
        raise BeingDecided


def check_unsaid(actor: User, review: Review) -> None:
    """Raises ApprovedByYou, RefusedByYou or PassedOnByYou: what is left is another person's."""
    if review.waits_for == Opinion.FIRST:
        return
    own = review.decisions.filter(reviewer=actor).first()
    if own is not None:
        raise ApprovedByYou if own.verdict == Verdict.APPROVE else RefusedByYou
    if review.passed_on.filter(reviewer=actor).exists():
        raise PassedOnByYou


def claimed_by_other(claim: Claim) -> AlreadyClaimed:
    """The refusal that names who has the clip and since when."""
    since = time_format(timezone.localtime(claim.claimed_at), "H:i")
    return AlreadyClaimed(
        _("%(name)s has had this clip open since %(time)s.")
        % {"name": claim.reviewer, "time": since}
    )


def claim(*, actor: User, review: Review) -> Claim:
    """Open a clip: take the claim, or renew one's own.

    Raises:
        OwnWork, InConflict, NotAReviewer, ReviewWithdrawn, AlreadyDecided, ForALead
        ApprovedByYou, RefusedByYou, PassedOnByYou
        AlreadyClaimed: somebody else has it open; the message says who and since when.
    """
    with transaction.atomic():
        locked = lock(review)
        check_may_judge(actor, locked)
        check_waiting(locked)
        check_unsaid(actor, locked)
        check_may_decide(actor, locked)
        return _take(locked, actor)


def claim_next(
    *, actor: User, among: QuerySet[Review] | None = None, after: Review | None = None
) -> Claim | None:
    """Take the first clip nobody has open, in the order of the queue; None when none is left.

    Args:
        among: the reviews to choose from (a filtered queue); the actor's whole queue by default.
        after: continue behind this one, and at the front again when the end is reached.
    """
    queue = access.decidable_by(actor) if among is None else among
    with transaction.atomic():
        candidates = queries.free_for(actor, queue)
        found = None
        if after is not None:
            found = _first_free(candidates.filter(order.behind(order.Place.of(after))))
            candidates = candidates.exclude(pk=after.pk)
        found = found or _first_free(candidates)
        if found is None:
            return None
        check_may_decide(actor, found)
        return _take(found, actor)


def _first_free(candidates: QuerySet[Review]) -> Review | None:
    """Lock the first row that no other transaction holds and that is still free.

    The claims are read by the statement's snapshot, which may be older than the lock: a claim
    committed in between is seen by asking again once the row is ours.
    """
    seen: list[int] = []
    while True:
        found = (
            candidates.exclude(pk__in=seen)
            .select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("cohort")
            .first()
        )
        if found is None:
            return None
        if candidates.filter(pk=found.pk).exists():
            return found
        seen.append(found.pk)


def lock(review: Review) -> Review:
    """The row, held until the transaction ends."""
    return (
        Review.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .get(pk=review.pk)
    )


def _take(review: Review, actor: User) -> Claim:
    now = timezone.now()
    current = Claim.objects.unreleased().filter(review=review).select_related("reviewer").first()
    if current is not None:
        if current.reviewer_id == actor.pk:
            return _extend(current, now)
        if current.lease_until > now:
            raise claimed_by_other(current)
        _release(current, at=current.lease_until)
    try:
        with transaction.atomic():
            taken = Claim.objects.create(
                review=review,
                artist_id=review.artist_id,
                reviewer=actor,
                claimed_at=now,
                lease_until=now + lease(),
            )
    except IntegrityError as refusal:
        raise AlreadyClaimed from refusal
    audit.record(
        actor=actor,
        action="review.claimed",
        target=review,
        cohort=review.cohort,
        after={"claim": taken.pk},
    )
    return taken


def _extend(current: Claim, now: datetime) -> Claim:
    current.lease_until = now + lease()
    current.save(update_fields=["lease_until"])
    return current


def _release(current: Claim, *, at: datetime) -> None:
    current.released_at = at
    current.save(update_fields=["released_at"])


def renew(*, actor: User, review: Review) -> Claim:
    """The page is still open: extend the claim, also one that lapsed unnoticed.

    Raises:
        ReviewWithdrawn, AlreadyDecided, AlreadyClaimed
        ClaimLost: it was given back, or the role was taken away.
    """
    with transaction.atomic():
        locked = lock(review)
        if not access.may_decide(actor, locked):
            raise ClaimLost
        check_waiting(locked)
        current = (
            Claim.objects.unreleased().filter(review=locked).select_related("reviewer").first()
        )
        if current is None:
            raise ClaimLost
        if current.reviewer_id != actor.pk:
            raise claimed_by_other(current)
        return _extend(current, timezone.now())


def release(*, actor: User, review: Review) -> None:
    """Give the clip back to the queue; nothing happens when it is not the actor's."""
    with transaction.atomic():
        locked = lock(review)
        current = Claim.objects.unreleased().filter(review=locked, reviewer=actor).first()
        if current is None:
            return
        _release(current, at=timezone.now())
        audit.record(
            actor=actor,
            action="review.claim_released",
            target=locked,
            cohort=locked.cohort,
            before={"claim": current.pk},
        )
