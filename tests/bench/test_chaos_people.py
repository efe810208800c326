"""The artists of the chaos leave alone what they did not ask for."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from bench.chaos.people import Artists
from generation.models import Clip
from portal.models import Cohort, User
from tests.factories.generation import make_ready_clip


@pytest.mark.django_db
def test_they_cancel_and_delete_only_what_they_asked_for(artist: User, cohort: Cohort) -> None:
    """The demo's approved clip is ready as well, and whoever deletes that is refused."""
    _demo, poison, mine = (
        make_ready_clip(artist=artist, cohort=cohort, files=False) for _ in range(3)
    )
    stage: Any = SimpleNamespace(artists=[artist], cohort=cohort)
    artists = Artists(stage, random.Random(1), 1)
    artists.asked, artists.poison = {mine.pk, poison.pk}, poison.pk
    assert {artists._one(Clip.objects.ready()) for _ in range(20)} == {mine}
