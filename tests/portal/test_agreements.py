from __future__ import annotations

import hashlib

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from portal import access, signers
from portal.errors import AgreementChanged, NameMissing, NameTaken, SameText
from portal.models import Agreement, AgreementVersion, AuditEntry, Cohort, Signature, User
from portal.models.agreement import Block, blocks_of
from portal.services import agreements
from portal.signals import agreement_signed
from tests.factories.portal import join, make_agreement, make_person, sign_newest

REFUSALS = (IntegrityError, InternalError, ProgrammingError)


@pytest.fixture
def newcomer(cohort: Cohort) -> User:
    """A member who has signed nothing yet."""
    person = make_person("Nour Haddad", email="nour@example.org")
    join(person, cohort, sign=False)
    return person


@pytest.fixture
def version(cohort: Cohort) -> AgreementVersion:
    return cohort.agreement.versions.get()


def test_the_hash_covers_both_languages(version: AgreementVersion) -> None:
    both = f"{version.body_en}\0{version.body_fr}".encode()
    assert version.sha256 == hashlib.sha256(both).hexdigest()


def test_line_ends_of_a_browser_change_nothing(admin: User, version: AgreementVersion) -> None:
    with pytest.raises(SameText):
        agreements.publish_version(
            actor=admin,
            agreement=version.agreement,
            body_en=version.body_en.replace("\n", "\r\n"),
            body_fr=f"{version.body_fr}\r\n",
        )


def test_headings_are_short_numbered_lines() -> None:
    assert blocks_of("Hello.\n\n1. First\n\nA line\nand another.\n\n2. " + "x" * 81) == [
        Block("Hello.", is_heading=False),
        Block("1. First", is_heading=True),
        Block("A line\nand another.", is_heading=False),
        Block("2. " + "x" * 81, is_heading=False),
    ]


def test_a_title_is_taken_once(admin: User) -> None:
    make_agreement("Artist agreement", actor=admin)
    with pytest.raises(NameTaken) as refused:
        make_agreement("artist AGREEMENT", actor=admin)
    assert refused.value.field == "title"


class TestSign:
    def test_the_signature_holds_version_hash_and_name(
        self, newcomer: User, version: AgreementVersion
    ) -> None:
        heard: list[tuple[User, AgreementVersion]] = []

        def listen(user: User, version: AgreementVersion, **kwargs: object) -> None:
            heard.append((user, version))

        agreement_signed.connect(listen)
        try:
            signature = agreements.sign(
                actor=newcomer,
                version=version,
                sha256=version.sha256,
                name_typed="  Nour   Haddad ",
            )
        finally:
            agreement_signed.disconnect(listen)
        assert (signature.version, signature.sha256) == (version, version.sha256)
        assert signature.name_typed == "Nour Haddad"
        assert heard == [(newcomer, version)]
        entry = AuditEntry.objects.get(action="agreement.signed")
        assert (entry.actor, entry.after["version"]) == (newcomer, 1)
        assert access.unsigned_versions(newcomer) == []

    def test_twice_is_once(self, newcomer: User, version: AgreementVersion) -> None:
        sign_newest(newcomer, version.agreement)
        sign_newest(newcomer, version.agreement)
        assert newcomer.signatures.count() == 1
        assert AuditEntry.objects.filter(action="agreement.signed", actor=newcomer).count() == 1

    def test_a_name_is_needed(self, newcomer: User, version: AgreementVersion) -> None:
        with pytest.raises(NameMissing) as refused:
            agreements.sign(actor=newcomer, version=version, sha256=version.sha256, name_typed="  ")
        assert refused.value.field == "name_typed"

    def test_a_newer_text_is_read_first(
        self, newcomer: User, admin: User, version: AgreementVersion
    ) -> None:
        newer = agreements.publish_version(
            actor=admin, agreement=version.agreement, body_en="New.", body_fr="Neuf."
        )
        assert newer.number == 2
        with pytest.raises(AgreementChanged):
            agreements.sign(actor=newcomer, version=version, sha256=version.sha256, name_typed="N")
        with pytest.raises(AgreementChanged):
            agreements.sign(actor=newcomer, version=newer, sha256=version.sha256, name_typed="N")
        assert newcomer.signatures.count() == 0


def test_a_new_version_asks_everybody_again(
    artist: User, other_artist: User, admin: User, version: AgreementVersion
) -> None:
    assert access.unsigned_versions(artist) == []
    newer = agreements.publish_version(
        actor=admin, agreement=version.agreement, body_en="New.", body_fr="Neuf."
    )
    assert access.unsigned_versions(artist) == [newer]
    notice = artist.notifications.get(kind="agreement.published")
    assert notice.url == "/agreement/"
    assert other_artist.notifications.filter(kind="agreement.published").count() == 1
    assert not admin.notifications.filter(kind="agreement.published").exists()


class TestTheDatabaseRefuses:
    def test_to_edit_or_delete_a_published_text(self, version: AgreementVersion) -> None:
        rows = AgreementVersion.objects.filter(pk=version.pk)
        with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
            rows.update(body_en="Something else.")
        with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
            rows.delete()

    def test_to_edit_or_delete_a_signature(self, artist: User) -> None:
        rows = Signature.objects.filter(user=artist)
        with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
            rows.update(name_typed="Somebody else")
        with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
            rows.delete()

    def test_a_second_signature(self, artist: User, version: AgreementVersion) -> None:
        with pytest.raises(IntegrityError, match="signature_once"), transaction.atomic():
            Signature.objects.create(
                user=artist, version=version, sha256=version.sha256, name_typed="Again"
            )

    def test_a_number_twice(self, version: AgreementVersion) -> None:
        with pytest.raises(IntegrityError, match="agreement_number_once"), transaction.atomic():
            AgreementVersion.objects.create(
                agreement=version.agreement, number=1, body_en="x", body_fr="x", sha256="0" * 64
            )


