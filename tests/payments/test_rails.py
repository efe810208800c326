"""The files that payouts leave by, each with the stored keys, each the same when written again."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings
from sepaxml.validation import try_valid_xml

from payments import bic, iban
from payments.models import PayeeDetails, Payout
from payments.rails import RAILS, rail_of
from payments.rails.sepa import NAMESPACE, SCHEMA, plain
from payments.remittance_errors import RailRefuses
from payments.services.accrual import adjust
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, export
from payments.states import PayeeMethod, RailKind
from portal.models import Cohort, User
from tests.factories.payments import FR_IBAN, GB_IBAN, make_artist, make_draft, make_work
from tests.factories.portal import browser_of

pytestmark = pytest.mark.django_db

OWN_IBAN = "DE89370400440532013000"


@pytest.fixture(autouse=True)
def own_account(settings: Settings) -> None:
    settings.SEPA_NAME, settings.SEPA_IBAN = "Société Greenroom & Co", OWN_IBAN
    settings.SEPA_BIC = "COBADEFFXXX"


def give_iban(artist: User, account: str = GB_IBAN, holder: str = "Ada Okafor") -> None:
    set_payee_details(
        actor=artist, artist=artist, method=PayeeMethod.IBAN, holder=holder, account=account
    )


def rewritten(payout: Payout) -> str:
    """The file made again from what is stored."""
    stored = Payout.objects.get(pk=payout.pk)
    rows = list(stored.remittances.select_related("artist").order_by("artist"))
    return rail_of(stored.rail).write(stored, rows)


def german_iban(number: int) -> str:
    """A valid one that belongs to nobody: bank 00000000 does not exist."""
    body = f"{0:08d}{number:010d}"
    check = 98 - int(f"{body}131400") % 97
    return f"DE{check:02d}{body}"


def test_sepa_for_three_hundred_artists(cohort: Cohort, admin: User, second_admin: User) -> None:
    artists = User.objects.bulk_create(
        User(email=f"artist{number}@example.org", name=f"Zoë {number}") for number in range(300)
    )
    details = []
    for number, artist in enumerate(artists):
        row = PayeeDetails(artist=artist, method=PayeeMethod.IBAN, holder=f"Zoë & Łukasz {number}")
        row.account = german_iban(number)
        details.append(row)
        adjust(
            actor=admin,
            artist=artist,
            cohort=cohort,
            amount_minor=100 + number,
            currency="EUR",
            reason="a test",
        )
    PayeeDetails.objects.bulk_create(details)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    payout = export(actor=admin, payout=payout, rail=RailKind.SEPA)

    body = payout.export.body
    try_valid_xml(body.encode(), SCHEMA)
    assert rewritten(payout) == body
    document = ElementTree.fromstring(body)  # noqa: S314 - our own
    named = {"p": NAMESPACE}
    total = sum(100 + number for number in range(300))
    for group in document.findall(".//p:GrpHdr", named) + document.findall(".//p:PmtInf", named):
        assert group.findtext("p:NbOfTxs", namespaces=named) == "300"
        assert group.findtext("p:CtrlSum", namespaces=named) == f"{total / 100:.2f}"
    message_id = f"{payout.reference}-{payout.idempotency_key.hex[:12]}"
    assert document.findtext(".//p:MsgId", namespaces=named) == message_id
    assert document.findtext(".//p:Dbtr/p:Nm", namespaces=named) == "Societe Greenroom Co"
    assert document.findtext(".//p:DbtrAcct//p:IBAN", namespaces=named) == OWN_IBAN
    assert document.findtext(".//p:DbtrAgt//p:BICFI", namespaces=named) == "COBADEFFXXX"
    read = [
        (
            found.findtext("p:PmtId/p:EndToEndId", namespaces=named),
            found.findtext("p:CdtrAcct//p:IBAN", namespaces=named),
            found.findtext("p:Cdtr/p:Nm", namespaces=named),
            found.findtext("p:Amt/p:InstdAmt", namespaces=named),
        )
        for found in document.findall(".//p:CdtTrfTxInf", named)
    ]
    keys = dict(payout.remittances.values_list("artist", "key"))
    assert read == [
        (
            keys[artist.pk],
            german_iban(number),
            f"Zoe Lukasz {number}",
            f"{(100 + number) / 100:.2f}",
        )
        for number, artist in enumerate(artists)
    ]


def test_what_sepa_cannot_carry(
    cohort: Cohort,
    artist: User,
    other_artist: User,
    admin: User,
    second_admin: User,
    settings: Settings,
) -> None:
    give_iban(artist)
    third = make_artist(cohort, "Mina")
    give_iban(third, "BR1500000000000010932840814P2")
    for person in (artist, other_artist, third):
        make_work(person, cohort, 10_00)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))

    with pytest.raises(RailRefuses, match="2 artists: Lucien Moreau, Mina"):
        export(actor=admin, payout=payout, rail=RailKind.SEPA)
    payout.refresh_from_db()
    assert (payout.state, payout.remittances.count()) == ("approved", 0)
    browser, url = browser_of(admin), f"/programme/payouts/{payout.pk}/"
    page = browser.get(url).content.decode()
    assert "SEPA cannot reach 2 artists" in page
    assert 'value="csv"' in page
    assert 'value="sepa"' not in page
    assert browser.post(f"{url}export/", {"rail": "carrier pigeon"}).status_code == 404

    give_iban(other_artist, FR_IBAN)
    PayeeDetails.objects.filter(artist=third).delete()
    give_iban(third, GB_IBAN)
    for name, wrong, said in (
        ("SEPA_IBAN", "", "not set"),
        ("SEPA_IBAN", "DE88370400440532013000", "no valid IBAN"),
        ("SEPA_BIC", "COBAFRPPXXX", "no valid BIC"),
    ):
        before = getattr(settings, name)
        setattr(settings, name, wrong)
        with pytest.raises(RailRefuses, match=said):
            export(actor=admin, payout=payout, rail=RailKind.SEPA)
        setattr(settings, name, before)
    export(actor=admin, payout=payout, rail=RailKind.SEPA)
    file = browser.get(f"{url}file/")
    assert file["Content-Type"] == "application/xml; charset=utf-8"
    assert f"{payout.reference}.xml" in file["Content-Disposition"]
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Payout.objects.update(rail="csv")


def test_other_currencies_and_ways(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    cohort.currency = "JPY"
    cohort.save()
    give_iban(artist, FR_IBAN, "Ada\nOkafor")
    make_work(artist, cohort, 1_200)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    with pytest.raises(RailRefuses, match="euros alone"):
        export(actor=admin, payout=payout, rail=RailKind.SEPA)
    payout = export(actor=admin, payout=payout, rail=RailKind.MANUAL)

    row = payout.remittances.get()
    assert payout.export.body == (
        f"payout: {payout.reference}\ntotal: 1200 JPY\n\n"
        "payee: Ada Okafor\naccount: FR14 2004 1010 0505 0001 3M02 606\n"
        f"amount: 1200 JPY\nkey: {row.key}\n"
    )
    assert rewritten(payout) == payout.export.body
    assert set(RAILS) == set(RailKind)


def test_letters_and_codes() -> None:
    assert plain("Łukasz Żółć & Søn_@", 70) == "Lukasz Zolc Son"
    assert plain("x" * 80, 70) == "x" * 70
    assert plain("☃", 70) == ""
    assert bic.is_valid("COBADEFF", country="DE")
    for wrong in ("COBADEF", "COBADEFFXX", "cobadeff", "C0BADEFF"):
        assert not bic.is_valid(wrong, country="DE")
    assert iban.is_valid(german_iban(7))
