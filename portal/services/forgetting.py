"""What the ground floor forgets of somebody whose account goes.

Each is called inside the transaction that deletes the account, and answers the names of files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Left, Lower

from portal.deletions import Leaving, pseudonym_address
from portal.models import (
    AccessKey,
    Application,
    ContainmentNotice,
    DeviceLogin,
    EmailChange,
    Invitation,
    InvitationBatchRow,
    KeyRequest,
    KnownDevice,
    LeakBaseline,
    LeakReport,
    Membership,
    Notification,
    OutgoingMail,
    Profile,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from portal.services import consents, invitations, key_ends, takeouts, webhooks
from portal.states import ConsentKind, EndpointState, InvitationState, MemberState

NOTHING = "—"
_UNANSWERED = (InvitationState.REQUESTED, InvitationState.INVITED, InvitationState.OPENED)


def consent(leaving: Leaving) -> Sequence[str]:
    """Take back what they allowed; that they did stays."""
    for kind in ConsentKind:
        consents.withdraw(actor=leaving.person, kind=kind)
    return []


def ways_in(leaving: Leaving) -> Sequence[str]:
    """Addresses, passkeys, apps and codes; whoever is signed in is so no more."""
    person = leaving.person
    sessions = import_module(settings.SESSION_ENGINE).SessionStore
    for row in UserSession.objects.filter(user=person):
        sessions(row.session_key).delete()
        row.delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    KnownDevice.objects.filter(user=person).delete()
    DeviceLogin.objects.filter(decided_by=person).delete()
    EmailChange.objects.filter(user=person).delete()
    person.groups.clear()
    person.user_permissions.clear()
    return []


def profile(leaving: Leaving) -> Sequence[str]:
    row = Profile.objects.filter(user=leaving.person).first()
    if row is None:
        return []
    row.delete()
    return [row.portrait] if row.portrait else []


def told(leaving: Leaving) -> Sequence[str]:
    """What Greenroom wrote to them, sent or not."""
    Notification.objects.filter(user=leaving.person).delete()
    ContainmentNotice.objects.filter(person=leaving.person).delete()
    mails = Q()
    for address in leaving.addresses:
        mails |= Q(to__iexact=address) | Q(to__iendswith=f"<{address}>")
    OutgoingMail.objects.filter(mails).delete()
    _rename_in_others(leaving)
    return []


def _rename_in_others(leaving: Leaving) -> None:
    """What others were told of them names their number instead, where it can be nobody else."""
    called = User.objects.exclude(pk=leaving.person.pk).filter(name__icontains=leaving.name)
    if not leaving.name or called.exists():
        return
    whole = rf"\y{re.escape(leaving.name)}\y"
    for model, field, most in (
        (Notification, "title", 160),
        (Notification, "text", None),
        (OutgoingMail, "subject", 255),
    ):
        said: Any = Func(
            F(field),
            Value(whole),
            Value(leaving.person.name),
            Value("g"),
            function="regexp_replace",
        )
        rows = model._default_manager.filter(**{f"{field}__contains": leaving.name})
        rows.update(**{field: Left(said, most) if most else said})


def takeout_files(leaving: Leaving) -> Sequence[str]:
    takeouts.withdraw(person=leaving.person, problem="account")
    return []


def keys(leaving: Leaving) -> Sequence[str]:
    """Every key ends; its row stays without a name, without networks and where it was used."""
    own = AccessKey.objects.filter(owner=leaving.person)
    own.update(name=NOTHING)
    key_ends.end_all(actor=leaving.person, owner=leaving.person)
    own.update(ip_ranges=[], last_used_from=None, last_used_client="", reason="")
    KeyRequest.objects.filter(access_key__owner=leaving.person).delete()
    LeakReport.objects.filter(key__owner=leaving.person).update(networks=[], clients=[], reason="")
    LeakBaseline.objects.filter(person=leaving.person).delete()
    return []


def endpoints(leaving: Leaving) -> Sequence[str]:
    own = WebhookEndpoint.objects.filter(owner=leaving.person)
    own.update(name=NOTHING, url="https://deleted.invalid/")
    for endpoint in own.exclude(state=EndpointState.REMOVED).order_by("pk"):
        webhooks.remove(actor=leaving.person, endpoint=endpoint)
    WebhookDelivery.objects.filter(endpoint__owner=leaving.person).delete()
    return []


def invited(leaving: Leaving) -> Sequence[str]:
    """Invitations and applications of their addresses, and what a table of people said of them."""
    person = leaving.person
    Application.objects.annotate(_address=Lower("email")).filter(
        _address__in=leaving.addresses
    ).delete()
    InvitationBatchRow.objects.annotate(_address=Lower("email")).filter(
        _address__in=leaving.addresses
    ).delete()
    theirs = Invitation.objects.annotate(_address=Lower("email")).filter(
        Q(accepted_by=person) | Q(_address__in=leaving.addresses)
    )
    found = list(theirs.order_by("pk"))
    Invitation.objects.filter(pk__in=[row.pk for row in found]).update(
        email=pseudonym_address(person.pk), name="", note="", declined_note="", language="en"
    )
    for row in found:
        if row.state in _UNANSWERED:
            invitations.revoke(actor=person, invitation=row)
    return []


def parting_words(leaving: Leaving) -> Sequence[str]:
    """What was said when they went; a membership that staff ended keeps that it was for a cause."""
    ended = Membership.objects.filter(user=leaving.person).exclude(ended_reason="")
    ended.filter(ended_how=MemberState.REMOVED).update(ended_reason=NOTHING)
    ended.exclude(ended_how=MemberState.REMOVED).update(ended_reason="")
    return []
