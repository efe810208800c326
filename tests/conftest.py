"""What every test stands on; personas and factories live in their own modules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

pytest_plugins = ["tests.personas", "tests.stack"]


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sessions, rate limits and counters of one test are not seen by the next."""
    yield
    if {"db", "transactional_db", "client", "live_server"} & set(request.fixturenames):
        cache.clear()
