"""Who is not paid now: a hold, an account that was changed lately, too little to be sent."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.utils import timezone
from pytest_django import Settings

from payments.errors import ReasonMissing
from payments.minimums import minimum_of
from payments.models import PayeeDetails, PayHold
from payments.payee_errors import HeldAlready, OwnHold, PayeeWaits
from payments.services.holds import lift, place
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, draft_payout, export
from payments.states import PayeeMethod
from portal.models import AuditEntry, Cohort, EmailChange, Notification, OutgoingMail, User
from tests.factories.payments import FR_IBAN, GB_IBAN, make_draft, make_work
from tests.factories.portal import browser_of

pytestmark = pytest.mark.django_db


def give(artist: User, account: str, method: PayeeMethod = PayeeMethod.IBAN) -> PayeeDetails:
    return set_payee_details(
        actor=artist, artist=artist, method=method, holder=artist.name, account=account
    )


def test_a_changed_account_waits_and_the_old_addresses_are_told(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    lately = timezone.now() - timedelta(days=2)
    EmailChange.objects.create(
        user=artist,
        old="ada.before@example.org",
        new=artist.email,
        old_token_hash="a",
        new_token_hash="b",
        expires_at=timezone.now(),
        old_confirmed_at=lately,
        new_confirmed_at=lately,
        done_at=lately,
    )
    make_work(artist, cohort, 25_00)
    assert give(artist, "ada@pay.example", PayeeMethod.PAYPAL).cooling_until is None
    told = OutgoingMail.objects.filter(subject="Your payment details were changed")
    assert not told.exists(), "the first account replaces nobody's"
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    details = give(artist, GB_IBAN)

    assert details.cooling_until is not None
    waits = details.cooling_until - timezone.now()
    assert timedelta(hours=71, minutes=59) < waits <= timedelta(hours=72)
    assert sorted(told.values_list("to", flat=True)) == [
        "Ada Okafor <ada.before@example.org>",
        "Ada Okafor <ada@example.org>",
        "Ada Okafor <ada@pay.example>",
    ]
    assert "GB29 •••• 6819" in Notification.objects.get(kind="payee.changed").text
    history = AuditEntry.objects.filter(action="payee.changed").order_by("-id")[0]
    assert GB_IBAN not in str(history.after)
    with pytest.raises(PayeeWaits, match="Ada Okafor"):
        export(actor=admin, payout=payout)
    assert (
        "Your new account waits a little" in browser_of(artist).get("/earnings/").content.decode()
    )

    give(artist, GB_IBAN)
    PayeeDetails.objects.update(usable_from=timezone.now())
    export(actor=admin, payout=payout)
    assert payout.remittances.get().account_hint == "GB29 •••• 6819"
    assert told.count() == 3, "the same account again is no change"


def test_it_waits_at_the_draft(cohort: Cohort, artist: User, admin: User) -> None:
    work = make_work(artist, cohort, 25_00)
    give(artist, GB_IBAN)
    give(artist, FR_IBAN)
    page = browser_of(admin).get(f"/programme/payouts/new/?cohort={cohort.slug}").content.decode()
    assert "new account, waits until" in page
    assert "disabled" in page
    with pytest.raises(PayeeWaits):
        draft_payout(
            actor=admin,
            cohort=cohort,
            currency="EUR",
            expected={artist.pk: 25_00},
            through=work.pk,
            idempotency_key=uuid.uuid4(),
        )


def test_changing_details_asks_who_it_is(artist: User) -> None:
    browser = browser_of(artist)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1, "email": "x"}]
    session.save()
    fields = {"method": "iban", "holder": "Mallory", "iban": GB_IBAN}
    assert "reauthenticate" in browser.post("/earnings/payee/", fields)["Location"]
    assert not PayeeDetails.objects.exists()


def test_a_hold_is_told_in_words_and_lifted_by_somebody_else(
    cohort: Cohort, artist: User, admin: User, second_admin: User
) -> None:
    make_work(artist, cohort, 25_00)
    payout = approve(actor=second_admin, payout=make_draft(admin, cohort))
    browser = browser_of(admin)
    page = "/programme/payouts/holds/"
    empty = browser.post(page, {"person": artist.pk, "reason": " "})
    assert empty.status_code == 400
    said = "We are asking your bank about this account"
    assert browser.post(page, {"person": artist.pk, "reason": said}).status_code == 302
    assert said in browser.get(page).content.decode()
    assert said in browser_of(artist).get("/earnings/").content.decode()
    assert f"{said}. What you are owed" in Notification.objects.get(kind="hold.placed").text
    with pytest.raises(HeldAlready):
        place(actor=admin, person=artist, reason="again")
    with pytest.raises(ReasonMissing):
        place(actor=admin, person=second_admin, reason="")
    with pytest.raises(PayeeWaits):
        export(actor=admin, payout=payout)
    shown = browser.get(f"/programme/payouts/{payout.pk}/").content.decode()
    assert "Ada Okafor cannot be paid at the moment" in shown
    assert "Write the file<" not in shown
    hold = PayHold.objects.get()
    with pytest.raises(OwnHold):
        lift(actor=artist, hold=hold)
    with pytest.raises(DatabaseError, match="one_at_a_time"), transaction.atomic():
        PayHold.objects.create(person=artist, reason="x", placed_by=admin)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        PayHold.objects.update(reason="nothing")
    for _click in range(2):
        assert browser.post(f"{page}{hold.pk}/lift/").status_code == 302
    assert Notification.objects.filter(kind="hold.lifted").count() == 1
    export(actor=admin, payout=payout)


def test_little_is_left_for_the_next_payout_unless_it_is_ticked(
    cohort: Cohort, artist: User, other_artist: User, admin: User, settings: Settings
) -> None:
    settings.PAYOUT_MINIMUMS = ["EUR:20", "BHD:1.005", "JPY:500"]
    assert [minimum_of(code) for code in ("EUR", "BHD", "JPY", "USD")] == [20_00, 1_005, 500, 0]
    make_work(artist, cohort, 19_99)
    make_work(other_artist, cohort, 20_00)
    page = browser_of(admin).get(f"/programme/payouts/new/?cohort={cohort.slug}").content.decode()
    assert "below €20.00, left out unless you tick it" in page
    assert page.count("checked") == 1
    assert "Payouts begin at €20.00" in browser_of(artist).get("/earnings/").content.decode()
    assert make_draft(admin, cohort).total_minor == 39_99
    for wrong in ("EUR", "EUR:x", "EUR:1.001", "XXX:5", "EUR:-1"):
        settings.PAYOUT_MINIMUMS = [wrong]
        with pytest.raises(ImproperlyConfigured, match="GREENROOM_PAYOUT_MINIMUM"):
            minimum_of("EUR")
