"""All invitations of a cohort: found, chosen, resent, withdrawn, taken away."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from portal.models import Cohort, Invitation, User
from portal.services import invitations
from portal.states import Role
from portal.views import invitation_list
from tests.factories.portal import (
    browser_of,
    make_cohort,
    make_invitation,
    make_person,
    token_of,
)


@pytest.fixture
def browser(admin: User) -> Client:
    return browser_of(admin)


@pytest.fixture
def url(cohort: Cohort) -> str:
    return f"/programme/cohorts/{cohort.slug}/invitations/"


@pytest.fixture
def three(cohort: Cohort, admin: User) -> list[Invitation]:
    """Noor is invited, Sol has declined, Wendy was asked for."""
    made = [
        make_invitation(cohort, actor=admin, email="noor@example.org", name="Noor"),
        make_invitation(cohort, actor=admin, email="sol@example.org", name="=Sol"),
    ]
    invitations.decline(token=token_of(made[1]), note="Not now")
    asked = invitations.request_invitation(actor=admin, cohort=cohort, email="wendy@example.org")
    return [*made, asked]


def found(browser: Client, url: str) -> list[str]:
    return [each.email.split("@")[0] for each in browser.get(url).context["invitations"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["wendy", "sol", "noor"]),
        ("state=declined", ["sol"]),
        ("state=requested", ["wendy"]),
        ("q=NOO", ["noor"]),
        ("q=Sol&state=invited", []),
        ("state=nonsense&before=x", ["wendy", "sol", "noor"]),
    ],
)
def test_narrowed(
    browser: Client, url: str, three: list[Invitation], query: str, names: list[str]
) -> None:
    assert found(browser, f"{url}?{query}") == names


def test_a_page_at_a_time(
    browser: Client, url: str, three: list[Invitation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitation_list, "PAGE", 2)
    page = browser.get(f"{url}?q=example")
    assert [each.pk for each in page.context["invitations"]] == [three[2].pk, three[1].pk]
    older = page.context["older_url"]
    assert older == f"?q=example&before={three[1].pk}"
    assert found(browser, f"{url}{older}") == ["noor"]


def test_resend_those_ticked(browser: Client, url: str, three: list[Invitation]) -> None:
    ticked = {"invitation": [each.pk for each in three]}
    page = browser.post(f"{url}resend/", ticked, follow=True)
    text = page.content.decode()
    assert "2 new links are on their way." in text
    assert "1 × This invitation was declined." in text
    assert Invitation.objects.filter(state="invited").count() == 2
    three[0].refresh_from_db()
    assert three[0].state == "revoked"


def test_withdraw_those_ticked(browser: Client, url: str, three: list[Invitation]) -> None:
    page = browser.post(f"{url}revoke/", {"invitation": [three[0].pk, three[2].pk]}, follow=True)
    assert "2 invitations are withdrawn." in page.content.decode()
    assert not Invitation.objects.filter(state__in=["invited", "requested"]).exists()


def test_all_that_match_on_every_page(
    browser: Client, url: str, three: list[Invitation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitation_list, "PAGE", 1)
    page = browser.get(f"{url}?q=example")
    assert (page.context["resend_count"], page.context["revoke_count"]) == (2, 2)
    assert "Withdraw all 2" in page.content.decode()
    stale = browser.post(f"{url}revoke/?q=example", {"all": "3"}, follow=True)
    assert "2 match now" in stale.content.decode()
    assert Invitation.objects.filter(state="revoked").count() == 0
    done = browser.post(f"{url}revoke/?q=example", {"all": "2"}, follow=True)
    assert "2 invitations are withdrawn." in done.content.decode()
    assert not Invitation.objects.filter(state__in=["invited", "requested"]).exists()
    monkeypatch.setattr(invitation_list, "MOST_AT_ONCE", 1)
    many = browser.post(f"{url}resend/", {"all": "2"}, follow=True)
    assert "more than 1 at once" in many.content.decode()


def test_nothing_ticked_and_no_such_verb(browser: Client, url: str) -> None:
    page = browser.post(f"{url}resend/", {"invitation": ["x"]}, follow=True)
    assert "Tick at least one" in page.content.decode()
    assert browser.post(f"{url}accept/").status_code == 404


def test_invitations_of_another_cohort_stay(browser: Client, url: str, admin: User) -> None:
    elsewhere = make_invitation(make_cohort(actor=admin), actor=admin)
    browser.post(f"{url}revoke/", {"invitation": [elsewhere.pk]})
    elsewhere.refresh_from_db()
    assert elsewhere.state == "invited"


def test_an_admin_of_another_cohort_sees_nothing(url: str, admin: User) -> None:
    stranger = browser_of(make_person(role=Role.ADMIN, cohort=make_cohort(actor=admin)))
    assert stranger.get(url).status_code == 404
    assert stranger.get(f"{url}export.csv").status_code == 404
    assert stranger.post(f"{url}revoke/", {"invitation": [1]}).status_code == 404


def test_taken_away_without_formulas(browser: Client, url: str, three: list[Invitation]) -> None:
    response = browser.get(f"{url}export.csv?state=declined")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    [heading, row] = list(csv.reader(io.StringIO(text)))
    told = dict(zip(heading, row, strict=True))
    assert (told["email"], told["name"], told["declined_note"], told["reminders"]) == (
        *("sol@example.org", "'=Sol", "Not now"),
        "0",
    )
