"""The waiting list: who may apply, what strangers learn, and what admins do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation

from portal import application_forms
from portal.application_errors import ApplicationsClosed, ApplicationUnknown
from portal.errors import NotAllowed
from portal.models import (
    Application,
    ApplicationCall,
    AuditEntry,
    Cohort,
    Invitation,
    Notification,
    OutgoingMail,
    User,
)
from portal.services import applications, cohorts
from portal.states import CohortState, Role
from tests.factories.applications import apply_for, last_mail, make_application, open_call
from tests.factories.portal import browser_of, make_cohort, make_person
from tests.portal.test_races import at_once

pytestmark = pytest.mark.django_db

HERE = "/apply/spring-residency/"
LIST = "/programme/cohorts/spring-residency/applications/"
TYPED = {
    "name": "Nour Haddad",
    "email": " Nour@Example.org ",
    "links": "https://nour.example/films\n\nhttps://video.example/nour",
    "note": "A sea that remembers.",
}


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def call(cohort: Cohort, admin: User) -> ApplicationCall:
    return open_call(cohort, actor=admin)


@pytest.fixture
def fill_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Open the page, wait as long as people do, and send it."""
    monkeypatch.setattr(application_forms, "QUICKEST_SECONDS", 0)

    def fill(**changes: str) -> Any:
        stamp = client.get(HERE).context["form"].stamp
        return client.post(HERE, {**TYPED, "began": stamp, **changes})

    return fill


class TestCall:
    def test_nobody_can_apply_unless_it_is_switched_on(
        self, client: Client, cohort: Cohort, admin: User
    ) -> None:
        assert client.get(HERE).status_code == 404
        assert client.post(HERE, TYPED).status_code == 404
        assert client.get("/apply/nowhere/").status_code == 404
        with pytest.raises(ApplicationsClosed):
            apply_for(cohort)
        open_call(cohort, actor=admin)
        assert "Spring residency" in client.get(HERE).text
        open_call(cohort, actor=admin, is_open=False)
        assert client.get(HERE).status_code == 404

    def test_outside_its_days_it_says_so(self, client: Client, cohort: Cohort, admin: User) -> None:
        today = timezone.localdate()
        days = [
            (today + timedelta(days=2), today + timedelta(days=3), "Come back on"),
            (today - timedelta(days=3), today - timedelta(days=1), "Applications are closed."),
        ]
        for first, last, said in days:
            open_call(cohort, actor=admin, opens_on=first, closes_on=last)
            assert said in client.get(HERE).text
            assert said in client.post(HERE, TYPED).text
            with pytest.raises(ApplicationsClosed):
                apply_for(cohort)
        open_call(cohort, actor=admin, opens_on=today, closes_on=today)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        assert "Applications are closed." in client.get(HERE).text

    def test_admins_switch_it(self, admin_client: Client, cohort: Cohort) -> None:
        form = f"{LIST}call/"
        missing = admin_client.post(form, {"is_open": "on", "opens_on": "2027-01-01"})
        assert (missing.status_code, "until which day" in missing.text) == (400, True)
        wrong = {"is_open": "on", "opens_on": "2027-02-01", "closes_on": "2027-01-01"}
        assert "comes before the first" in admin_client.post(form, wrong).text
        right = {**wrong, "closes_on": "2027-03-01", "intro_fr": "Venez."}
        assert admin_client.post(form, right)["Location"] == LIST
        assert AuditEntry.objects.get(action="applications.set").after == {
            **{"is_open": True, "opens_on": "2027-02-01", "closes_on": "2027-03-01"}
        }
        assert ApplicationCall.objects.get().intro_fr == "Venez."

    def test_only_its_own_admins(self, cohort: Cohort, artist: User) -> None:
        other = make_person(role=Role.ADMIN, cohort=make_cohort())
        for actor in (artist, other):
            with pytest.raises(NotAllowed):
                open_call(cohort, actor=actor)
        assert browser_of(other).get(f"{LIST}call/").status_code == 404


