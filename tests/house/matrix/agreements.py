"""Addresses of agreements and consents."""

from __future__ import annotations

from portal.consent_texts import current
from portal.states import ConsentKind
from tests.house.matrix import Row, only, signed_in

ADMIN = {**only("admin", gets=200), "other_admin": 404}
ADMIN_DOES = {**only("admin", gets=302), "other_admin": 404}

ROWS = [
    Row(
        name="agreement_signers",
        args=lambda world: [world.cohort.agreement_id, 1],
        expect=ADMIN,
    ),
    Row(
        name="agreement_signers_csv",
        args=lambda world: [world.cohort.agreement_id, 1],
        expect=ADMIN,
    ),
    Row(
        name="agreement_remind",
        method="POST",
        args=lambda world: [world.cohort.agreement_id],
        expect=ADMIN_DOES,
    ),
    Row(
        name="signature_pdf",
        args=lambda world: [world.artist.signatures.earliest("pk").pk],
        expect={**only("artist", "admin", gets=200), "other_admin": 404},
    ),
    Row(
        name="agreement_publish",
        method="POST",
        args=lambda world: [world.cohort.agreement_id],
        data=lambda world: {
            "body_en": "Other words.",
            "body_fr": "Autre texte.",
            "step": "preview",
        },
        expect=ADMIN,
    ),
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
