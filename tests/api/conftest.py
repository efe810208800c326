"""A server of its own, an artist's key, and the SDK as artists install it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from openai import OpenAI

from portal.models import Cohort, User
from portal.services.key_rows import NewKey
from portal.states import Scope
from tests.factories.portal import make_key


@pytest.fixture
def key(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort, scopes=list(Scope))


@pytest.fixture
def base_url(live_server: Any) -> str:
    return f"{live_server.url}/v1"


@pytest.fixture
def sdk(base_url: str, key: NewKey) -> Iterator[OpenAI]:
    with OpenAI(base_url=base_url, api_key=key.clear, max_retries=0) as client:
        yield client


@pytest.fixture
def api(db: None, key: NewKey) -> Client:
    """Django's test client with the key, for what the SDK cannot say."""
    return Client(headers={"Authorization": f"Bearer {key.clear}"})
