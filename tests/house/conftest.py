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
    elsewhere = make_cohort("Autumn residency", actor=admin)
    join(other_artist, elsewhere)
    return World(
        artist=artist,
        other_artist=other_artist,
        reviewer=make_person("Rosa Lindqvist", role=Role.REVIEWER),
        lead=make_person("Leonie Haas", role=Role.LEAD),
        admin=admin,
        other_admin=make_person("Olga Lind", role=Role.ADMIN, cohort=elsewhere),
        finance=make_person("Fatou Diop", role=Role.FINANCE),
        operator=make_person("Otto Berg", role=Role.OPERATOR),
        cohort=cohort,
    )
