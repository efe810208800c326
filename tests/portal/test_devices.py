"""Who signs in with a browser they never used is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import KnownDevice, Notification, User
from portal.services import devices
from tests.factories.portal import PASSWORD

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(client: Client, person: User) -> None:
    client.post(
        "/accounts/login/",
        {"login": person.email, "password": PASSWORD},
        headers={"User-Agent": FIREFOX},
        REMOTE_ADDR="203.0.113.9",
    )
    assert client.get("/home/").status_code == 200
    client.post("/accounts/logout/")


def told(person: User) -> list[Notification]:
    return list(Notification.objects.filter(user=person, kind="device.new"))


def test_the_first_browser_and_a_known_one_are_nothing_to_tell(artist: User) -> None:
    mine = Client()
    sign_in(mine, artist)
    sign_in(mine, artist)
    assert told(artist) == []
    cookie = mine.cookies["greenroom_device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    [known] = KnownDevice.objects.all()
    assert cookie.value not in known.mark_hash


def test_a_new_browser_is_told_with_when_where_and_what(artist: User) -> None:
    sign_in(Client(), artist)
    sign_in(Client(), artist)
    [notice] = told(artist)
    assert notice.title == "A sign-in from a new browser"
    assert "With: Firefox, Linux\nFrom: 203.0.113.9" in notice.text


def test_it_is_told_in_the_readers_language(other_artist: User) -> None:
    for _turn in range(2):
        sign_in(Client(), other_artist)
    [notice] = told(other_artist)
    assert notice.title == "Une connexion depuis un nouveau navigateur"


def test_a_browser_that_two_people_use_is_new_to_each(artist: User, other_artist: User) -> None:
    shared = Client()
    sign_in(Client(), other_artist)
    sign_in(shared, artist)
    sign_in(shared, other_artist)
    assert (len(told(artist)), len(told(other_artist))) == (0, 1)
    sign_in(shared, other_artist)
    assert len(told(other_artist)) == 1


def test_a_made_up_mark_is_no_known_browser(artist: User) -> None:
    sign_in(Client(), artist)
    forged = Client()
    forged.cookies["greenroom_device"] = "x" * 5000
    sign_in(forged, artist)
    assert len(told(artist)) == 1


def test_browsers_long_unused_are_forgotten(artist: User) -> None:
    sign_in(Client(), artist)
    KnownDevice.objects.update(last_seen=timezone.now() - timedelta(days=399))
    assert devices.forget_old() == 0
    KnownDevice.objects.update(last_seen=timezone.now() - timedelta(days=401))
    assert devices.forget_old() == 1
