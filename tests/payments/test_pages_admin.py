"""What admins see and do: rates, triage, payouts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payments.models import Payout, PayoutExport, RateCard
from payments.queries import liability_of
from payments.services.accrual import correct_work
from payments.states import TriageStatus
from portal.models import Cohort, User
from portal.states import Role
from tests.factories.payments import (
    make_draft,
    make_feedback,
    make_rate,
    make_work,
)
from tests.factories.portal import make_cohort, make_person

pytestmark = pytest.mark.django_db


def draft_form(client: Client, cohort: Cohort) -> dict[str, object]:
    """What the browser sends from the page as it is."""
    page = client.get("/programme/payouts/new/", {"cohort": cohort.slug}).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    chosen = re.findall(r'name="pay" value="([\d:]+)" checked', page)
    return {**hidden, "pay": chosen}


class TestRates:
    def test_a_new_rate_begins_and_the_old_one_stays(
        self, cohort: Cohort, admin_client: Client
    ) -> None:
        make_rate(cohort, amount_minor=40_00)
        response = admin_client.post(
            f"/programme/cohorts/{cohort.slug}/rates/",
            {
                "kind": "brief_clip",
                "amount": "45.50",
                "effective_from": timezone.localdate().isoformat(),
                "cap_count": "3",
                "cap_period": "week",
            },
        )

        assert response.status_code == 302
        newest = RateCard.objects.get(version=2)
        assert (newest.amount_minor, newest.cap_count, newest.cap_period) == (45_50, 3, "week")
        page = admin_client.get(f"/programme/cohorts/{cohort.slug}/rates/").content.decode()
        assert "€45.50" in page
        assert "€40.00" in page

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"amount": "-1"}, "above zero"),
            ({"amount": "0"}, "above zero"),
            ({"amount": "1.005"}, "2 decimal places"),
            ({"amount": ""}, "required"),
            ({"effective_from": "2020-01-01"}, "cannot begin in the past"),
            ({"cap_count": "3"}, "both a number and a period"),
            ({"kind": "approved_clip"}, "not one of the available choices"),
        ],
    )
    def test_what_is_no_rate(
        self, cohort: Cohort, admin_client: Client, change: dict[str, str], said: str
    ) -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        form = {
            "kind": "feedback",
            "amount": "25",
            "effective_from": tomorrow.isoformat(),
            "cap_period": "none",
        }
        response = admin_client.post(f"/programme/cohorts/{cohort.slug}/rates/", {**form, **change})

        assert response.status_code == 400
        assert said in response.content.decode()
        assert not RateCard.objects.exists()

    @pytest.mark.parametrize(
        ("currency", "refused", "typed", "minor", "shown"),
        [
            ("JPY", "10.5", "4000", 4000, "¥4,000"),
            ("BHD", "10.1255", "10.125", 10_125, "BHD\u00a010.125"),
        ],
    )
    def test_currencies_of_none_and_of_three_decimals(
        self,
        admin: User,
        admin_client: Client,
        currency: str,
        refused: str,
        typed: str,
        minor: int,
        shown: str,
    ) -> None:
        cohort = make_cohort("Tokyo", actor=admin, currency=currency)
        url = f"/programme/cohorts/{cohort.slug}/rates/"
        form = {
            "kind": "feedback",
            "effective_from": timezone.localdate().isoformat(),
            "cap_period": "none",
        }

        assert admin_client.post(url, {**form, "amount": refused}).status_code == 400
        assert admin_client.post(url, {**form, "amount": typed}).status_code == 302
        assert RateCard.objects.get().amount_minor == minor
        assert shown in admin_client.get(url).content.decode()


class TestFeedback:
    def test_admins_read_and_say_what_became_of_it(
        self, cohort: Cohort, artist: User, artist_client: Client, admin_client: Client
    ) -> None:
        filed = make_feedback(artist, cohort, tried="This tool is exploitative")
        assert "This tool is exploitative" in admin_client.get("/work/feedback/").content.decode()
        admin_client.post(
            f"/work/feedback/{filed.pk}/triage/", {"outcome": "planned", "note": "You are right"}
        )

        page = artist_client.get(f"/work/feedback/{filed.pk}/").content.decode()
        assert "Planned" in page
        assert "You are right" in page

    def test_filters(self, cohort: Cohort, artist: User, admin_client: Client) -> None:
        make_feedback(artist, cohort, tried="Fog over the harbour")
        for query, found in (
            ("status=new", True),
            (f"status={TriageStatus.READ}", False),
            (f"cohort={cohort.slug}&model=starter", True),
            ("cohort=nowhere&model=nothing&page=99", True),
        ):
            page = admin_client.get(f"/work/feedback/?{query}").content.decode()
            assert ("Fog over the harbour" in page) is found

    def test_an_admin_of_another_cohort_does_not_see_it(
        self, cohort: Cohort, artist: User, signed_in: Callable[[User], Client]
    ) -> None:
        filed = make_feedback(artist, cohort)
        client = signed_in(make_person(role=Role.ADMIN, cohort=make_cohort()))

        assert client.get(f"/work/feedback/{filed.pk}/").status_code == 404
        assert client.post(f"/work/feedback/{filed.pk}/triage/", {}).status_code == 404


class TestPayouts:
    def test_from_what_is_owed_to_a_paid_artist(
        self,
        cohort: Cohort,
        artist: User,
        other_artist: User,
        admin_client: Client,
        second_admin_client: Client,
    ) -> None:
        make_work(artist, cohort, 25_00)
        make_work(other_artist, cohort, 40_00)
        form = draft_form(admin_client, cohort)
        assert form["pay"] == [f"{artist.pk}:2500", f"{other_artist.pk}:4000"]
        page = admin_client.post("/programme/payouts/new/", form, follow=True).content.decode()
        assert "€65.00" in page
        assert "another finance admin has to approve it" in page

        payout = Payout.objects.get()
        base = f"/programme/payouts/{payout.pk}"
        for client, verb in (
            (second_admin_client, "approve"),
            (admin_client, "export"),
            (admin_client, "sent"),
        ):
            for _click in range(2):
                client.post(f"{base}/{verb}/")
        payout.refresh_from_db()
        assert payout.state == "sent"
        file = admin_client.get(f"{base}/file/")
        assert file.content == PayoutExport.objects.get().body.encode()
        assert f"{payout.reference}.csv" in file["Content-Disposition"]
        assert liability_of(artist, "EUR") == liability_of(other_artist, "EUR") == 0

    def test_a_double_click_drafts_once(
        self, cohort: Cohort, artist: User, admin_client: Client
    ) -> None:
        make_work(artist, cohort)
        form = draft_form(admin_client, cohort)
        first = admin_client.post("/programme/payouts/new/", form)
        second = admin_client.post("/programme/payouts/new/", form)

        assert first["Location"] == second["Location"]
        assert Payout.objects.count() == 1

    def test_figures_that_changed_are_shown_again(
        self, cohort: Cohort, artist: User, admin: User, admin_client: Client
    ) -> None:
        work = make_work(artist, cohort, 25_00)
        make_work(artist, cohort, 5_00)
        form = draft_form(admin_client, cohort)
        correct_work(actor=admin, work=work, reason="by mistake")
        # The correction is newer than the page, so only what it takes off would be missed.
        form["through"] = str(10**6)
        response = admin_client.post("/programme/payouts/new/", form)

        assert response.status_code == 409
        page = response.content.decode()
        assert "has changed since this page was opened" in page
        assert f"{artist.pk}:500" in page
        assert not Payout.objects.exists()

    @pytest.mark.parametrize("pay", [["x"], ["1:-5"], ["1"], ["1:2:3"]])
    def test_a_tampered_form_is_refused(
        self, cohort: Cohort, artist: User, admin_client: Client, pay: list[str]
    ) -> None:
        make_work(artist, cohort)
        form = {**draft_form(admin_client, cohort), "pay": pay}

        assert admin_client.post("/programme/payouts/new/", form).status_code == 400
        assert not Payout.objects.exists()

    def test_nobody_chosen(self, cohort: Cohort, artist: User, admin_client: Client) -> None:
        make_work(artist, cohort)
        form = {**draft_form(admin_client, cohort), "pay": []}

        assert admin_client.post("/programme/payouts/new/", form).status_code == 409

    def test_the_drafter_is_told_why_not(
        self, cohort: Cohort, artist: User, admin: User, admin_client: Client
    ) -> None:
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        page = admin_client.get(f"/programme/payouts/{payout.pk}/").content.decode()
        assert f"/programme/payouts/{payout.pk}/approve/" not in page

        answer = admin_client.post(f"/programme/payouts/{payout.pk}/approve/", follow=True)
        assert "You drafted this payout" in answer.content.decode()
        payout.refresh_from_db()
        assert payout.state == "draft"

    def test_cancelling_an_approved_payout_asks_why(
        self,
        cohort: Cohort,
        artist: User,
        admin: User,
        admin_client: Client,
        second_admin_client: Client,
    ) -> None:
        make_work(artist, cohort)
        payout = make_draft(admin, cohort)
        url = f"/programme/payouts/{payout.pk}/cancel/"
        second_admin_client.post(f"/programme/payouts/{payout.pk}/approve/")
        refused = admin_client.post(url, {"reason": ""})
        assert refused.status_code == 400
        assert "Please say why." in refused.content.decode()

        admin_client.post(url, {"reason": "wrong month"})
        payout.refresh_from_db()
        assert (payout.state, payout.cancel_reason) == ("cancelled", "wrong month")

    def test_missing_payment_details_are_pointed_out(
        self, cohort: Cohort, artist: User, admin_client: Client
    ) -> None:
        make_work(artist, cohort)
        page = admin_client.get("/programme/payouts/new/", {"cohort": cohort.slug})

        assert "1 artist has given no payment details" in page.content.decode()

    def test_an_admin_of_another_cohort_sees_nothing(
        self, cohort: Cohort, artist: User, admin: User, signed_in: Callable[[User], Client]
    ) -> None:
        make_work(artist, cohort, 25_00)
        payout = make_draft(admin, cohort)
        client = signed_in(make_person(role=Role.ADMIN, cohort=make_cohort()))

        assert client.get(f"/programme/payouts/{payout.pk}/").status_code == 404
        assert client.post(f"/programme/payouts/{payout.pk}/approve/").status_code == 404
        assert payout.reference not in client.get("/programme/payouts/").content.decode()
        assert client.get(f"/programme/cohorts/{cohort.slug}/rates/").status_code == 404

    def test_the_list_asks_as_many_questions_for_one_payout_as_for_three(
        self,
        cohort: Cohort,
        artist: User,
        admin: User,
        admin_client: Client,
    ) -> None:
        admin_client.get("/programme/payouts/")
        counts = []
        for more in (1, 2):
            for _payout in range(more):
                make_work(artist, cohort)
                make_draft(admin, cohort)
            with CaptureQueriesContext(connection) as queries:
                admin_client.get("/programme/payouts/")
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestManyLines:
    def test_a_draft_may_name_thousands_of_artists(
        self, cohort: Cohort, artist: User, admin_client: Client
    ) -> None:
        make_work(artist, cohort, 11_00)
        form = draft_form(admin_client, cohort)
        others = [f"{artist.pk + number}:1000" for number in range(1, 5_000)]
        answer = admin_client.post(
            "/programme/payouts/new/", {**form, "pay": [f"{artist.pk}:1100", *others]}
        )

        # They were read; that nothing is owed to the others is another matter.
        assert answer.status_code == 409
        assert "has changed since this page was opened" in answer.content.decode()

    def test_a_payout_shows_its_artists_page_by_page(
        self,
        cohort: Cohort,
        artist: User,
        other_artist: User,
        admin: User,
        admin_client: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("payments.views.payouts.SHARES", 1)
        make_work(artist, cohort, 11_00)
        make_work(other_artist, cohort, 22_00)
        payout = make_draft(admin, cohort)
        first, second = (
            admin_client.get(f"/programme/payouts/{payout.pk}/?page={page}").content.decode()
            for page in (1, 2)
        )

        assert artist.email in first
        assert other_artist.email not in first
        assert other_artist.email in second
        for page in (first, second):
            assert "€33.00" in page
            assert "2 artists" in page
