"""Invitations: asked for, sent, renewed, withdrawn, accepted or declined once.

Where both are locked, the cohort comes first, so that two of these never wait for each other; its
lock is also what makes counting seats safe. The locks leave keys alone (``no_key``): a row that
only refers to the cohort, such as a log entry, is not held up by them.
"""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import queries
from portal.errors import (
    AlreadyInvited,
    CohortFull,
    CohortNotOpen,
    IllegalTransition,
    InvitationExpired,
    InvitationForAnother,
    InvitationInvalid,
    InvitationReplaced,
    InvitationUsed,
    SignInFirst,
)
from portal.invitation_errors import CohortClosed, InvitationDeclined
from portal.models import Cohort, Invitation, Membership, User
from portal.services import audit, members, outbox
from portal.services import invitation_rows as rows
from portal.services.notify import notify
from portal.services.people import create_person, has_account, owns_address
from portal.services.transitions import require_step
from portal.states import INVITATION_TRANSITIONS, CohortState, InvitationState

NOTE_MAX = 500


@transaction.atomic
def invite(
    *,
    actor: User,
    cohort: Cohort,
    email: str,
    name: str = "",
    language: str = "en",
    note: str = "",
) -> Invitation:
    """Invite one address to a cohort; the link leaves by mail and is stored nowhere.

    Where somebody asked for it before, that request is what is sent.

    Raises:
        CohortNotOpen, CohortFull, AlreadyMember, AlreadyInvited
    """
    cohort = rows.lock_open(cohort.pk)
    email = email.strip().lower()
    rows.expire(cohort.invitations.filter(expires_at__lte=timezone.now()))
    asked = rows.standing_request(cohort, email)
    if queries.seats_left(cohort) < 1:
        raise CohortFull()
    invitation = asked or Invitation(cohort=cohort, email=email)
    invitation.name, invitation.language, invitation.note = name.strip(), language, note
    return rows.send(invitation, actor=actor)


