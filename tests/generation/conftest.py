"""A cohort of two artists, and a tiny Wan model that renders in a second on a CPU."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.models import (
    Agreement,
    AgreementVersion,
    Brief,
    Cohort,
    Membership,
    Signature,
    User,
)
from tests.generation.tiny import save_tiny_wan, write_entry


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def cohort(db: None) -> Cohort:
    today = timezone.localdate()
    agreement = Agreement.objects.create(title="Artist agreement")
    AgreementVersion.objects.create(
        agreement=agreement, number=1, body_en="Be kind.", body_fr="Soyez gentils.", sha256="a" * 64
    )
    return Cohort.objects.create(
        name="Spring residency",
        slug="spring-residency",
        starts_on=today - timedelta(days=10),
        ends_on=today + timedelta(days=80),
        agreement=agreement,
        models_on_offer=["starter"],
        clips_running_per_artist=None,
        gpu_seconds_per_artist=1000,
    )


def make_artist(cohort: Cohort, email: str, name: str, *, language: str = "en") -> User:
    user = User.objects.create_user(email, "a long password", name=name, language=language)
    Membership.objects.create(cohort=cohort, user=user)
    version = cohort.agreement.versions.get()
    Signature.objects.create(user=user, version=version, sha256=version.sha256, name_typed=name)
    return user


@pytest.fixture
def ada(cohort: Cohort) -> User:
    return make_artist(cohort, "ada@example.org", "Ada Okafor")


@pytest.fixture
def lucien(cohort: Cohort) -> User:
    return make_artist(cohort, "lucien@example.org", "Lucien Moreau", language="fr")


@pytest.fixture
def brief(cohort: Cohort) -> Brief:
    return Brief.objects.create(
        cohort=cohort,
        title="A place you miss",
        text="Show it.",
        due_on=timezone.localdate() + timedelta(days=14),
    )


@pytest.fixture
def tiny_catalogue(tmp_path: Path, settings: Settings) -> Path:
    """A catalogue with one small entry, ``starter``, for what needs no weights."""
    return _offer(tmp_path / "catalogue", tmp_path / "no-weights", settings)


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Wan pipeline in diffusers' folder format."""
    folder = tmp_path_factory.mktemp("tiny-wan")
    save_tiny_wan(folder)
    return folder


@pytest.fixture
def tiny_model(tiny_weights: Path, tmp_path: Path, settings: Settings) -> Path:
    """A catalogue whose ``starter`` is the tiny Wan pipeline, on the CPU."""
    return _offer(tmp_path / "catalogue", tiny_weights, settings)


def _offer(folder: Path, weights: Path, settings: Settings) -> Path:
    folder.mkdir()
    write_entry(folder / "starter.toml", weights=weights)
    settings.GENERATION_CATALOGUE = str(folder)
    settings.GENERATION_DEVICE = "cpu"
    return folder
