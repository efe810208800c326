"""Where an artist wants their money sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from payments import iban
from payments.errors import BadPayeeDetails
from payments.models import PayeeDetails
from payments.states import PayeeMethod
from portal.services import audit

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def set_payee_details(
    *, actor: User, artist: User, method: PayeeMethod, holder: str, account: str
) -> PayeeDetails:
    """Record the account of *artist*: an IBAN as typed (spaces allowed) or a PayPal address.

    Raises:
        BadPayeeDetails: no holder, wrong check digits, or no e-mail address.
    """
    name = " ".join(holder.split())
    if not name:
        raise BadPayeeDetails(_("Whose account is it?"), field="holder")
    plain = _checked(method, account)
    details = PayeeDetails.objects.select_for_update().filter(artist=artist).first()
    before = {"method": details.method, "account": details.account_hint} if details else None
    details = details or PayeeDetails(artist=artist)
    details.method = method
    details.holder = name
    details.account = plain
    details.save()
    audit.record(
        actor=actor,
        action="payee.changed",
        target=details,
        before=before,
        after={"method": details.method, "account": details.account_hint},
    )
    return details


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