class TestPages:
    def form(self, version: AgreementVersion, **changes: str) -> dict[str, str]:
        return {
            "version": str(version.pk),
            "sha256": version.sha256,
            "has_read": "on",
            "name_typed": "Nour Haddad",
            **changes,
        }

    def test_a_newcomer_reads_signs_and_lands_in_the_studio(
        self, newcomer: User, version: AgreementVersion, client: Client
    ) -> None:
        client.force_login(newcomer)
        gate = client.get("/studio/")
        assert (gate.status_code, gate["Location"]) == (302, "/agreement/?next=%2Fstudio%2F")
        page = client.get(gate["Location"])
        assert page.status_code == 200
        assert version.sha256 in page.content.decode()
        done = client.post("/agreement/", self.form(version))
        assert (done.status_code, done["Location"]) == (302, "/studio/")
        assert client.get("/studio/").status_code == 200

    def test_a_live_piece_of_the_studio_sends_the_whole_page_away(
        self, newcomer: User, client: Client
    ) -> None:
        client.force_login(newcomer)
        answer = client.get("/studio/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Redirect"]) == (403, "/agreement/")

    def test_what_is_theirs_stays_open(self, newcomer: User, client: Client) -> None:
        client.force_login(newcomer)
        for name in ("home", "notifications", "profile", "my_agreements", "payments:earnings"):
            assert client.get(reverse(name)).status_code == 200, name

    def test_without_the_tick_or_a_name(
        self, newcomer: User, version: AgreementVersion, client: Client
    ) -> None:
        client.force_login(newcomer)
        page = client.post("/agreement/", self.form(version, has_read="", name_typed=""))
        assert page.status_code == 400
        assert "Please type your name" in page.content.decode()
        assert newcomer.signatures.count() == 0

    def test_the_new_text_is_shown_when_it_changed_meanwhile(
        self, newcomer: User, admin: User, version: AgreementVersion, client: Client
    ) -> None:
        agreements.publish_version(
            actor=admin, agreement=version.agreement, body_en="Fresh words.", body_fr="Neuf."
        )
        client.force_login(newcomer)
        page = client.post("/agreement/", self.form(version))
        assert page.status_code == 409
        text = page.content.decode()
        assert "The agreement has a newer version." in text
        assert "Fresh words." in text
        assert 'value="Nour Haddad"' in text
        assert newcomer.signatures.count() == 0

    @pytest.mark.parametrize("asked", ["", "x", "0", "999999"])
    def test_a_made_up_version(self, newcomer: User, client: Client, asked: str) -> None:
        client.force_login(newcomer)
        assert client.post("/agreement/", {"version": asked}).status_code == 404

    def test_next_leads_nowhere_else(
        self, newcomer: User, version: AgreementVersion, client: Client
    ) -> None:
        client.force_login(newcomer)
        done = client.post("/agreement/", self.form(version, next="https://example.com/"))
        assert done["Location"] == "/studio/"

    def test_an_admin_publishes(self, admin_client: Client, version: AgreementVersion) -> None:
        url = reverse("agreement_publish", args=[version.agreement_id])
        same = admin_client.post(url, {"body_en": version.body_en, "body_fr": version.body_fr})
        assert same.status_code == 409
        assert "word for word" in same.content.decode()
        done = admin_client.post(url, {"body_en": "Two.", "body_fr": "Deux."})
        assert done.status_code == 302
        assert version.agreement.versions.count() == 2

    def test_a_preview_publishes_nothing_and_keeps_what_was_written(
        self, admin_client: Client, artist: User, version: AgreementVersion
    ) -> None:
        url = reverse("agreement_publish", args=[version.agreement_id])
        typed = {"body_en": "\n Two words.\n\n1. Pay\n\nTen days.", "body_fr": version.body_fr}
        page = admin_client.post(url, {**typed, "step": "preview"})
        assert page.status_code == 200
        asked = signers.waiting_for(version).count() + version.signatures.count()
        assert page.context["asked"] == asked
        assert "<h3>1. Pay</h3>" in page.text
        assert "Nothing changes in this language." in page.text
        assert version.agreement.versions.count() == 1
        assert not artist.notifications.exists()

        back = admin_client.post(url, {**typed, "step": "edit"})
        assert back.status_code == 200
        assert "Two words." in back.text
        assert version.agreement.versions.count() == 1

        done = admin_client.post(url, {**typed, "step": "publish"})
        assert done.status_code == 302
        newest = version.agreement.versions.latest("number")
        assert newest.body_en == "Two words.\n\n1. Pay\n\nTen days."

        first = reverse("agreement_new")
        page = admin_client.post(first, {**typed, "title": "Guests", "step": "preview"})
        assert "Nobody takes part under this agreement now" in page.text
        assert not Agreement.objects.filter(title="Guests").exists()
        # An empty text is refused before any preview.
        refused = admin_client.post(url, {"body_en": "", "body_fr": "x", "step": "preview"})
        assert refused.status_code == 400
