"""Members: the one way into a cohort, out of it, and back.

The cohort is locked before the membership, and the membership before anything that its end stops.
"""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access, queries
from portal.deletion_errors import AccountDeleted
from portal.errors import (
    AlreadyMember,
    CohortFull,
    CohortNotOpen,
    IllegalTransition,
    NotAllowed,
)
from portal.member_errors import EndUnexplained
from portal.models import Cohort, Membership, User
from portal.models.cohort import LONGEST_REASON
from portal.services import audit, member_news
from portal.services.notify import notify
from portal.services.transitions import require_step
from portal.signals import member_joined, membership_ended
from portal.states import MEMBER_TRANSITIONS, CohortState, MemberState


@transaction.atomic
def join(*, actor: User, cohort: Cohort, user: User) -> Membership:
    """Take a seat; the cohort's row is locked while seats are counted.

    Who was a member before takes up the same membership again.

    Raises:
        CohortNotOpen, AlreadyMember, CohortFull
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    known = _locked(cohort, user)
    if known is not None and known.is_live:
        raise AlreadyMember()
    if queries.seats_taken(cohort) >= cohort.seats:
        raise CohortFull()
    if known is not None:
        return _back(known, actor=actor, action="member.rejoined", reason="")
    membership = Membership.objects.create(cohort=cohort, user=user)
    audit.record(
        actor=actor,
        action="member.joined",
        target=membership,
        cohort=cohort,
        after={"cohort": cohort.name},
    )
    member_joined.send(sender=Membership, membership=membership)
    return membership


@transaction.atomic
def remove(*, actor: User, membership: Membership, reason: str) -> Membership:
    """Staff end a membership; its artist reads *reason* and keeps everything but new clips.

    What waits and renders of theirs in the cohort stops.

    Raises:
        NotAllowed (no admin of the cohort), EndUnexplained, IllegalTransition
    """
    if not access.admins_of(membership.cohort_id).filter(pk=actor.pk).exists():
        raise NotAllowed()
    why = _one_line(reason)
    if not why:
        raise EndUnexplained(field="reason")
    ended = _end(membership, MemberState.REMOVED, actor=actor, reason=why)
    member_news.removed(ended)
    return ended


@transaction.atomic
def leave(*, actor: User, membership: Membership, reason: str = "") -> Membership:
    """An artist goes; the cohort's admins are told, with what they said of it, if anything.

    Raises:
        NotAllowed (another's membership), IllegalTransition
    """
    if membership.user_id != actor.pk:
        raise NotAllowed()
    ended = _end(membership, MemberState.LEFT, actor=actor, reason=_one_line(reason))
    member_news.left(ended)
    return ended


@transaction.atomic
def reinstate(*, actor: User, membership: Membership, reason: str = "") -> Membership:
    """Staff take somebody back, where there is a seat that no invitation has promised.

    Raises:
        NotAllowed (no admin of the cohort), CohortNotOpen (it is closed), CohortFull,
        IllegalTransition, AccountDeleted
    """
    if not access.admins_of(membership.cohort_id).filter(pk=actor.pk).exists():
        raise NotAllowed()
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=membership.cohort_id)
    if cohort.state == CohortState.CLOSED:
        raise CohortNotOpen()
    known = _locked(cohort, membership.user)
    if known is None or known.is_live:
        raise IllegalTransition()
    if membership.user.deleted_at is not None:
        raise AccountDeleted()
    if queries.seats_left(cohort) < 1:
        raise CohortFull()
    back = _back(known, actor=actor, action="member.reinstated", reason=_one_line(reason))
    notify(
        user=back.user,
        kind="member.reinstated",
        title=_("You are a member of %(cohort)s again"),
        text=_("You can make clips there again, with the page and with your keys."),
        params={"cohort": cohort.name},
        url=reverse("home"),
    )
    return back


def end_all(*, person: User) -> int:
    """End every membership of somebody whose account goes; nobody is written to.

    Call it inside the transaction that deletes the account; answers how many.
    """
    live = Membership.objects.live().filter(user=person).select_related("cohort", "user")
    found = list(live.order_by("cohort_id"))
    for membership in found:
        _end(membership, MemberState.LEFT, actor=person, reason="")
    return len(found)


def _end(membership: Membership, how: MemberState, *, actor: User, reason: str) -> Membership:
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=membership.cohort_id)
    current = _locked(cohort, membership.user)
    if current is None:
        raise IllegalTransition()
    require_step(MEMBER_TRANSITIONS, MemberState(current.ended_how), how)
    current.ended_how, current.ended_at = how, timezone.now()
    current.ended_by, current.ended_reason = actor, reason
    current.save(update_fields=["ended_how", "ended_at", "ended_by", "ended_reason"])
    audit.record(
        actor=actor,
        action=f"member.{how}",
        target=current,
        cohort=cohort,
        before={"ended_how": MemberState.MEMBER},
        after={**_about(current, actor), "ended_how": how, "ended_at": current.ended_at},
        reason=reason,
    )
    membership_ended.send(sender=Membership, membership=current, actor=actor)
    return current


def _back(membership: Membership, *, actor: User, action: str, reason: str) -> Membership:
    before = MemberState(membership.ended_how)
    require_step(MEMBER_TRANSITIONS, before, MemberState.MEMBER)
    was = {"ended_how": before, "ended_at": membership.ended_at}
    membership.ended_how, membership.ended_at = MemberState.MEMBER, None
    membership.ended_by, membership.ended_reason = None, ""
    membership.save(update_fields=["ended_how", "ended_at", "ended_by", "ended_reason"])
    audit.record(
        actor=actor,
        action=action,
        target=membership,
        cohort=membership.cohort,
        before=was,
        after={**_about(membership, actor), "ended_how": MemberState.MEMBER},
        reason=reason,
    )
    member_joined.send(sender=Membership, membership=membership)
    return membership


def _about(membership: Membership, actor: User) -> dict[str, str]:
    """What the log's sentence ends with: where oneself, or whom."""
    if membership.user_id == actor.pk:
        return {"cohort": membership.cohort.name}
    return {"name": membership.user.name}


def _locked(cohort: Cohort, user: User) -> Membership | None:
    found = Membership.objects.select_for_update(no_key=True).filter(cohort=cohort, user=user)
    membership = found.first()
    if membership is not None:
        membership.cohort, membership.user = cohort, user
    return membership


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST_REASON]
