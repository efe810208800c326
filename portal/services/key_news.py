"""What owners and admins are told about access keys; never the key, only its hint."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.models import AccessKey, User
from portal.services.notify import notify
from portal.states import KeyKind


def created(key: AccessKey) -> None:
    _tell_owner(
        key,
        "key.created",
        _("A new access key: %(key)s"),
        _(
            "The key “%(key)s” (%(hint)s) for %(cohort)s works until %(until)s.\n\n"
            "If you did not make it, revoke it and change your password."
        ),
    )


def rotated(key: AccessKey, old: AccessKey) -> None:
    _tell_owner(
        key,
        "key.rotated",
        _("The access key %(key)s was replaced"),
        _(
            "The new key (%(hint)s) works until %(until)s; the old one (%(old)s) ends on "
            "%(old_until)s.\n\n"
            "If you did not do this, revoke both and change your password."
        ),
        old=old.hint,
        old_until=old.ends_at,
    )


def revoked(key: AccessKey, *, by: User) -> None:
    if key.owner_id == by.pk:
        text = _("You revoked the key “%(key)s” (%(hint)s). Nothing can be done with it any more.")
    else:
        text = _(
            "The programme’s team revoked the key “%(key)s” (%(hint)s):\n\n%(reason)s\n\n"
            "Your account and your other keys work as before; you can make a new key."
        )
    _tell_owner(key, "key.revoked", _("The access key %(key)s was revoked"), text)


def frozen(key: AccessKey) -> None:
    _tell_owner(
        key,
        "key.frozen",
        _("The access key %(key)s is frozen"),
        _(
            "The key “%(key)s” (%(hint)s) does not work for now:\n\n%(reason)s\n\n"
            "Your account and your other keys work as before. You can replace it, or ask the "
            "programme’s team to release it."
        ),
        url=reverse("key_frozen", args=[key.pk]),
    )


def thawed(key: AccessKey) -> None:
    _tell_owner(
        key,
        "key.thawed",
        _("The access key %(key)s works again"),
        _("The key “%(key)s” (%(hint)s) was released. You need not change anything."),
    )


def reported(key: AccessKey, *, admins: Iterable[User]) -> None:
    if key.kind == KeyKind.CANARY:
        alarmed(key, admins=admins)
        return
    _tell_owner(
        key,
        "key.reported",
        _("Your access key %(key)s was found and revoked"),
        _(
            "Somebody found the key “%(key)s” (%(hint)s) where others can read it and reported it "
            "to us. It was revoked at once, so nobody can use it. Nothing else of yours is "
            "closed.\n\nLook through what it may have been used for, take it out of the place "
            "where it lay, and make a new key."
        ),
    )
    for admin in admins:
        if admin.pk == key.owner_id:
            continue
        notify(
            user=admin,
            kind="key.reported",
            title=_("An access key of %(person)s was found and revoked"),
            text=_(
                "The key “%(key)s” (%(hint)s) in %(cohort)s was reported as found. It is revoked "
                "and %(person)s has been told. Nobody else is affected."
            ),
            params={
                "person": str(key.owner),
                "key": key.name,
                "hint": key.hint,
                "cohort": key.cohort.name,
            },
            url=reverse("programme_keys"),
        )


def alarmed(key: AccessKey, *, admins: Iterable[User]) -> None:
    """A canary was used, or came back as found: somebody has read what nobody should."""
    for admin in admins:
        notify(
            user=admin,
            kind="key.alarmed",
            title=_("Alarm: the canary key of %(cohort)s is out"),
            text=_(
                "Nobody was given this key (%(hint)s), so whoever has it read it where you keep "
                "it. It opened nothing and will not sound again.\n\n"
                "From: %(network)s\nWith: %(client)s\n\n"
                "Find out how it got out, revoke the keys that lay beside it, then set a new "
                "canary."
            ),
            params={
                "cohort": key.cohort.name,
                "hint": key.hint,
                "network": key.last_used_from or key.found_on or "?",
                "client": key.last_used_client or "?",
            },
            url=reverse("programme_keys"),
        )


def _tell_owner(
    key: AccessKey,
    kind: str,
    title: Promise,
    text: Promise,
    *,
    url: str = "",
    **more: str | datetime,
) -> None:
    owner = key.owner
    if owner is None:
        return
    values: dict[str, str | datetime] = {
        "key": key.name,
        "hint": key.hint,
        "cohort": key.cohort.name,
        "reason": key.reason,
        "until": key.ends_at,
        **more,
    }
    with translation.override(owner.language):
        params = {
            name: _day(value) if isinstance(value, datetime) else value
            for name, value in values.items()
        }
    notify(user=owner, kind=kind, title=title, text=text, params=params, url=url or reverse("keys"))


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
