"""Demo data: what work pays in the demo's cohort, where its artists want their money, and a payout.

Of the payout one transfer arrived and nobody knows of the other, so that the pages of finance have
something to clear.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.utils import timezone

from payments import queries
from payments.models import Feedback, MoneyBudget, PayeeDetails, PayFloor, Payout, RateCard
from payments.services import payouts, remittances
from payments.services.budgets import set_budget
from payments.services.feedback import Report, file_feedback
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

BUDGET = 12_000_00

# Who wrote what, in how many minutes; the first of each is in the payout.
REPORTS = (
    ("ada@demo.example", "Boats at dusk, with twelve seeds.", "Masts bend when they turn.", 45),
    ("lucien@demo.example", "Un ballon qui monte, image par image.", "Le ciel tremble.", 60),
)
LATER = (
    ("ada@demo.example", "The same boats at noon.", "Much steadier in hard light.", 30),
    ("lucien@demo.example", "La neige, de nuit.", "Les flocons se figent à la fin.", 40),
)


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
    if cohort is not None:
        _money(cohort)


def _money(cohort: Cohort) -> None:
    """A budget, some work, and a payout of the first of it by the demo's two finance admins."""
    alba, anselm = (
        User.objects.filter(email=f"{name}@demo.example").first() for name in ("alba", "anselm")
    )
    if alba is None or anselm is None or Payout.objects.filter(cohort=cohort).exists():
        return
    if not MoneyBudget.objects.filter(cohort=cohort).exists():
        set_budget(actor=alba, cohort=cohort, amount_minor=BUDGET, currency=cohort.currency)
    # Where three different people are asked for, the demo has one too few.
    if settings.PAYOUT_PEOPLE > 2 or Feedback.objects.filter(cohort=cohort).exists():
        return
    _file(cohort, REPORTS)
    shares = queries.owed_shares(cohort=cohort, currency=cohort.currency)
    payout = payouts.draft_payout(
        actor=alba,
        cohort=cohort,
        currency=cohort.currency,
        expected={share.artist.pk: share.total_minor for share in shares if share.payable},
        through=queries.newest_owed(cohort=cohort, currency=cohort.currency),
        idempotency_key=uuid.uuid4(),
    )
    payouts.approve(actor=anselm, payout=payout)
    payouts.export(actor=alba, payout=payout)
    payouts.mark_sent(actor=alba, payout=payout)
    for sent in payout.remittances.select_related("artist"):
        if sent.artist.email == REPORTS[0][0]:
            remittances.settle(actor=alba, remittance=sent, bank_reference="Statement 1")
        else:
            remittances.lose_sight(actor=alba, remittance=sent)
    _file(cohort, LATER)


def _file(cohort: Cohort, reports: tuple[tuple[str, str, str, int], ...]) -> None:
    for email, tried, happened, minutes in reports:
        author = User.objects.filter(email=email).first()
        if author is not None:
            written = Report(
                cohort=cohort,
                model_key=cohort.models_on_offer[0],
                tried=tried,
                happened=happened,
                minutes=minutes,
            )
            file_feedback(actor=author, report=written, token=uuid.uuid4())


registry.add_demo_seeder(seed, order=30)
