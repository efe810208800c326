"""Telling people of a sign-in from a browser they never used before."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.models import KnownDevice, User
from portal.services.notify import notify
from portal.tokens import hash_token, new_token

# As long as browsers keep a cookie.
REMEMBERED = timedelta(days=400)


@transaction.atomic
def greet(*, user: User, mark: str, client: str, address: str) -> str:
    """Note that *user* signed in with the browser that carries *mark*; answers its mark.

    Whoever signs in with a new browser, and has used another before, is told by mail.

    Args:
        mark: from the browser's cookie, or "".
        client: what the browser calls itself, in two words.
        address: where the request came from.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = KnownDevice.objects.filter(user=user, mark_hash=hash_token(mark)) if mark else None
    if known is not None and known.update(last_seen=Now()):
        return mark
    first = not KnownDevice.objects.filter(user=user).exists()
    mark = mark or new_token()
    KnownDevice.objects.create(user=user, mark_hash=hash_token(mark))
    if not first:
        _tell(user, client=client, address=address)
    return mark


def forget_old() -> int:
    """Remove browsers that nobody has used for long; answers how many."""
    count, _each = KnownDevice.objects.filter(last_seen__lt=Now() - REMEMBERED).delete()
    return count


def _tell(user: User, *, client: str, address: str) -> None:
    with translation.override(user.language):
        now = date_format(timezone.localtime(), "DATETIME_FORMAT")
    notify(
        user=user,
        kind="device.new",
        title=_("A sign-in from a new browser"),
        text=_(
            "Somebody signed in to your account.\n\nWhen: %(when)s\nWith: %(client)s\n"
            "From: %(address)s\n\nIf it was you, there is nothing to do. If not, sign out "
            "everywhere else in your settings and change your password."
        ),
        params={"when": now, "client": client, "address": address},
        url="/settings/",
    )
