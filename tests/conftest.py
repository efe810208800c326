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
    uses_database = {"db", "transactional_db", "client", "live_server"} & set(request.fixturenames)
    if uses_database or request.node.get_closest_marker("django_db"):
        cache.clear()


# First, since pytest-xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, whatever starts the whole product runs in one worker, one at a time."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if item.get_closest_marker("stack") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("stack"))
