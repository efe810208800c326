"""Demo data: what work pays in the demo's cohort, and where its artists want their money."""

from __future__ import annotations

from django.utils import timezone

from payments.models import PayeeDetails, PayFloor, RateCard
from payments.services.floors import set_floor
from payments.services.payees import set_payee_details
from payments.services.rates import set_rate
from payments.session_states import Confirmer
from payments.states import PayeeMethod, RateKind
from portal import registry
from portal.models import Cohort, User

COHORT = "spring-residency"
RATES = {
    RateKind.BRIEF_CLIP: 40_00,
    RateKind.FEEDBACK: 25_00,
    RateKind.TESTING_SESSION: 22_50,
}
FLOOR = 20_00

# The accounts are the examples of the IBAN registry, which belong to nobody.
PAYEES = {
    "ada@demo.example": (PayeeMethod.IBAN, "Ada Okafor", "GB29 NWBK 6016 1331 9268 19"),
    "lucien@demo.example": (
        PayeeMethod.IBAN,
        "Lucien Moreau",
        "FR14 2004 1010 0505 0001 3M02 606",
    ),
}


def seed() -> None:
    """Safe to run again: what is there already stays."""
    cohort = Cohort.objects.filter(slug=COHORT).first()
    if cohort is not None:
        for kind, amount in RATES.items():
            if not RateCard.objects.filter(cohort=cohort, kind=kind).exists():
                set_rate(
                    actor=None,
                    cohort=cohort,
                    kind=kind,
                    amount_minor=amount,
                    currency=cohort.currency,
                    confirmed_by=Confirmer.ADMINS
                    if kind == RateKind.TESTING_SESSION
                    else Confirmer.NOBODY,
                )
        if not PayFloor.objects.filter(cohort=cohort).exists():
            set_floor(
                actor=None,
                cohort=cohort,
                amount_minor=FLOOR,
                currency=cohort.currency,
                month=timezone.localdate(),
            )
    for email, (method, holder, account) in PAYEES.items():
        artist = User.objects.filter(email=email).first()
        if artist is not None and not PayeeDetails.objects.filter(artist=artist).exists():
            set_payee_details(
                actor=artist, artist=artist, method=method, holder=holder, account=account
            )


registry.add_demo_seeder(seed, order=30)
