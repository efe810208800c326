from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from payments.errors import BadPayeeDetails
from payments.models import PayeeDetails
from payments.services.payees import set_payee_details
from payments.states import PayeeMethod
from portal.models import AuditEntry, User
from tests.factories.payments import GB_IBAN

pytestmark = pytest.mark.django_db


def set_iban(artist: User, account: str = "gb29 nwbk 6016 1331 9268 19") -> PayeeDetails:
    return set_payee_details(
        actor=artist,
        artist=artist,
        method=PayeeMethod.IBAN,
        holder="  Ada   Okafor ",
        account=account,
    )


def test_an_iban_is_kept_compact_and_sealed(artist: User) -> None:
    details = set_iban(artist)

    details.refresh_from_db()
    assert (details.holder, details.account) == ("Ada Okafor", GB_IBAN)
    assert details.account_hint == "GB29 •••• 6819"
    with connection.cursor() as cursor:
        cursor.execute("SELECT payments_payeedetails::text FROM payments_payeedetails")
        assert GB_IBAN not in cursor.fetchone()[0]


def test_a_change_replaces_the_account_and_is_audited_without_it(artist: User) -> None:
    set_iban(artist)
    details = set_payee_details(
        actor=artist,
        artist=artist,
        method=PayeeMethod.PAYPAL,
        holder="Ada Okafor",
        account="Ada@Example.org ",
    )

    assert PayeeDetails.objects.count() == 1
    assert (details.account, details.account_hint) == ("ada@example.org", "ad•••@example.org")
    entry = AuditEntry.objects.filter(action="payee.changed").order_by("-id")[0]
    assert entry.before == {"method": "iban", "account": "GB29 •••• 6819"}
    assert entry.after == {
        "method": "paypal",
        "account": "ad•••@example.org",
        "usable_from": details.usable_from and details.usable_from.isoformat(),
    }


@pytest.mark.parametrize(
    ("method", "holder", "account", "field"),
    [
        (PayeeMethod.IBAN, "Ada", "GB29 NWBK 6016 1331 9268 18", "iban"),
        (PayeeMethod.IBAN, "Ada", "", "iban"),
        (PayeeMethod.PAYPAL, "Ada", "not an address", "paypal_email"),
        (PayeeMethod.PAYPAL, " ", "ada@example.org", "holder"),
    ],
)
def test_what_cannot_be_paid_is_refused(
    artist: User, method: PayeeMethod, holder: str, account: str, field: str
) -> None:
    with pytest.raises(BadPayeeDetails) as refused:
        set_payee_details(
            actor=artist, artist=artist, method=method, holder=holder, account=account
        )
    assert refused.value.field == field
    assert not PayeeDetails.objects.exists()


@pytest.mark.parametrize("change", [{"holder": ""}, {"account_sealed": ""}, {"method": "cash"}])
def test_the_database_refuses_half_an_account(artist: User, change: dict[str, str]) -> None:
    details = set_iban(artist)

    with pytest.raises(IntegrityError, match="payee_"), transaction.atomic():
        PayeeDetails.objects.filter(pk=details.pk).update(**change)
