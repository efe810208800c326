"""Changing the address one signs in with: the old and the new one both have to confirm it.

Whoever has only a password, or only an open browser, therefore cannot take an account away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.email_errors import AddressTaken
from portal.errors import AddressIsYours, EmailChangeInvalid
from portal.models import EmailChange, User
from portal.services import audit
from portal.services.notify import notify, send_mail_to
from portal.services.people import has_account
from portal.tokens import hash_token, new_token

GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a mailed link is about.

    Attributes:
        change: the change it belongs to.
        at_old: whether it was mailed to the old address, which may also stop the change.
        confirmed: whether this end has confirmed already.
    """

    change: EmailChange
    at_old: bool

    @property
    def confirmed(self) -> bool:
        return bool(self.change.old_confirmed_at if self.at_old else self.change.new_confirmed_at)


@transaction.atomic
def ask(*, actor: User, email: str) -> EmailChange:
    """Mail a link to the old and to the new address; a change asked for before is dropped.

    An address that somebody else signs in with gets no mail, and the person is told nothing of
    it: who has an account here is nobody's business.

    Raises:
        AddressIsYours
    """
    email = email.strip().lower()
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if email == actor.email:
        raise AddressIsYours(field="email")
    now = timezone.now()
    _open_of(actor).update(dropped_at=now)
    at_old, at_new = new_token(), new_token()
    change = EmailChange.objects.create(
        user=actor,
        old=actor.email,
        new=email,
        old_token_hash=hash_token(at_old),
        new_token_hash=hash_token(at_new),
        expires_at=now + GOOD_FOR,
    )
    audit.record(
        actor=actor,
        action="person.email_change_asked",
        target=actor,
        before={"email": change.old},
        after={"email": change.new},
    )
    _mail(
        change.old,
        change,
        at_old,
        _(
            "You asked to sign in to Greenroom with %(new)s from now on. Confirm it here, and by "
            "the link that was mailed to the new address.\n\nIf you did not ask for it, stop it "
            "here and change your password."
        ),
    )
    if not has_account(email):
        _mail(
            change.new,
            change,
            at_new,
            _(
                "%(name)s wants to sign in to Greenroom with this address. If that is you, confirm "
                "it here; if not, there is nothing to do."
            ),
        )
    return change


def find(*, token: str) -> Link:
    """What the link with *token* is about.

    Raises:
        EmailChangeInvalid: when it is unknown, over, or too old.
    """
    return _find(token, lock=False)


@transaction.atomic
def confirm(*, token: str) -> EmailChange:
    """Confirm one end; with the second one the address changes.

    Raises:
        EmailChangeInvalid
        AddressTaken: somebody else signs in with it since the change was asked for.
    """
    link = _find(token, lock=True)
    change, now = link.change, timezone.now()
    field = "old_confirmed_at" if link.at_old else "new_confirmed_at"
    if getattr(change, field) is None:
        setattr(change, field, now)
        change.save(update_fields=[field])
    if change.old_confirmed_at and change.new_confirmed_at:
        _carry_out(change)
    return change


@transaction.atomic
def stop(*, token: str) -> EmailChange:
    """Drop the change, by the link at the old address.

    Raises:
        EmailChangeInvalid: also for the link at the new address.
    """
    link = _find(token, lock=True)
    if not link.at_old:
        raise EmailChangeInvalid
    link.change.dropped_at = timezone.now()
    link.change.save(update_fields=["dropped_at"])
    audit.record(
        actor=link.change.user,
        action="person.email_change_stopped",
        target=link.change.user,
        before={"email": link.change.new},
    )
    return link.change


def open_change(user: User) -> EmailChange | None:
    """The change of *user* that waits to be confirmed."""
    return _open_of(user).filter(expires_at__gt=timezone.now()).first()


def _open_of(user: User) -> QuerySet[EmailChange]:
    return EmailChange.objects.filter(user=user, done_at=None, dropped_at=None)


def _find(token: str, *, lock: bool) -> Link:
    digest = hash_token(token)
    rows = EmailChange.objects.select_related("user")
    if lock:
        rows = rows.select_for_update(no_key=True)
    change = rows.filter(Q(old_token_hash=digest) | Q(new_token_hash=digest)).first()
    if change is None or not change.waits_at(timezone.now()) or change.user.email != change.old:
        raise EmailChangeInvalid
    return Link(change=change, at_old=change.old_token_hash == digest)


def _carry_out(change: EmailChange) -> None:
    user = change.user
    if has_account(change.new):
        raise AddressTaken
    change.done_at = timezone.now()
    change.save(update_fields=["done_at"])
    # Two who confirm the same address in one instant both come this far; the first row wins.
    try:
        with transaction.atomic():
            EmailAddress.objects.filter(Q(user=user) | Q(email=change.new)).delete()
            EmailAddress.objects.create(user=user, email=change.new, verified=True, primary=True)
            user.email = change.new
            user.save(update_fields=["email"])
    except IntegrityError:
        raise AddressTaken from None
    audit.record(
        actor=user,
        action="person.email_changed",
        target=user,
        before={"email": change.old},
        after={"email": change.new},
    )
    notify(
        user=user,
        kind="email.changed",
        title=_("Your e-mail address was changed"),
        text=_("You sign in with %(new)s now."),
        params={"new": change.new},
        url=reverse("profile"),
    )
    _mail(change.old, change, "", _("%(name)s signs in to Greenroom with %(new)s now."))


def _mail(to: str, change: EmailChange, token: str, text: Promise) -> None:
    user = change.user
    with translation.override(user.language):
        said = str(text) % {"new": change.new, "name": user.name}
        send_mail_to(
            email=to,
            name=user.name if to == change.old else "",
            language=user.language,
            subject=_("A new e-mail address for Greenroom"),
            text=said,
            url=reverse("email_confirm", args=[token]) if token else "",
            button=_("Look and confirm") if token else "",
        )
