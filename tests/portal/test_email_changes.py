"""Another address to sign in with, confirmed at both ends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.models import AuditEntry, EmailChange, OutgoingMail, User
from portal.services import email_changes, outbox
from tests.factories.portal import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "ada@new.example"


def mailed() -> dict[str, str]:
    """The path in each mail that left since the last look, by its reader."""
    mail.outbox.clear()
    outbox.deliver_waiting()
    found = {}
    for message in mail.outbox:
        link = re.search(r"(/settings/email/\S+/)", str(message.body))
        found[re.sub(r".*<(.*)>", r"\1", message.to[0])] = link[1] if link else ""
    return found


@pytest.fixture
def links(artist: User, artist_client: Client) -> dict[str, str]:
    OutgoingMail.objects.all().delete()
    done = artist_client.post("/settings/email/", {"email": " Ada@New.example "})
    assert done["Location"] == "/settings/email/"
    return mailed()


def test_both_ends_confirm_and_the_old_address_opens_nothing(
    client: Client, artist: User, artist_client: Client, links: dict[str, str]
) -> None:
    old = artist.email
    assert set(links) == {old, NEW}
    assert "not confirmed yet" in artist_client.get("/settings/email/").content.decode()
    assert NEW in client.get(links[NEW]).content.decode()
    half = client.post(links[NEW]).content.decode()
    assert f"once the link mailed to {old} is confirmed too" in half
    artist.refresh_from_db()
    assert artist.email == old
    whole = client.post(links[old]).content.decode()
    assert f"you sign in with {NEW} from now on" in whole
    artist.refresh_from_db()
    assert artist.email == NEW
    assert list(EmailAddress.objects.filter(user=artist).values_list("email", "verified")) == [
        (NEW, True)
    ]
    assert mailed() == {NEW: "", old: ""}
    assert client.post("/accounts/login/", {"login": old, "password": PASSWORD}).status_code == 200
    assert client.post("/accounts/login/", {"login": NEW, "password": PASSWORD}).status_code == 302
    entry = AuditEntry.objects.get(action="person.email_changed")
    assert (entry.before, entry.after) == ({"email": old}, {"email": NEW})
    assert client.get(links[old]).status_code == 404


def test_looking_at_a_link_confirms_nothing(
    client: Client, artist: User, links: dict[str, str]
) -> None:
    for link in links.values():
        assert client.get(link).status_code == 200
    change = EmailChange.objects.get()
    assert (change.old_confirmed_at, change.new_confirmed_at) == (None, None)


def test_the_old_end_stops_it_and_the_new_one_cannot(
    client: Client, artist: User, links: dict[str, str]
) -> None:
    assert client.post(links[NEW], {"stop": "1"}).status_code == 404
    assert "Stopped" in client.post(links[artist.email], {"stop": "1"}).content.decode()
    assert client.post(links[NEW]).status_code == 404
    assert client.post(links[artist.email]).status_code == 404


def test_links_end_after_a_day(client: Client, artist: User, links: dict[str, str]) -> None:
    EmailChange.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [client.post(link).status_code for link in links.values()] == [404, 404]


def test_a_second_wish_ends_the_first(
    client: Client, artist: User, artist_client: Client, links: dict[str, str]
) -> None:
    artist_client.post("/settings/email/", {"email": "ada@third.example"})
    assert client.get(links[NEW]).status_code == 404
    assert set(mailed()) == {artist.email, "ada@third.example"}


def test_somebody_elses_address_is_neither_told_nor_taken(
    artist: User, other_artist: User, artist_client: Client, client: Client
) -> None:
    OutgoingMail.objects.all().delete()
    done = artist_client.post("/settings/email/", {"email": other_artist.email}, follow=True)
    assert f"one to {other_artist.email}" in done.content.decode()
    links = mailed()
    assert set(links) == {artist.email}
    client.post(links[artist.email])
    artist.refresh_from_db()
    assert artist.email == "ada@example.org"


def test_an_address_taken_meanwhile_is_refused(
    client: Client, artist: User, other_artist: User, links: dict[str, str]
) -> None:
    User.objects.filter(pk=other_artist.pk).update(email=NEW)
    client.post(links[NEW])
    refused = client.post(links[artist.email])
    assert (refused.status_code, "you go on signing in" in refused.text) == (409, True)
    artist.refresh_from_db()
    assert artist.email == "ada@example.org"


def test_what_cannot_be_an_address_is_said_and_kept(artist: User, artist_client: Client) -> None:
    page = artist_client.post("/settings/email/", {"email": "ada at home"})
    assert page.status_code == 400
    assert 'value="ada at home"' in page.content.decode()
    same = artist_client.post("/settings/email/", {"email": artist.email.upper()})
    assert "You sign in with this address already." in same.content.decode()


def test_it_slows_down_who_asks_often(artist_client: Client) -> None:
    for number in range(5):
        artist_client.post("/settings/email/", {"email": f"ada{number}@new.example"})
    assert artist_client.post("/settings/email/", {"email": NEW}).status_code == 429


def test_tokens_rest_hashed(links: dict[str, str]) -> None:
    change = EmailChange.objects.get()
    tokens = [link.split("/")[3] for link in links.values()]
    assert not set(tokens) & {change.old_token_hash, change.new_token_hash}
    assert {email_changes.find(token=token).at_old for token in tokens} == {True, False}


def test_allauths_own_page_leads_here(artist_client: Client) -> None:
    assert artist_client.get("/accounts/email/")["Location"] == "/settings/email/"
    assert artist_client.post("/accounts/email/")["Location"] == "/settings/email/"
