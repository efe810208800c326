"""What was signed, read back from the document."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from pypdf import PdfReader
from pytest_django import Settings

from portal import access
from portal.consent_texts import current
from portal.documents.signed import signed_pdf
from portal.models import AgreementVersion, Cohort, Signature, User
from portal.services import agreements, takeouts
from portal.states import CohortState, ConsentKind
from tests.factories.portal import browser_of, join, make_cohort, make_person

GREEK = "Νεφέλη Παπαδοπούλου"


@pytest.fixture
def version(cohort: Cohort) -> AgreementVersion:
    return cohort.agreement.versions.get()


@pytest.fixture
def signer(cohort: Cohort) -> User:
    person = make_person("Nefeli", email="nefeli@example.org")
    join(person, cohort, sign=False)
    return person


@pytest.fixture
def signature(signer: User, version: AgreementVersion) -> Signature:
    return agreements.sign(
        actor=signer,
        version=version,
        sha256=version.sha256,
        name_typed=GREEK,
        allows={ConsentKind.SHARING: current(ConsentKind.SHARING).sha256},
    )


def words(document: bytes) -> str:
    pages = PdfReader(BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_it_says_who_signed_what_and_when(signature: Signature, version: AgreementVersion) -> None:
    signature.signed_at = datetime(2026, 5, 3, 12, 5, tzinfo=UTC)
    document = signed_pdf(signature)
    text = words(document)
    for said in (
        version.agreement.title,
        "Version 1, published",
        GREEK,
        "Nefeli <nefeli@example.org>",
        "3 May 2026, 14:05 (UTC+02:00)",
        "Spring residency",
        "The text in English",
        "The text in French",
        "Page 1 of",
    ):
        assert said in text, said
    assert version.sha256 in text.replace(" ", "")
    for body in (version.body_en, version.body_fr):
        assert " ".join(body.split()[-6:]) in text
    # Told today, said yes to today; the other two were never given.
    assert text.count("yes since") == 1
    assert signed_pdf(signature) == document
    info = PdfReader(BytesIO(document)).metadata
    assert info is not None
    assert (info.title, info.creation_date) == (version.agreement.title, signature.signed_at)


def test_its_labels_speak_the_readers_language(signature: Signature) -> None:
    with translation.override("fr"):
        text = words(signed_pdf(signature))
    assert "Le texte en anglais" in text
    assert "Page 1 sur" in text


def test_a_sign_that_no_font_has_is_a_box_and_no_failure(
    signer: User, version: AgreementVersion
) -> None:
    signature = agreements.sign(
        actor=signer, version=version, sha256=version.sha256, name_typed="内藤 🎬 Nefeli"
    )
    assert "Nefeli" in words(signed_pdf(signature))


def test_its_owner_and_who_runs_the_programme_may_have_it(
    signature: Signature, signer: User, admin: User, artist: User
) -> None:
    url = reverse("signature_pdf", args=[signature.pk])
    for person in (signer, admin):
        answer = browser_of(person).get(url)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        stem = slugify(signature.version.agreement.title)
        assert answer["Content-Disposition"] == f'attachment; filename="{stem}-v1.pdf"'
        assert "no-store" in answer["Cache-Control"]
        assert GREEK in words(answer.content)
    assert browser_of(artist).get(url).status_code == 404
    assert f'href="{url}"' in browser_of(signer).get(reverse("my_agreements")).text
    signers = reverse("agreement_signers", args=[signature.version.agreement_id, 1])
    assert f'href="{url}"' in browser_of(admin).get(signers).text


def test_it_lies_in_the_takeout(
    signature: Signature, signer: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    takeout = takeouts.ask(actor=signer)
    assert takeouts.make_waiting() == 1
    answer = browser_of(signer).get(reverse("takeout_file", args=[takeout.pk]))
    with ZipFile(BytesIO(b"".join(answer))) as files:
        stem = f"agreements/{signature.version.agreement_id}-v1"
        [inside] = [name for name in files.namelist() if name.endswith(f"{stem}.pdf")]
        assert GREEK in words(files.read(inside))


def test_a_closed_cohort_asks_nobody_to_sign(
    signature: Signature, signer: User, cohort: Cohort, admin: User
) -> None:
    newer = agreements.publish_version(
        actor=admin, agreement=cohort.agreement, body_en="New.", body_fr="Neuf."
    )
    assert access.unsigned_versions(signer) == [newer]
    assert access.owes_signature(signer, cohort)
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.CLOSED)
    assert access.unsigned_versions(signer) == []
    assert not access.owes_signature(signer, cohort)
    client = Client()
    client.force_login(signer)
    assert client.get("/studio/").status_code == 200
    # Another cohort under the same agreement asks for it.
    autumn = make_cohort("Autumn", actor=admin, agreement=cohort.agreement)
    join(signer, autumn, sign=False)
    assert access.unsigned_versions(signer) == [newer]
    assert access.owes_signature(signer, autumn)
