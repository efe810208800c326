"""Where an artist wants their money sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments import iban
from payments.errors import BadPayeeDetails
from payments.models import PayeeDetails
from payments.states import PayeeMethod
from portal.models import EmailChange
from portal.sealing import Unreadable
from portal.services import audit
from portal.services.notify import notify, send_mail_to

if TYPE_CHECKING:
    from portal.models import User

_LATELY = timedelta(days=30)


@transaction.atomic
def set_payee_details(
    *, actor: User, artist: User, method: PayeeMethod, holder: str, account: str
) -> PayeeDetails:
    """Record the account of *artist*: an IBAN as typed (spaces allowed) or a PayPal address.

    Where another account stood, nothing is paid to the new one for the cooling time, and the
    artist is told.

    Raises:
        BadPayeeDetails: no holder, wrong check digits, or no e-mail address.
    """
    name = " ".join(holder.split())
    if not name:
        raise BadPayeeDetails(_("Whose account is it?"), field="holder")
    plain = _checked(method, account)
    details = PayeeDetails.objects.select_for_update().filter(artist=artist).first()
    before = {"method": details.method, "account": details.account_hint} if details else None
    old = _old_account(details)
    details = details or PayeeDetails(artist=artist)
    moved = before is not None and (before["method"] != method or old != plain)
    if moved:
        details.usable_from = timezone.now() + timedelta(hours=settings.PAYEE_COOLING_HOURS)
    details.method = method
    details.holder = name
    details.account = plain
    details.save()
    audit.record(
        actor=actor,
        action="payee.changed",
        target=details,
        before=before,
        after={
            "method": details.method,
            "account": details.account_hint,
            "usable_from": details.usable_from.isoformat()
            if moved and details.usable_from
            else None,
        },
    )
    if before is not None and moved:
        _tell(details, old_paypal=old if before["method"] == PayeeMethod.PAYPAL else "")
    return details


def _old_account(details: PayeeDetails | None) -> str:
    """Empty where there is none, or it cannot be opened any more."""
    try:
        return details.account if details is not None else ""
    except Unreadable:
        return ""


def _tell(details: PayeeDetails, *, old_paypal: str) -> None:
    """Tell the artist, also at addresses that were theirs until lately: a thief changes those."""
    person = details.artist
    title = gettext_lazy("Your payment details were changed")
    text = gettext_lazy(
        "From %(day)s on we pay to %(account)s. If that was not you, change them back and tell the "
        "programme at once: until then nothing is paid to the new account."
    )
    with translation.override(person.language):
        values = {
            "account": details.account_hint,
            "day": date_format(timezone.localtime(details.usable_from), "DATETIME_FORMAT"),
        }
        said = str(text) % values
    notify(
        user=person,
        kind="payee.changed",
        title=title,
        text=text,
        url=reverse("payments:payee"),
        params=values,
    )
    lately = timezone.now() - _LATELY
    others = set(
        EmailChange.objects.filter(user=person, done_at__gte=lately).values_list("old", flat=True)
    )
    for address in sorted((others | {old_paypal}) - {"", person.email}):
        send_mail_to(
            email=address, name=person.name, language=person.language, subject=title, text=said
        )


def _checked(method: PayeeMethod, account: str) -> str:
    if method == PayeeMethod.IBAN:
        plain = iban.compact(account)
        if not iban.is_valid(plain):
            raise BadPayeeDetails(
                _("This is not a valid IBAN. Please compare it with your bank's, sign by sign."),
                field="iban",
            )
        return plain
    plain = account.strip().lower()
    try:
        validate_email(plain)
    except ValidationError:
        raise BadPayeeDetails(_("This is not an e-mail address."), field="paypal_email") from None
    return plain
