"""The waiting list as admins work through it: read, sorted, invited from, exported."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.utils import translation

from portal.errors import AlreadyInvited, CohortFull, IllegalTransition, NotAllowed
from portal.models import Application, ApplicationCall, AuditEntry, Cohort, OutgoingMail, User
from portal.services import applications
from portal.states import ApplicationState, Role
from portal.tokens import hash_token
from tests.factories.applications import apply_for, last_mail, make_application, open_call
from tests.factories.portal import browser_of, make_cohort, make_invitation, make_person

pytestmark = pytest.mark.django_db

LIST = "/programme/cohorts/spring-residency/applications/"


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def call(cohort: Cohort, admin: User) -> ApplicationCall:
    return open_call(cohort, actor=admin)


class TestAdmins:
    def test_shortlisted_set_aside_and_put_back(
        self, call: ApplicationCall, cohort: Cohort, admin: User
    ) -> None:
        made = make_application(cohort)
        mails = OutgoingMail.objects.count()
        for state in ("shortlisted", "set_aside", "applied"):
            applications.move(actor=admin, application=made, state=ApplicationState(state))
            made.refresh_from_db()
            assert made.state == state
        assert OutgoingMail.objects.count() == mails
        with pytest.raises(IllegalTransition):
            applications.move(actor=admin, application=made, state=ApplicationState.APPLIED)
        with pytest.raises(NotAllowed):
            applications.move(actor=admin, application=made, state=ApplicationState.INVITED)
        with pytest.raises(IllegalTransition):
            applications.move(
                actor=admin,
                application=Application.objects.get(
                    token_hash=hash_token(apply_for(cohort, email="u@example.org"))
                ),
                state=ApplicationState.SHORTLISTED,
            )

    def test_who_is_set_aside_is_written_to_once_and_only_if_so_chosen(
        self, call: ApplicationCall, cohort: Cohort, admin_client: Client
    ) -> None:
        made = make_application(cohort, language="fr")
        here = f"/programme/applications/{made.pk}/"
        mails = OutgoingMail.objects.count()
        for _turn in range(2):
            admin_client.post(f"{here}set-aside/", {"tell": "on", "words": "À l’an prochain."})
            admin_client.post(f"{here}put-back/")
        assert OutgoingMail.objects.count() == mails + 1
        mail = last_mail()
        assert mail["subject"] == "Votre candidature pour Spring residency"
        assert "À l’an prochain." in mail["text"]

    def test_invited_in_their_language_and_with_thanks(
        self, call: ApplicationCall, cohort: Cohort, admin_client: Client
    ) -> None:
        made = make_application(cohort, language="fr")
        done = admin_client.post(
            f"/programme/applications/{made.pk}/invite/", {"words": "Venez !"}, follow=True
        )
        assert "The invitation to nour@example.org is on its way." in done.text
        made.refresh_from_db()
        assert made.invitation is not None
        assert (made.state, made.invitation.language) == ("invited", "fr")
        assert made.invitation.note.startswith("Vous avez posé votre candidature le ")
        assert made.invitation.note.endswith("Venez !")
        again = admin_client.post(f"/programme/applications/{made.pk}/invite/", follow=True)
        assert "it has changed since this page was opened" in again.text

    def test_what_the_invitation_is_refused_with_leaves_the_application(
        self, call: ApplicationCall, cohort: Cohort, admin: User
    ) -> None:
        first, second = (
            make_application(cohort, email=f"{name}@example.org") for name in ("a", "b")
        )
        Cohort.objects.filter(pk=cohort.pk).update(seats=1)
        applications.invite(actor=admin, application=first)
        with pytest.raises(CohortFull):
            applications.invite(actor=admin, application=second)
        second.refresh_from_db()
        assert second.state == "applied"

    def test_those_that_are_ticked(
        self, call: ApplicationCall, cohort: Cohort, admin_client: Client, admin: User
    ) -> None:
        a, b, _c = (make_application(cohort, email=f"{n}@example.org", name=n) for n in "abc")
        elsewhere = make_cohort(actor=admin)
        open_call(elsewhere, actor=admin)
        other = make_application(elsewhere, email="d@example.org")
        ticked = {"application": [str(one.pk) for one in (a, b, other)]}
        admin_client.post(f"{LIST}move/", {**ticked, "verb": "shortlist"})
        assert _states() == ["shortlisted", "shortlisted", "applied", "applied"]
        Cohort.objects.filter(pk=cohort.pk).update(seats=1)
        done = admin_client.post(
            f"{LIST}move/", {**ticked, "verb": "invite", "query": "state=applied"}, follow=True
        )
        assert "1 invitation is on its way." in done.text
        assert "b: " in done.text
        assert done.redirect_chain[0][0] == f"{LIST}?state=applied"
        assert _states() == ["invited", "shortlisted", "applied", "applied"]
        nobody = admin_client.post(f"{LIST}move/", {"verb": "invite"}, follow=True)
        assert "Tick who is meant first." in nobody.text
        assert admin_client.post(f"{LIST}move/", {"verb": "eat"}).status_code == 404

    def test_found_by_state_and_words_a_page_at_a_time(
        self,
        call: ApplicationCall,
        cohort: Cohort,
        admin: User,
        admin_client: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("portal.views.applications.PAGE", 2)
        made = [
            make_application(cohort, email=f"{n}@example.org", name=f"Person {n}") for n in "abc"
        ]
        apply_for(cohort, email="unconfirmed@example.org", name="Nobody yet")
        applications.remark(actor=admin, application=made[0], text="Saw her film in Kraków")
        first = admin_client.get(LIST).text
        assert ("Person c" in first, "Person b" in first, "Person a" in first) == (
            True,
            True,
            False,
        )
        assert "Nobody yet" not in first
        assert "Person a" in admin_client.get(f"{LIST}?before={made[1].pk}").text
        assert "Person a" in admin_client.get(f"{LIST}?search=krak%C3%B3w").text
        assert "Person b" not in admin_client.get(f"{LIST}?search=krak%C3%B3w").text
        assert "Nobody yet" in admin_client.get(f"{LIST}?state=unconfirmed").text
        assert admin_client.get(f"{LIST}?before=x&state=half&search=%00").status_code == 200

    def test_exported_as_they_are_filtered_and_harmless(
        self, call: ApplicationCall, cohort: Cohort, admin_client: Client
    ) -> None:
        make_application(cohort, name="=cmd", links=["https://a.example", "https://b.example"])
        make_application(cohort, email="b@example.org", name="Bo")
        answer = admin_client.get(f"{LIST}export.csv?search=cmd")
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        [header, row] = list(csv.reader(io.StringIO(text)))
        found = dict(zip(header, row, strict=True))
        assert (found["name"], found["state"], found["link_2"], found["link_3"]) == (
            *("'=cmd", "applied", "https://b.example", ""),
        )

    def test_notes_stay_among_admins(
        self, client: Client, call: ApplicationCall, cohort: Cohort, admin_client: Client
    ) -> None:
        token = apply_for(cohort)
        made = applications.confirm(token=token)
        admin_client.post(f"/programme/applications/{made.pk}/", {"remark": "Ask Rosa"})
        assert "Ask Rosa" in admin_client.get(LIST).text
        assert "Ask Rosa" not in client.get(f"/application/{token}/").text
        assert "Ask Rosa" not in str(list(AuditEntry.objects.values()))

    def test_admins_of_other_cohorts_find_nothing(
        self, call: ApplicationCall, cohort: Cohort
    ) -> None:
        made = make_application(cohort)
        other = make_person(role=Role.ADMIN, cohort=make_cohort())
        browser = browser_of(other)
        here = f"/programme/applications/{made.pk}/"
        assert [browser.get(path).status_code for path in (LIST, here, f"{LIST}export.csv")] == [
            404
        ] * 3
        assert browser.post(f"{here}invite/").status_code == 404
        with pytest.raises(NotAllowed):
            applications.invite(actor=other, application=made)

    def test_who_was_invited_otherwise_meanwhile(
        self, call: ApplicationCall, cohort: Cohort, admin: User
    ) -> None:
        made = make_application(cohort)
        make_invitation(cohort, actor=admin, email=made.email)
        with pytest.raises(AlreadyInvited):
            applications.invite(actor=admin, application=made)


def _states() -> list[str]:
    return list(Application.objects.order_by("pk").values_list("state", flat=True))
