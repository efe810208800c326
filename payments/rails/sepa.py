"""SEPA credit transfer: an ISO 20022 file, pain.001.001.09, that a bank takes as it is.

``sepaxml`` builds the message and brings the official schema, against which every file is checked
before it is kept. It accepts wrong IBANs and other currencies, and draws its message numbers from
chance and the clock; so those are checked, and set, here.

Rules: EPC132-08, SEPA Credit Transfer C2PSP implementation guidelines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from sepaxml import SepaTransfer
from sepaxml.validation import try_valid_xml
from text_unidecode import unidecode

from payments import bic, iban
from payments.rails.base import Rail
from payments.states import PayeeMethod, RailKind

if TYPE_CHECKING:
    from payments.models import Payout, Remittance

SCHEMA = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"
MOST_MINOR = 999_999_999_99

# The SEPA scheme's geographical scope (EPC409-09), by the country of the IBAN.
AREA = frozenset(
    {
        *("AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR"),
        *("GB", "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD"),
        *("ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"),
    }
)
# What every bank of the scheme takes in a name; the rest is written without accents or left out.
_FOREIGN = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")


class SepaRail(Rail):
    kind = RailKind.SEPA
    media_type = "application/xml; charset=utf-8"
    suffix = "xml"

    def refusal(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        if payout.currency != "EUR":
            return _("SEPA carries euros alone; this payout is in %(currency)s.") % {
                "currency": payout.currency
            }
        refused = _own_account_refused()
        if refused:
            return refused
        unfit = [row.artist.name for row in remittances if not _fits(row)]
        if not unfit:
            return ""
        return ngettext(
            "SEPA cannot reach %(count)d artist: %(names)s. It needs a bank account in the SEPA "
            "area and a name in letters.",
            "SEPA cannot reach %(count)d artists: %(names)s. It needs a bank account in the SEPA "
            "area and a name in letters.",
            len(unfit),
        ) % {"count": len(unfit), "names": ", ".join(unfit[:5]) + (", …" if unfit[5:] else "")}

    def write(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        if payout.exported_at is None:
            raise ValueError("a payout's file is written when it is exported")
        at = timezone.localtime(payout.exported_at)
        message = SepaTransfer(_own_account(payout.currency), schema=SCHEMA, clean=False)
        for row in remittances:
            message.add_payment(
                {
                    "name": plain(row.holder, 70),
                    "IBAN": row.account,
                    "amount": row.amount_minor,
                    "execution_date": at.date(),
                    "description": payout.reference,
                    "endtoend_id": row.key,
                }
            )
        number = f"{payout.reference}-{payout.idempotency_key.hex[:12]}"
        document = ElementTree.fromstring(message.export(validate=False))  # noqa: S314 - our own
        _set(document, "GrpHdr/MsgId", number)
        _set(document, "GrpHdr/CreDtTm", at.strftime("%Y-%m-%dT%H:%M:%S"))
        _set(document, "PmtInf/PmtInfId", number)
        ElementTree.register_namespace("", NAMESPACE)
        text = ElementTree.tostring(document, encoding="unicode")
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
        try_valid_xml(body.encode(), SCHEMA)
        return body


def plain(text: str, most: int) -> str:
    """*text* in the letters that SEPA takes, at most *most* of them."""
    kept = _FOREIGN.sub(" ", unidecode(text))
    return " ".join(kept.split())[:most].strip(" /-")


def _fits(row: Remittance) -> bool:
    if row.method != PayeeMethod.IBAN or row.amount_minor > MOST_MINOR:
        return False
    account = row.account
    return iban.is_valid(account) and account[:2] in AREA and bool(plain(row.holder, 70))


def _own_account_refused() -> str:
    own = iban.compact(settings.SEPA_IBAN)
    if not (own and settings.SEPA_NAME):
        return _(
            "The programme’s own account is not set: GREENROOM_SEPA_NAME and GREENROOM_SEPA_IBAN."
        )
    if not iban.is_valid(own) or own[:2] not in AREA:
        return _("GREENROOM_SEPA_IBAN is no valid IBAN of the SEPA area.")
    if settings.SEPA_BIC and not bic.is_valid(settings.SEPA_BIC, country=own[:2]):
        return _("GREENROOM_SEPA_BIC is no valid BIC of the country of GREENROOM_SEPA_IBAN.")
    return ""


def _own_account(currency: str) -> dict[str, Any]:
    own: dict[str, Any] = {
        "name": plain(settings.SEPA_NAME, 70),
        "IBAN": iban.compact(settings.SEPA_IBAN),
        "currency": currency,
        "batch": True,
    }
    return own | ({"BIC": settings.SEPA_BIC} if settings.SEPA_BIC else {})


def _set(document: ElementTree.Element, path: str, text: str) -> None:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    for found in document.findall(f"{{{NAMESPACE}}}CstmrCdtTrfInitn/{steps}"):
        found.text = text
