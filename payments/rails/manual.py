"""A list to pay from by hand, one transfer after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from payments.iban import grouped
from payments.rails.base import Rail
from payments.states import PayeeMethod, RailKind
from portal.templatetags.greenroom import decimal_amount

if TYPE_CHECKING:
    from payments.models import Payout, Remittance


class ManualRail(Rail):
    """Field names stay English, as in the CSV: the file must not depend on who wrote it."""

    kind = RailKind.MANUAL
    media_type = "text/plain; charset=utf-8"
    suffix = "txt"

    def refusal(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        return ""

    def write(self, payout: Payout, remittances: Sequence[Remittance]) -> str:
        total = decimal_amount(payout.total_minor, payout.currency)
        blocks = [f"payout: {payout.reference}\ntotal: {total} {payout.currency}\n"]
        for row in remittances:
            account = grouped(row.account) if row.method == PayeeMethod.IBAN else row.account
            lines = [
                f"payee: {_one_line(row.holder or row.artist.name)}",
                f"account: {account or '-'}",
                f"amount: {decimal_amount(row.amount_minor, row.currency)} {row.currency}",
                f"key: {row.key}",
            ]
            blocks.append("\n".join(lines) + "\n")
        return "\n".join(blocks)


def _one_line(text: str) -> str:
    return " ".join(text.split())
