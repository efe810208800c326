"""The list of one's sessions says when and from where each was last seen, at a small price."""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from portal.models import User
from tests.factories.portal import browser_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def seen_again(browser: Client, agent: str) -> bool:
    UserSession.objects.update(last_seen_at=LONG_AGO)
    browser.get("/settings/profile/", headers={"User-Agent": agent})
    session = UserSession.objects.get()
    assert session.user_agent == agent or session.last_seen_at == LONG_AGO
    return bool(session.last_seen_at > LONG_AGO)


def test_once_a_minute_and_at_once_from_elsewhere(artist: User) -> None:
    browser = browser_of(artist)
    assert seen_again(browser, "Firefox") is True
    assert seen_again(browser, "Firefox") is False
    assert seen_again(browser, "Another one") is True
    cache.clear()
    assert seen_again(browser, "Another one") is True
