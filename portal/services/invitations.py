"""Invitations: made, renewed, withdrawn, accepted once.

Where both are locked, the cohort comes first, so that two of these never wait for each other; its
lock is also what makes counting seats safe. The locks leave keys alone (``no_key``): a row that
only refers to the cohort, such as a log entry, is not held up by them.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal import queries
from portal.errors import (
    AlreadyInvited,
    AlreadyMember,
    CohortFull,
    CohortNotOpen,
    InvitationForAnother,
    InvitationInvalid,
    InvitationReplaced,
    InvitationUsed,
    SignInFirst,
)
from portal.models import Cohort, Invitation, Membership, User
from portal.services import audit, members
from portal.services.notify import notify, send_mail_to
from portal.services.people import create_person, has_account, owns_address
from portal.services.transitions import require_step
from portal.states import INVITATION_TRANSITIONS, CohortState, InvitationState
from portal.tokens import hash_token, new_token


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

    Raises:
        CohortNotOpen, CohortFull, AlreadyMember, AlreadyInvited
    """
    cohort = _lock_open(cohort.pk)
    email = email.strip().lower()
    _expire(cohort.invitations.filter(expires_at__lte=timezone.now()))
    members_now = Membership.objects.live().filter(cohort=cohort)
    if members_now.filter(user__emailaddress__email=email).exists():
        raise AlreadyMember(field="email")
    if cohort.invitations.filter(email=email, state__in=queries.LIVE_INVITATION).exists():
        raise AlreadyInvited(field="email")
    if queries.seats_left(cohort) < 1:
        raise CohortFull()
    return _issue(
        actor=actor, cohort=cohort, email=email, name=name.strip(), language=language, note=note
    )


@transaction.atomic
def resend(*, actor: User, invitation: Invitation) -> Invitation:
    """Send a fresh link with a fresh expiry; the old link stops working at once.

    Answers the new invitation, which replaces the old one. A withdrawn invitation can be renewed
    too: the admin changed their mind.

    Raises:
        InvitationUsed, InvitationReplaced, CohortNotOpen, CohortFull, AlreadyInvited
    """
    cohort = _lock_open(invitation.cohort_id)
    old = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    was_live = old.state in queries.LIVE_INVITATION and old.expires_at > timezone.now()
    if not was_live:
        _refuse_used_or_replaced(old)
        others = cohort.invitations.filter(email=old.email, state__in=queries.LIVE_INVITATION)
        if others.exclude(pk=old.pk).exists():
            raise AlreadyInvited()
        if queries.seats_left(cohort) < 1:
            raise CohortFull()
    if old.state in queries.LIVE_INVITATION:
        _step(old, InvitationState.REVOKED if was_live else InvitationState.EXPIRED)
    return _issue(
        actor=actor,
        cohort=cohort,
        email=old.email,
        name=old.name,
        language=old.language,
        note=old.note,
        replaces=old,
    )


@transaction.atomic
def revoke(*, actor: User, invitation: Invitation, reason: str = "") -> Invitation:
    """Withdraw an invitation that was not accepted yet.

    Raises:
        IllegalTransition: when it is no longer live.
    """
    current = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    before = current.state
    _step(current, InvitationState.REVOKED)
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
        _step(current, InvitationState.OPENED)
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
    found = Invitation.objects.filter(token_hash=hash_token(token)).first()
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
    _step(invitation, InvitationState.ACCEPTED, "accepted_by", "accepted_at")
    audit.record(
        actor=person,
        action="invitation.accepted",
        target=invitation,
        cohort=cohort,
        after={"email": invitation.email, "member": person.pk},
    )
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
def expire_due() -> int:
    """Mark invitations whose time is over; answers how many."""
    return _expire(Invitation.objects.filter(expires_at__lte=timezone.now()))


def _expire(due: QuerySet[Invitation]) -> int:
    expired = list(
        due.filter(state__in=queries.LIVE_INVITATION)
        .select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .order_by("pk")
    )
    for invitation in expired:
        _step(invitation, InvitationState.EXPIRED)
        audit.record(
            actor=None,
            action="invitation.expired",
            target=invitation,
            cohort=invitation.cohort,
            after={"email": invitation.email},
        )
    return len(expired)


def _lock_open(cohort_id: int) -> Cohort:
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort_id)
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    return cohort


def _step(invitation: Invitation, state: InvitationState, *also: str) -> None:
    require_step(INVITATION_TRANSITIONS, InvitationState(invitation.state), state)
    invitation.state = state
    invitation.save(update_fields=["state", *also])


def _refuse_used_or_replaced(invitation: Invitation) -> None:
    if invitation.state == InvitationState.ACCEPTED:
        raise InvitationUsed()
    if Invitation.objects.filter(replaces=invitation).exists():
        raise InvitationReplaced()


def _who_accepts(actor: User | None, invitation: Invitation) -> User | None:
    """The account that joins; None when one has to be made."""
    if actor is None:
        if has_account(invitation.email):
            raise SignInFirst()
        return None
    if not owns_address(actor, invitation.email):
        raise InvitationForAnother()
    return actor


def _issue(
    *,
    actor: User,
    cohort: Cohort,
    email: str,
    name: str,
    language: str,
    note: str,
    replaces: Invitation | None = None,
) -> Invitation:
    token = new_token()
    invitation = Invitation.objects.create(
        cohort=cohort,
        email=email,
        name=name,
        language=language,
        note=note,
        token_hash=hash_token(token),
        invited_by=actor,
        expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
        replaces=replaces,
    )
    audit.record(
        actor=actor,
        action="invitation.sent" if replaces is None else "invitation.resent",
        target=invitation,
        cohort=cohort,
        after={"email": email, "expires_at": invitation.expires_at},
    )
    _mail(invitation, token)
    return invitation


def _mail(invitation: Invitation, token: str) -> None:
    text = _(
        "%(inviter)s invites you to take part in %(cohort)s: early access to a video model, "
        "with a team that looks at every clip and pays for your work.\n\n"
        "%(note)s\n\n"
        "The link below is for you alone, works once, and ends on %(until)s. "
        "It lets you make an account and read the agreement before you decide anything."
    )
    subject = _("%(inviter)s invites you to %(cohort)s")
    with translation.override(invitation.language):
        values = {
            "inviter": invitation.invited_by.name,
            "cohort": invitation.cohort.name,
            "note": invitation.note,
            "until": date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT"),
        }
        said_subject, said_text = str(subject) % values, str(text) % values
    send_mail_to(
        email=invitation.email,
        name=invitation.name,
        language=invitation.language,
        subject=said_subject,
        text=said_text.replace("\n\n\n\n", "\n\n"),
        url=reverse("invitation", args=[token]),
        button=_("Open the invitation"),
        about=invitation,
    )
