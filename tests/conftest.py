"""What every test stands on; personas and factories live in their own modules."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from hypothesis import settings as hypothesis

# How long an example takes says how busy the machine is.
hypothesis.register_profile("greenroom", deadline=None)
hypothesis.load_profile("greenroom")

pytest_plugins = ["tests.listening", "tests.personas", "tests.stack"]


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sessions, rate limits and counters of one test are not seen by the next."""
    yield
    uses_database = {"db", "transactional_db", "client", "live_server"} & set(request.fixturenames)
    if uses_database or request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture(autouse=True)
def _no_language_of_another_test() -> None:
    """A request leaves its reader's language on the thread."""
    translation.deactivate()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What every test module has imported stays; looking for garbage in it takes long each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


# Modules whose tests share something that takes long to make, so one process runs them all.
TOGETHER = (
    "tests/generation/starter/test_model.py",
    "tests/generation/starter/test_pairing.py",
    "tests/generation/starter/test_training.py",
    "tests/generation/worker/test_extend.py",
    "tests/house/test_every_page.py",
    "tests/payments/test_journal.py",
    "tests/portal/test_log_bucket.py",
    "tests/portal/test_styleguide.py",
    "tests/review/marks/test_marks.py",
)
# Where the tests lie that start the whole product.
STACK = ("tests/journeys/", "tests/portal/test_up.py")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test that starts the whole product lies where the scheduler below looks for it."""
    if item.get_closest_marker("stack") and not item.nodeid.startswith(STACK):
        raise pytest.UsageError(f"{item.nodeid} is marked stack, so it belongs to {STACK}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With pytest-xdist, whatever starts the whole product runs in one worker, one at a time.

    The groups of pytest-xdist 3.8 are lost on pytest 9: it names them in an attribute that is gone.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneStackAtATime(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(STACK):
                return "stack"
            return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid

    return OneStackAtATime(config, log)