@transaction.atomic
def request_invitation(
    *,
    actor: User | None,
    cohort: Cohort,
    email: str,
    name: str = "",
    language: str = "en",
    note: str = "",
) -> Invitation:
    """Ask the cohort's admins to invite an address; no mail leaves and no seat is promised.

    Asked twice, it is one request: the first one is answered.

    Args:
        actor: the member of staff who asks; None when the invited person does.

    Raises:
        CohortClosed, AlreadyMember, AlreadyInvited
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.state == CohortState.CLOSED:
        raise CohortClosed()
    email = email.strip().lower()
    rows.expire(cohort.invitations.filter(email=email, expires_at__lte=timezone.now()))
    if asked := rows.standing_request(cohort, email):
        return asked
    invitation = Invitation.objects.create(
        cohort=cohort,
        email=email,
        name=name.strip(),
        language=language,
        note=note,
        state=InvitationState.REQUESTED,
        requested_by=actor,
        requested_at=timezone.now(),
        invited_at=None,
    )
    audit.record(
        actor=actor,
        action="invitation.requested",
        target=invitation,
        cohort=cohort,
        after={"email": email},
        reason=note,
    )
    rows.tell_admins(
        invitation,
        kind="invitation.requested",
        title=_("An invitation to %(cohort)s is asked for: %(who)s"),
        text=note,
        but=actor,
    )
    return invitation


@transaction.atomic
def send_requested(*, actor: User, invitation: Invitation) -> Invitation:
    """Send what was asked for.

    Raises:
        IllegalTransition: when it was sent or refused meanwhile. CohortNotOpen, CohortFull
    """
    cohort = rows.lock_open(invitation.cohort_id)
    current = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    require_step(INVITATION_TRANSITIONS, InvitationState(current.state), InvitationState.INVITED)
    if queries.seats_left(cohort) < 1:
        raise CohortFull()
    return rows.send(current, actor=actor)


@transaction.atomic
def resend(*, actor: User, invitation: Invitation) -> Invitation:
    """Send a fresh link with a fresh expiry; the old link stops working at once.

    Answers the new invitation, which replaces the old one. A withdrawn invitation can be renewed
    too: the admin changed their mind. A declined one cannot: whoever said no is invited anew, in
    new words, or not at all.

    Raises:
        InvitationUsed, InvitationDeclined, InvitationReplaced, IllegalTransition (it was never
        sent), CohortNotOpen, CohortFull, AlreadyInvited
    """
    cohort = rows.lock_open(invitation.cohort_id)
    old = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if old.token_hash is None:
        raise IllegalTransition()
    was_live = old.is_live
    if not was_live:
        _refuse_used_or_replaced(old)
        others = cohort.invitations.filter(email=old.email, state__in=queries.STANDING_INVITATION)
        if others.exclude(pk=old.pk).exists():
            raise AlreadyInvited()
        if queries.seats_left(cohort) < 1:
            raise CohortFull()
    if old.state in queries.LIVE_INVITATION:
        rows.step(old, InvitationState.REVOKED if was_live else InvitationState.EXPIRED)
    renewed = Invitation(
        cohort=cohort,
        email=old.email,
        name=old.name,
        language=old.language,
        note=old.note,
        replaces=old,
    )
    return rows.send(renewed, actor=actor)


@transaction.atomic
def revoke(*, actor: User, invitation: Invitation, reason: str = "") -> Invitation:
    """Withdraw an invitation that was not accepted yet, or refuse one that was asked for.

    Raises:
        IllegalTransition: when it is no longer live.
    """
    current = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    before = current.state
    rows.step(current, InvitationState.REVOKED)
    audit.record(
        actor=actor,
        action="invitation.revoked",
        target=current,
        cohort=current.cohort,
        before={"state": before},
        after={"state": current.state, "email": current.email},
        reason=reason,
    )
    return current


@transaction.atomic
def open_invitation(*, token: str) -> Invitation:
    """Note that a person looks at the invitation; seeing it twice changes nothing.

    Raises:
        the errors of ``queries.invitation_by_token``.
    """
    found = queries.invitation_by_token(token)
    current = Invitation.objects.select_for_update(no_key=True).get(pk=found.pk)
    if current.state == InvitationState.INVITED:
        rows.step(current, InvitationState.OPENED)
        current.opened_at = timezone.now()
        current.save(update_fields=["opened_at"])
        audit.record(actor=None, action="invitation.opened", target=current, cohort=current.cohort)
    return current


@transaction.atomic
def accept(
    *,
    actor: User | None,
    token: str,
    name: str = "",
    language: str = "",
    password: str | None = None,
) -> Membership:
    """Turn the invitation into a membership, once.

    Args:
        actor: who is signed in, if anybody. An address that has an account must be signed in.
        name, language, password: of the new account; without a password it is entered by
            passkey or by mailed code.

    Raises:
        the errors of ``queries.invitation_by_token``, SignInFirst, InvitationForAnother,
        CohortNotOpen, CohortFull, AlreadyMember.
    """
    found = queries.invitation_of_link(token)
    if found is None:
        raise InvitationInvalid()
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=found.cohort_id)
    invitation = Invitation.objects.select_for_update(no_key=True).get(pk=found.pk)
    queries.require_live(invitation)
    # A full or closed cohort is said before an account is made for nothing.
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    if queries.seats_taken(cohort) >= cohort.seats:
        raise CohortFull()
    person = _who_accepts(actor, invitation) or create_person(
        actor=None,
        email=invitation.email,
        name=name or invitation.name,
        language=language or invitation.language,
        password=password,
    )
    membership = members.join(actor=person, cohort=cohort, user=person)
    invitation.accepted_by, invitation.accepted_at = person, timezone.now()
    rows.step(invitation, InvitationState.ACCEPTED, "accepted_by", "accepted_at")
    audit.record(
        actor=person,
        action="invitation.accepted",
        target=invitation,
        cohort=cohort,
        after={"email": invitation.email, "member": person.pk},
    )
    if invitation.invited_by is not None:
        notify(
            user=invitation.invited_by,
            kind="invitation.accepted",
            title=_("%(name)s has joined %(cohort)s"),
            params={"name": person.name, "cohort": cohort.name},
            url=reverse("cohort", args=[cohort.slug]),
            mail=False,
        )
    return membership


@transaction.atomic
def decline(*, token: str, note: str = "") -> Invitation:
    """Say no for the invited person, who holds the link; its seat is free again at once.

    Raises:
        the errors of ``queries.invitation_by_token``.
    """
    found = queries.invitation_by_token(token)
    current = Invitation.objects.select_for_update(no_key=True).get(pk=found.pk)
    queries.require_live(current)
    current.declined_at, current.declined_note = timezone.now(), note.strip()[:NOTE_MAX]
    rows.step(current, InvitationState.DECLINED, "declined_at", "declined_note")
    # A reminder that was written a moment ago and has not left.
    outbox.drop_waiting(about=current)
    audit.record(
        actor=None,
        action="invitation.declined",
        target=current,
        cohort=current.cohort,
        after={"email": current.email},
        reason=current.declined_note,
    )
    rows.tell_admins(
        current,
        kind="invitation.declined",
        title=_("%(who)s has declined the invitation to %(cohort)s"),
        text=current.declined_note,
    )
    return current


@transaction.atomic
def ask_anew(*, token: str) -> Invitation:
    """Ask for a new link for whoever holds one that ended or was declined.

    Raises:
        the errors of ``queries.invitation_by_token`` where asking makes no sense (it still works,
        was used, withdrawn, replaced); those of :func:`request_invitation`.
    """
    found = queries.invitation_of_link(token)
    if found is None:
        raise InvitationInvalid()
    try:
        queries.require_live(found)
    except (InvitationExpired, InvitationDeclined):
        return request_invitation(
            actor=None,
            cohort=found.cohort,
            email=found.email,
            name=found.name,
            language=found.language,
        )
    raise AlreadyInvited()


@transaction.atomic
def expire_due() -> int:
    """Mark invitations whose time is over; answers how many."""
    return rows.expire(Invitation.objects.filter(expires_at__lte=timezone.now()))


def _who_accepts(actor: User | None, invitation: Invitation) -> User | None:
    """The account that joins; None when one has to be made."""
    if actor is None:
        if has_account(invitation.email):
            raise SignInFirst()
        return None
    if not owns_address(actor, invitation.email):
        raise InvitationForAnother()
    return actor


def _refuse_used_or_replaced(invitation: Invitation) -> None:
    if invitation.state == InvitationState.ACCEPTED:
        raise InvitationUsed()
    if invitation.state == InvitationState.DECLINED:
        raise InvitationDeclined()
    if Invitation.objects.filter(replaces=invitation).exists():
        raise InvitationReplaced()
