"""A cohort, its people, and a media folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from portal.models import Cohort, User
from review.models import Review
from tests.factories import review as make


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def spring(db: None) -> Cohort:
    return make.make_cohort(name="Spring residency", slug="spring-residency")


@pytest.fixture
def ada(spring: Cohort) -> User:
    return make.make_artist(spring, "Ada Okafor")


@pytest.fixture
def lucien(spring: Cohort) -> User:
    return make.make_artist(spring, "Lucien Moreau", language="fr")


@pytest.fixture
def rosa(spring: Cohort) -> User:
    return make.make_reviewer("Rosa Lindqvist", spring)


@pytest.fixture
def remy(spring: Cohort) -> User:
    return make.make_reviewer("Remy Chen", spring)


@pytest.fixture
def alba(spring: Cohort) -> User:
    return make.make_admin("Alba Ferrari", spring)


@pytest.fixture
def review(ada: User, spring: Cohort) -> Review:
    """Ada's clip, waiting."""
    return make.make_review(ada, spring, title="Red boat")
