"""What the services of invitations share: the step, the link, who is told. Each is called inside
the transaction of a service, with the cohort locked where seats are counted."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from portal import access, queries
from portal.errors import AlreadyInvited, AlreadyMember, CohortNotOpen
from portal.models import Cohort, Invitation, Membership, User
from portal.services import audit
from portal.services.invitation_mail import mail_link
from portal.services.notify import notify
from portal.services.transitions import require_step
from portal.states import INVITATION_TRANSITIONS, CohortState, InvitationState
from portal.tokens import hash_token, new_token


def lock_open(cohort_id: int) -> Cohort:
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort_id)
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    return cohort


def step(invitation: Invitation, state: InvitationState, *also: str) -> None:
    require_step(INVITATION_TRANSITIONS, InvitationState(invitation.state), state)
    invitation.state = state
    invitation.save(update_fields=["state", *also])


def expire(due: QuerySet[Invitation]) -> int:
    expired = list(
        due.filter(state__in=queries.LIVE_INVITATION)
        .select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .order_by("pk")
    )
    for invitation in expired:
        step(invitation, InvitationState.EXPIRED)
        audit.record(
            actor=None,
            action="invitation.expired",
            target=invitation,
            cohort=invitation.cohort,
            after={"email": invitation.email},
        )
    return len(expired)


def standing_request(cohort: Cohort, email: str) -> Invitation | None:
    """Refuse an address that is in, or on its way; answers the request for it, if there is one."""
    members = Membership.objects.live().filter(cohort=cohort)
    if members.filter(user__emailaddress__email=email).exists():
        raise AlreadyMember(field="email")
    standing = (
        cohort.invitations.filter(email=email, state__in=queries.STANDING_INVITATION)
        .select_for_update(no_key=True, of=("self",))
        .first()
    )
    if standing is not None and standing.state != InvitationState.REQUESTED:
        raise AlreadyInvited(field="email")
    return standing


def send(invitation: Invitation, *, actor: User) -> Invitation:
    """Give *invitation* its link and its end, and mail it; it is new, or was asked for."""
    token = new_token()
    now = timezone.now()
    invitation.token_hash = hash_token(token)
    invitation.invited_by, invitation.invited_at = actor, now
    invitation.expires_at = now + timedelta(days=settings.INVITATION_DAYS)
    if invitation.state == InvitationState.REQUESTED:
        step(
            invitation,
            InvitationState.INVITED,
            *("token_hash", "invited_by", "invited_at", "expires_at", "name", "language", "note"),
        )
    else:
        invitation.save()
    audit.record(
        actor=actor,
        action="invitation.sent" if invitation.replaces_id is None else "invitation.resent",
        target=invitation,
        cohort=invitation.cohort,
        after={"email": invitation.email, "expires_at": invitation.expires_at},
    )
    mail_link(invitation, token=token, sender=actor)
    return invitation


def tell_admins(
    invitation: Invitation, *, kind: str, title: Promise, text: str, but: User | None = None
) -> None:
    """A line for each admin of the cohort; no mail, for a hundred answers may come in a day."""
    for admin in access.admins_of(invitation.cohort_id):
        if admin != but:
            notify(
                user=admin,
                kind=kind,
                title=title,
                # Another's words are not a pattern to fill in.
                text="%(words)s" if text else "",
                params={
                    "who": invitation.name or invitation.email,
                    "cohort": invitation.cohort.name,
                    "words": text,
                },
                url=reverse("invitation_record", args=[invitation.pk]),
                mail=False,
            )