class TestApplying:
    def test_it_counts_once_the_address_is_confirmed(
        self, client: Client, call: ApplicationCall, admin: User, fill_in: Callable[..., Any]
    ) -> None:
        assert fill_in()["Location"] == f"{HERE}sent/"
        assert "within two days" in client.get(f"{HERE}sent/").text
        made = Application.objects.get()
        assert (made.email, made.name, made.language, made.state) == (
            *("nour@example.org", "Nour Haddad", "en", "unconfirmed"),
        )
        assert made.links == ["https://nour.example/films", "https://video.example/nour"]
        mail = last_mail()
        assert mail["to"] == "Nour Haddad <nour@example.org>"
        assert mail["subject"] == "Confirm your application for Spring residency"
        assert "A sea that remembers." in client.get(mail["path"]).text
        assert Application.objects.get().state == "unconfirmed"
        assert "Your application counts" in client.post(mail["path"]).text
        assert "Your application counts" in client.post(mail["path"]).text
        made.refresh_from_db()
        assert made.state == "applied"
        assert AuditEntry.objects.filter(action="application.confirmed").count() == 1
        notice = Notification.objects.get(user=admin, kind="application.confirmed")
        assert notice.title == "Nour Haddad applied for Spring residency"

    def test_the_answer_is_the_same_for_everybody(
        self,
        client: Client,
        call: ApplicationCall,
        cohort: Cohort,
        artist: User,
        fill_in: Callable[..., Any],
    ) -> None:
        make_application(cohort, email="known@example.org")
        answers, subjects = set(), {}
        for email in ("new@example.org", "new@example.org", "known@example.org", artist.email):
            before = OutgoingMail.objects.count()
            sent = fill_in(email=email)
            answers.add((sent.status_code, sent["Location"], sent.content))
            assert OutgoingMail.objects.count() == before + 1
            subjects[email] = last_mail()["text"]
        assert len(answers) == 1
        assert "confirm" in subjects["new@example.org"].lower()
        assert "We have your application already" in subjects["known@example.org"]
        assert "You are in it already" in subjects[artist.email]
        assert Application.objects.count() == 2

    def test_one_that_is_confirmed_cannot_be_overwritten(
        self, call: ApplicationCall, cohort: Cohort
    ) -> None:
        made = make_application(cohort, note="Mine")
        with pytest.raises(IndexError):
            apply_for(cohort, note="Somebody else’s")
        made.refresh_from_db()
        assert (made.note, made.state) == ("Mine", "applied")

    def test_one_that_is_not_confirmed_is_replaced(
        self, client: Client, call: ApplicationCall, cohort: Cohort
    ) -> None:
        first = apply_for(cohort, note="First")
        second = apply_for(cohort, note="Second")
        assert client.get(f"/application/{first}/").status_code == 404
        assert "Second" in client.get(f"/application/{second}/").text

    def test_programs_are_told_the_same_and_nothing_is_kept(
        self, call: ApplicationCall, fill_in: Callable[..., Any]
    ) -> None:
        assert fill_in(website="https://spam.example")["Location"] == f"{HERE}sent/"
        assert not Application.objects.exists()
        assert not OutgoingMail.objects.filter(to__contains="nour").exists()

    def test_a_page_is_neither_sent_at_once_nor_after_a_day(
        self, client: Client, call: ApplicationCall, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stamp = client.get(HERE).context["form"].stamp
        for began in (stamp, "", "forged", stamp + "x"):
            page = client.post(HERE, {**TYPED, "began": began})
            assert (page.status_code, "once more" in page.text) == (400, True)
            assert "A sea that remembers.</textarea>" in page.text
        again = client.post(HERE, {**TYPED, "began": stamp})
        assert f'value="{stamp}"' in again.text
        monkeypatch.setattr(application_forms, "QUICKEST_SECONDS", 0)
        monkeypatch.setattr(application_forms, "LONGEST_SECONDS", -1)
        old = client.post(HERE, {**TYPED, "began": stamp})
        assert (old.status_code, f'value="{stamp}"' in old.text) == (400, False)
        assert not Application.objects.exists()

    def test_what_is_wrong_is_said_and_kept(
        self, call: ApplicationCall, fill_in: Callable[..., Any]
    ) -> None:
        cases = [
            ({"email": "nour at home"}, "Enter a valid email address."),
            ({"name": " "}, "This field is required."),
            ({"links": "http://nour.example"}, "begins with https://"),
            ({"links": "javascript:alert(1)"}, "begins with https://"),
            ({"links": "\n".join(f"https://n.example/{n}" for n in range(6))}, "At most five"),
            ({"links": "https://n.example/" + "a" * 300}, "A link is too long."),
            ({"note": "a" * 2001}, "at most 2000 characters"),
        ]
        for wrong, said in cases:
            page = fill_in(**wrong)
            assert (page.status_code, said in page.text) == (400, True), wrong
            if "name" not in wrong:
                assert 'value="Nour Haddad"' in page.text
        assert not Application.objects.exists()

    def test_it_slows_down_who_asks_often(
        self, call: ApplicationCall, fill_in: Callable[..., Any]
    ) -> None:
        assert [fill_in().status_code for _turn in range(4)] == [302, 302, 302, 429]
        others = [fill_in(email=f"n{turn}@example.org").status_code for turn in range(20)]
        assert others[-1] == 429
        assert others.count(302) == 16

    def test_in_french(self, client: Client, call: ApplicationCall, cohort: Cohort) -> None:
        apply_for(cohort, language="fr")
        assert last_mail()["subject"] == "Confirmez votre candidature pour Spring residency"

    def test_it_can_be_withdrawn_with_all_that_was_written(
        self, client: Client, call: ApplicationCall, cohort: Cohort
    ) -> None:
        token = apply_for(cohort)
        applications.confirm(token=token)
        assert "are deleted" in client.post(f"/application/{token}/", {"withdraw": "1"}).text
        assert not Application.objects.exists()
        assert not OutgoingMail.objects.filter(to__contains="nour").exists()
        assert client.get(f"/application/{token}/").status_code == 404
        assert "nour" not in str(list(AuditEntry.objects.values())).lower()

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_are_one(self, call: ApplicationCall, cohort: Cohort) -> None:
        def apply() -> None:
            applications.apply(cohort=cohort, email="n@example.org", name="N", language="en")

        assert at_once(apply, apply, apply) == [None, None, None]
        assert Application.objects.count() == 1


class TestKeeping:
    def test_what_nobody_confirms_is_gone_after_two_days(
        self, call: ApplicationCall, cohort: Cohort
    ) -> None:
        token = apply_for(cohort)
        made = make_application(cohort, email="kept@example.org")
        Application.objects.update(created_at=timezone.now() - timedelta(days=2, seconds=1))
        with pytest.raises(ApplicationUnknown):
            applications.confirm(token=token)
        assert applications.forget_old() == 1
        assert Application.objects.get() == made

    def test_each_is_deleted_when_its_time_is_over(
        self, call: ApplicationCall, cohort: Cohort, admin: User, settings: Any
    ) -> None:
        settings.APPLICATION_DAYS = 30
        old, young = (
            make_application(cohort, email=f"{name}@example.org") for name in ("old", "young")
        )
        applications.invite(actor=admin, application=old)
        Application.objects.filter(pk=old.pk).update(
            created_at=timezone.now() - timedelta(days=30, seconds=1)
        )
        assert applications.forget_old() == 1
        assert Application.objects.get() == young
        assert Invitation.objects.get().email == "old@example.org"


class TestDatabase:
    def test_it_refuses(self, call: ApplicationCall, cohort: Cohort) -> None:
        made = make_application(cohort)
        row = Application.objects.filter(pk=made.pk)
        refused: list[tuple[dict[str, Any], str]] = [
            ({"confirmed_at": None}, "application_counts_when_confirmed"),
            ({"links": ["https://a.example"] * 6}, "application_few_links"),
        ]
        for change, name in refused:
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                row.update(**change)
        with pytest.raises(IntegrityError, match="one_per_address"), transaction.atomic():
            Application.objects.create(
                **{"cohort": cohort, "email": "NOUR@example.org", "name": "N", "language": "en"},
                token_hash="x",
            )
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            row.update(state="unconfirmed", confirmed_at=None)
        with pytest.raises(IntegrityError, match="open_between_days"), transaction.atomic():
            ApplicationCall.objects.update(closes_on=None)
