"""Who tests act as: two artists of one cohort, two reviewers, two admins, and nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.models import Cohort, User
from portal.states import Role
from tests.factories.portal import browser_of, join, make_cohort, make_person

# Who runs a small programme looks after its money and its machines as well.
KEEPS = (Role.FINANCE, Role.OPERATOR)


@pytest.fixture
def admin(db: None) -> User:
    return make_person("Alba Ferrari", email="alba@example.org", role=Role.ADMIN, also=KEEPS)


@pytest.fixture
def second_admin(db: None) -> User:
    return make_person("Anselm Weber", email="anselm@example.org", role=Role.ADMIN, also=KEEPS)


@pytest.fixture
def cohort(admin: User) -> Cohort:
    return make_cohort("Spring residency", actor=admin)


@pytest.fixture
def artist(cohort: Cohort) -> User:
    person = make_person("Ada Okafor", email="ada@example.org")
    join(person, cohort)
    return person


@pytest.fixture
def other_artist(cohort: Cohort) -> User:
    person = make_person("Lucien Moreau", email="lucien@example.org", language="fr")
    join(person, cohort)
    return person


@pytest.fixture
def reviewer(db: None) -> User:
    return make_person("Rosa Lindqvist", email="rosa@example.org", role=Role.REVIEWER)


@pytest.fixture
def second_reviewer(db: None) -> User:
    return make_person("Remy Chen", email="remy@example.org", role=Role.REVIEWER)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""
    return browser_of


@pytest.fixture
def artist_client(artist: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(artist)


@pytest.fixture
def other_artist_client(other_artist: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(other_artist)


@pytest.fixture
def reviewer_client(reviewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(reviewer)


@pytest.fixture
def second_reviewer_client(second_reviewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(second_reviewer)


@pytest.fixture
def admin_client(admin: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(admin)


@pytest.fixture
def second_admin_client(second_admin: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(second_admin)


@pytest.fixture
def stranger_client(db: None) -> Client:
    """Somebody who is not signed in."""
    return Client()
