"""What changed since a payout was drafted, as those who move it on read it."""

from __future__ import annotations

import pytest
from django.test import Client

from payments import changes
from payments.services.accrual import correct_work
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, export, mark_sent
from payments.states import PayeeMethod
from portal.models import Cohort, User
from tests.factories.payments import GB_IBAN, make_admin, make_artist, make_draft, make_work

pytestmark = pytest.mark.django_db


def test_they_are_shown_until_it_is_sent(
    cohort: Cohort,
    artist: User,
    other_artist: User,
    admin: User,
    second_admin: User,
    second_admin_client: Client,
) -> None:
    paid = make_work(artist, cohort, 25_00)
    make_work(other_artist, cohort, 40_00)
    untouched = make_artist(cohort, "Untouched")
    make_work(untouched, cohort, 7_00)
    payout = make_draft(admin, cohort)
    url = f"/programme/payouts/{payout.pk}/"
    assert changes.since_draft(payout) == []
    assert "Changed since the draft" not in second_admin_client.get(url).content.decode()

    make_work(artist, cohort, 11_00)
    correct_work(actor=admin, work=paid, reason="filed twice")
    make_work(make_artist(cohort, "Newcomer"), cohort, 9_00)
    set_payee_details(
        actor=other_artist,
        artist=other_artist,
        method=PayeeMethod.IBAN,
        holder="L. Moreau",
        account=GB_IBAN,
    )

    first, second = changes.since_draft(payout)
    assert (first.artist, first.drafted_minor, first.added_minor, first.taken_minor) == (
        artist,
        25_00,
        11_00,
        -25_00,
    )
    assert (first.corrected, first.payee_at, first.would_be_minor) == (1, None, 11_00)
    assert (second.artist, second.would_be_minor, second.corrected) == (other_artist, 40_00, 0)
    assert second.payee_at == other_artist.payee_details.updated_at
    page = second_admin_client.get(url).content.decode()
    for words in ("Changed since the draft", "1 line of this payout was corrected", "€11.00"):
        assert words in page
    assert "Payment details changed:" in page

    approve(actor=second_admin, payout=payout)
    payout = export(actor=admin, payout=payout)
    page = second_admin_client.get(url).content.decode()
    assert "The file holds the accounts as they were" in page
    assert "You approved this payout, so another finance admin has to send it." in page
    assert f"{url}sent/" not in page
    assert changes.since_draft(mark_sent(actor=make_admin(), payout=payout)) == []
