"""Counting in spans of time, with Redis and without."""

from __future__ import annotations

import logging

import pytest
from django.core.cache import cache
from pytest_django import Settings

from portal.limits import Spent, spend


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.limits.time.time", lambda: 1_000_000_050.0)


def test_a_span_holds_so_many() -> None:
    cache.clear()
    counts = [spend("door", most=2, seconds=60) for _ in range(3)]
    assert counts == [
        Spent(most=2, left=1, resets_in=30, allowed=True),
        Spent(most=2, left=0, resets_in=30, allowed=True),
        Spent(most=2, left=0, resets_in=30, allowed=False),
    ]
    assert spend("window", most=2, seconds=60).allowed


def test_without_redis_everything_passes(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    with caplog.at_level(logging.WARNING, logger="portal.limits"):
        assert [spend("door", most=1, seconds=60).allowed for _ in range(3)] == [True] * 3
    assert caplog.messages[0].startswith("The limit of door could not be counted")
