"""A table for a bank, or a payment service, that reads CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from payments.rails.base import Rail
from payments.states import RailKind
from payments.tables import Amount, csv_text
from portal.templatetags.greenroom import decimal_amount

if TYPE_CHECKING:
    from payments.models import Payout, Remittance

HEADER = (
    *("payout", "payee", "method", "account", "amount", "currency", "artist", "email", "key"),
)
BY_HAND = "by hand"


class CsvRail(Rail):
    kind = RailKind.CSV
    media_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def refusal(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        return ""

    def write(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        return csv_text(
            HEADER,
            [
                (
                    payout.reference,
                    row.holder or row.artist.name,
                    row.method or BY_HAND,
                    row.account,
                    Amount(decimal_amount(row.amount_minor, row.currency)),
                    row.currency,
                    row.artist.name,
                    row.artist.email,
                    row.key,
                )
                for row in remittances
            ],
        )
