"""Addresses of agreements and consents."""

from __future__ import annotations

from portal.consent_texts import current
from portal.states import ConsentKind
from tests.house.matrix import Row, signed_in

ROWS = [
    Row(name="consents", expect=signed_in(200)),
    Row(
        name="consent_change",
        method="POST",
        args=lambda world: ["sharing", "give"],
        data=lambda world: {"sha256": current(ConsentKind.SHARING).sha256},
        expect=signed_in(302),
    ),
    Row(
        name="consent_change",
        method="POST",
        args=lambda world: ["sharing", "withdraw"],
        expect=signed_in(302),
    ),
    Row(
        name="consent_change",
        method="POST",
        args=lambda world: ["everything", "give"],
        expect=signed_in(404),
    ),
]
