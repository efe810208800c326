"""The ground floor's part in the deletion of an account: what goes, what stays, what holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal import deletions
from portal.deletions import Erased, Hold, Kept, count_of
from portal.models import (
    AccessKey,
    AuditEntry,
    Consent,
    Containment,
    Invitation,
    Membership,
    Notification,
    Profile,
    RoleGrant,
    Signature,
    Takeout,
    User,
    WebhookEndpoint,
)
from portal.services import forgetting
from portal.states import EndpointState

TEAM_WHY = _("An act of the programme’s team concerns others, who may ask who did it.")


def roles_held(person: User) -> Sequence[Hold]:
    if not person.roles.exists() and not person.is_superuser:
        return []
    return [Hold(code="roles", text=gettext("A role in the programme’s team, to be given back"))]


def contained(person: User) -> Sequence[Hold]:
    """What is being looked into is not to vanish meanwhile; it ends by itself."""
    live = Containment.objects.live().filter(person=person).order_by("-until").first()
    if live is None:
        return []
    day = date_format(timezone.localtime(live.until), "DATE_FORMAT")
    return [
        Hold(
            code="contained",
            text=gettext("A containment of the account, until %(day)s at the latest")
            % {"day": day},
        )
    ]


def _invited(person: User) -> int:
    return Invitation.objects.filter(Q(accepted_by=person) | Q(email__iexact=person.email)).count()


def _by_staff(person: User) -> int:
    """How much *person* did that only the programme's team does."""
    return RoleGrant.objects.filter(Q(user=person) | Q(granted_by=person)).count()


def _logged(person: User) -> int:
    return AuditEntry.objects.filter(
        Q(actor=person) | Q(target_type="portal.user", target_id=str(person.pk))
    ).count()


def _erased(key: str, label: Any, erase: Any, *covers: str, order: int, count: Any = None) -> None:
    part = Erased(key=key, label=label, covers=covers, count=count, erase=erase, order=order)
    deletions.add_erased(part)


def _kept(key: str, label: Any, why: Any, count: Any, *covers: str) -> None:
    deletions.add_kept(Kept(key=key, label=label, why=why, covers=covers, count=count))


deletions.add_hold(roles_held)
deletions.add_hold(contained)

_erased(
    "consents",
    _("Consents: each that stands is taken back"),
    forgetting.consent,
    order=40,
    count=lambda person: len(
        [
            newest
            for newest in Consent.objects.filter(person=person)
            .order_by("kind", "-number")
            .distinct("kind")
            if newest.given
        ]
    ),
)
_erased(
    "profile",
    _("What you say of yourself: portrait, bio and links"),
    forgetting.profile,
    "portal.profile.user",
    order=41,
    count=count_of(Profile, "user"),
)
_erased(
    "keys",
    _("Access keys: their names, networks and where they were used"),
    forgetting.keys,
    "portal.accesskey.owner",
    "portal.leakbaseline.person",
    order=42,
    count=count_of(AccessKey, "owner"),
)
_erased(
    "webhooks",
    _("Webhooks, with what they were told"),
    forgetting.endpoints,
    "portal.webhookendpoint.owner",
    order=43,
    count=lambda person: (
        WebhookEndpoint.objects.filter(owner=person).exclude(state=EndpointState.REMOVED).count()
    ),
)
_erased(
    "takeouts",
    _("Takeouts that wait to be downloaded"),
    forgetting.takeout_files,
    "portal.takeout.person",
    order=44,
    count=lambda person: Takeout.objects.filter(person=person, state="ready").count(),
)
_erased(
    "invitations",
    _("Name, address and words in invitations and applications"),
    forgetting.invited,
    "portal.invitation.accepted_by",
    order=45,
    count=_invited,
)
_erased(
    "parting_words",
    _("What you said when you left a cohort"),
    forgetting.parting_words,
    order=46,
    count=lambda person: (
        Membership.objects.filter(user=person, ended_how="left").exclude(ended_reason="").count()
    ),
)
_erased(
    "notifications",
    _("Messages and mails to you"),
    forgetting.told,
    "portal.notification.user",
    "portal.containmentnotice.person",
    order=47,
    count=count_of(Notification, "user"),
)
_erased(
    "ways_in",
    _("Your name and address, password, passkeys, apps, browsers and every session"),
    forgetting.ways_in,
    "account.emailaddress.user",
    "mfa.authenticator.user",
    "usersessions.usersession.user",
    "portal.knowndevice.user",
    "portal.devicelogin.decided_by",
    "portal.emailchange.user",
    "portal.user_groups.user",
    "portal.user_user_permissions.user",
    order=48,
)

_kept(
    "signatures",
    _("Agreements you signed, with the name you typed"),
    _("A contract proves nothing without who signed it; it is kept as long as claims may arise."),
    count_of(Signature, "user"),
    "portal.signature.user",
)
_kept(
    "consents",
    _("That you gave consents and took them back, and when"),
    _("Whoever relied on a consent has to be able to show that it stood."),
    count_of(Consent, "person"),
    "portal.consent.person",
    "portal.consent.actor",
)
_kept(
    "memberships",
    _("That somebody was in a cohort, and from when to when"),
    _("Seats, payouts and reports count people; they need no names for it."),
    count_of(Membership, "user"),
    "portal.membership.user",
    "portal.membership.ended_by",
)
_kept(
    "log",
    _("The log"),
    _(
        "Each entry is chained to the one before, so none can be changed or removed, yours "
        "included. Its pages call you by your number; entries written before still hold your name."
    ),
    _logged,
    "portal.auditentry.actor",
    "portal.deletion.person",
    "portal.deletion.asked_by",
    "portal.deletion.ended_by",
)
_kept(
    "containments",
    _("Containments of you"),
    _("What the programme did against somebody has to stay open to question."),
    count_of(Containment, "person"),
    "portal.containment.person",
)
_kept(
    "team",
    _("What you did as one of the programme’s team"),
    TEAM_WHY,
    _by_staff,
    "portal.accesskey.frozen_by",
    "portal.containment.by",
    "portal.containment.ended_by",
    "portal.invitation.requested_by",
    "portal.invitation.invited_by",
    "portal.invitationbatch.brought_by",
    "portal.invitationbatch.started_by",
    "portal.leakreport.closed_by",
    "portal.rolegrant.user",
    "portal.rolegrant.granted_by",
    "portal.rolegrant.revoked_by",
)
