"""Passing a review on: to any other reviewer, or to a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal.duties import Duty, people_for
from portal.services import audit
from portal.services.notify import notify
from review import access
from review.models import Claim, PassOn, Review
from review.pass_errors import ForALead, NobodyElse, NoLead, PassNoteMissing
from review.services.claims import (
    check_may_decide,
    check_unsaid,
    check_waiting,
    claimed_by_other,
    lock,
)
from review.states import PASSABLE, Opinion

if TYPE_CHECKING:
    from portal.models import User


def pass_on(*, actor: User, review: Review, to: Opinion, note: str) -> PassOn:
    """Leave a waiting review to somebody else; pressing twice does it once.

    Whoever passes on neither gets it from *Next* again nor decides it. Leads hear of what is
    passed to them.

    Args:
        to: ``second``, any other reviewer; ``lead``, a lead reviewer.
        note: to the colleague; the artist never reads it.

    Raises:
        OwnWork, InConflict, NotAReviewer, ReviewWithdrawn, AlreadyDecided, AlreadyClaimed
        ApprovedByYou, RefusedByYou, PassNoteMissing
        ForALead: it waits for a lead; another lead can be asked, nobody else.
        NobodyElse, NoLead: nobody could take it over.
    """
    note = note.strip()
    if not note:
        raise PassNoteMissing(field="note")
    with transaction.atomic():
        locked = lock(review)
        before = PassOn.objects.filter(review=locked, reviewer=actor).first()
        if before is not None and before.to == to:
            return before
        check_may_decide(actor, locked)
        check_waiting(locked)
        check_unsaid(actor, locked)
        claim = Claim.objects.live().filter(review=locked).select_related("reviewer").first()
        if claim is not None and claim.reviewer_id != actor.pk:
            raise claimed_by_other(claim)
        if to not in PASSABLE[Opinion(locked.waits_for)]:
            raise ForALead
        duty = Duty.SETTLE if to == Opinion.LEAD else Duty.DECIDE
        if not access.others_for(locked, duty).exclude(pk=actor.pk).exists():
            raise NoLead if to == Opinion.LEAD else NobodyElse
        passed = PassOn.objects.create(
            review=locked,
            artist_id=locked.artist_id,
            reviewer=actor,
            to=to,
            note=note,
            passed_at=timezone.now(),
        )
        was = locked.waits_for
        locked.waits_for = to
        locked.save(update_fields=["waits_for"])
        Claim.objects.unreleased().filter(review=locked).update(released_at=passed.passed_at)
        audit.record(
            actor=actor,
            action="review.passed_on",
            target=locked,
            cohort=locked.cohort,
            before={"waits_for": was},
            after={"waits_for": to},
            reason=note,
        )
        if to == Opinion.LEAD:
            tell_leads(locked)
        return passed


def tell_leads(review: Review) -> None:
    """A clip waits for a lead; where nobody could be one, those who appoint leads hear of it."""
    leads = list(access.others_for(review, Duty.SETTLE))
    for person in leads or people_for(Duty.WITHDRAW, review.cohort_id):
        with translation.override(person.language):
            title = _("For a lead: %(clip)s") % {"clip": review.clip.label}
            text = (
                _("A clip of %(cohort)s waits for your decision.")
                if leads
                else _(
                    "A clip of %(cohort)s waits for a lead reviewer, and nobody who could decide "
                    "it is one. Please make somebody a lead reviewer."
                )
            ) % {"cohort": review.cohort.name}
        notify(
            user=person,
            kind="review_for_lead",
            title=title,
            text=text,
            url=reverse("review:desk", args=[review.pk]),
        )
