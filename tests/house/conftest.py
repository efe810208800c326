"""The world that addresses are asked about."""

from __future__ import annotations

import pytest

from portal.states import Role
from tests.factories.portal import join, make_cohort, make_person
from tests.house.matrix import World


@pytest.fixture
def world(db: None) -> World:
    admin = make_person("Alba Ferrari", role=Role.ADMIN)
    cohort = make_cohort("Spring residency", actor=admin)
    artist = make_person("Ada Okafor")
    join(artist, cohort)
    other_artist = make_person("Lucien Moreau")
    join(other_artist, make_cohort("Autumn residency", actor=admin))
    return World(
        artist=artist,
        other_artist=other_artist,
        reviewer=make_person("Rosa Lindqvist", role=Role.REVIEWER),
        admin=admin,
        cohort=cohort,
    )
