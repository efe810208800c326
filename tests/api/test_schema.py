"""Anything the schema allows, and much that it does not, gets an answer the schema knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import positive_data_acceptance

from portal.config.wsgi import application
from portal.services.key_rows import NewKey

OPERATIONS = [
    *("createVideo", "listVideos", "editVideo", "extendVideo", "createCharacter"),
    *("retrieveCharacter", "retrieveVideo", "deleteVideo", "remixVideo", "cancelVideo"),
    *("downloadVideo", "listModels", "retrieveModel", "startDeviceLogin", "fetchDeviceKey"),
    *("createFeedback", "retrieveEarnings", "listWork"),
]


@pytest.fixture
def schema(db: None) -> Iterator[Any]:
    """The schema; a request that ends leaves the test's own connection open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield from_wsgi("/v1/openapi.json", application)
    for signal in signals:
        signal.connect(close_old_connections)


def test_every_operation_is_tried(schema: Any) -> None:
    known = {found.ok().definition.raw["operationId"] for found in schema.get_all_operations()}
    assert known == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_in_the_schema(schema: Any, key: NewKey, name: str) -> None:
    operation = schema.find_operation_by_id(name)

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy())
    def tried(case: Any) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {key.clear}"},
            # What is on offer, and which videos there are, is no matter of a schema.
            excluded_checks=[positive_data_acceptance],
        )

    tried()
