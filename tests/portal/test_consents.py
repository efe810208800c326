from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from portal import consents
from portal.consent_errors import ConsentTextChanged
from portal.consent_texts import TEXTS, current
from portal.models import AgreementVersion, AuditEntry, Cohort, Consent, Signature, User
from portal.services import agreements
from portal.services import consents as services
from portal.signals import consent_changed
from portal.states import ConsentKind
from tests.factories.portal import join, make_person, sign_newest
from tests.portal.test_races import at_once

REFUSALS = (IntegrityError, InternalError, ProgrammingError)
SHARING, PUBLICITY, TRAINING = ConsentKind


def give(person: User, kind: ConsentKind = SHARING) -> Consent:
    return services.give(actor=person, kind=kind, sha256=current(kind).sha256)


def given(person: User) -> list[bool]:
    return [standing.given for standing in consents.consents_of([person])[person.pk]]


def row_of(person: User, **changes: object) -> Consent:
    values = {
        "person": person,
        "actor": person,
        "kind": "sharing",
        "number": 1,
        "given": True,
        "text_number": 1,
        "text_sha256": current(SHARING).sha256,
        **changes,
    }
    return Consent(**values)


def test_words_that_changed_are_a_new_version() -> None:
    """Whoever changes a text puts it on top with the next number and adds its hash here."""
    known = {(kind.value, text.number): text.sha256[:16] for kind in TEXTS for text in TEXTS[kind]}
    assert known == {
        ("sharing", 1): "c623736619a1c537",
        ("publicity", 1): "945b7ef2c50e89c1",
        ("training", 1): "43a78250f9e83ee0",
    }
    for texts in TEXTS.values():
        assert [text.number for text in texts] == list(range(len(texts), 0, -1))


def test_all_are_off_until_somebody_says_yes(artist: User) -> None:
    assert given(artist) == [False, False, False]
    assert [standing.words for standing in consents.consents_of([artist])[artist.pk]] == [
        "Sharing: no",
        "Publicity: no",
        "Training: no",
    ]


class TestGivingAndTakingBack:
    def test_each_by_itself_dated_and_in_the_log(self, artist: User) -> None:
        heard: list[Consent] = []

        def listen(consent: Consent, **kwargs: object) -> None:
            heard.append(consent)

        consent_changed.connect(listen)
        try:
            row = give(artist, PUBLICITY)
        finally:
            consent_changed.disconnect(listen)
        assert given(artist) == [False, True, False]
        assert (row.person, row.actor, row.number, row.given) == (artist, artist, 1, True)
        assert (row.text_number, row.text_sha256) == (1, current(PUBLICITY).sha256)
        assert isinstance(row.at, datetime)
        assert heard == [row]
        entry = AuditEntry.objects.get(action="consent.given")
        assert (entry.actor, entry.after["name"]) == (artist, "publicity")
        assert consents.allows(artist, PUBLICITY)
        assert not consents.allows(artist, TRAINING)

    def test_twice_is_once(self, artist: User) -> None:
        assert give(artist) == give(artist)
        first = services.withdraw(actor=artist, kind=SHARING)
        assert first == services.withdraw(actor=artist, kind=SHARING)
        assert [row.given for row in artist.consents.all()] == [True, False]
        assert not consents.allows(artist, SHARING)

    def test_nothing_to_take_back(self, artist: User) -> None:
        assert services.withdraw(actor=artist, kind=SHARING) is None
        assert artist.consents.count() == 0

    def test_other_words_than_those_shown(self, artist: User) -> None:
        with pytest.raises(ConsentTextChanged):
            services.give(actor=artist, kind=SHARING, sha256="0" * 64)
        assert artist.consents.count() == 0

    def test_history_keeps_every_step(self, artist: User) -> None:
        give(artist)
        services.withdraw(actor=artist, kind=SHARING)
        give(artist)
        assert [step["text"] for step in consents.history_of(artist)] == [
            "Sharing: you said yes to version 1 of the words",
            "Sharing: you took your yes back",
            "Sharing: you said yes to version 1 of the words",
        ]


def test_a_page_of_people_takes_one_query(artist: User, other_artist: User, admin: User) -> None:
    give(artist)
    give(other_artist, TRAINING)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = consents.consents_of([artist, other_artist.pk, admin])
    assert len(asked) == 1
    assert {person: [one.given for one in held] for person, held in found.items()} == {
        artist.pk: [True, False, False],
        other_artist.pk: [False, False, True],
        admin.pk: [False, False, False],
    }


def test_words_in_french(artist: User) -> None:
    row = give(artist)
    with translation.override("fr"):
        [sharing, *_others] = consents.consents_of([artist])[artist.pk]
        assert sharing.words.startswith("Diffusion\u00a0: oui depuis le ")
        assert str(row.at.year) in sharing.words
        assert current(SHARING).words.ask.startswith("Le programme peut montrer")


class TestTheDatabaseRefuses:
    def test_to_edit_or_delete(self, artist: User) -> None:
        rows = Consent.objects.filter(pk=give(artist).pk)
        with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
            rows.update(given=False)
        with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
            rows.delete()

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"number": 0, "given": False}, "consent_given_then_withdrawn"),
            ({"number": 2}, "consent_given_then_withdrawn"),
            ({"given": False}, "consent_given_then_withdrawn"),
            ({"kind": "everything"}, "consent_kind_known"),
        ],
    )
    def test_a_step_out_of_turn(self, artist: User, changes: dict[str, object], name: str) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            row_of(artist, **changes).save()

    def test_the_same_step_twice(self, artist: User) -> None:
        give(artist)
        with pytest.raises(IntegrityError, match="consent_step_once"), transaction.atomic():
            row_of(artist).save()

    def test_anybody_but_the_person(self, artist: User, admin: User) -> None:
        with (
            pytest.raises(IntegrityError, match="consent_by_the_person_alone"),
            transaction.atomic(),
        ):
            row_of(artist, actor=admin).save()


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_give_once() -> None:
    person = make_person()
    results = at_once(lambda: give(person), lambda: give(person))
    assert results[0] == results[1]
    assert person.consents.count() == 1


class TestPages:
    def test_yes_then_no(self, artist: User, client: Client) -> None:
        client.force_login(artist)
        page = client.get("/settings/consents/").content.decode()
        assert page.count("Yes, I allow it") == 3
        assert "need no consent" in page
        url = reverse("consent_change", args=["training", "give"])
        client.post(url, {"sha256": current(TRAINING).sha256})
        assert given(artist) == [False, False, True]
        assert "Take it back" in client.get("/settings/consents/").content.decode()
        client.post(reverse("consent_change", args=["training", "withdraw"]))
        assert given(artist) == [False, False, False]

    def test_words_of_yesterday(self, artist: User, client: Client) -> None:
        client.force_login(artist)
        url = reverse("consent_change", args=["training", "give"])
        page = client.post(url, {"sha256": "stale"}, follow=True).content.decode()
        assert "have changed since this page was opened" in page
        assert given(artist) == [False, False, False]

    def test_staff_read_them_of_a_person(self, artist: User, admin_client: Client) -> None:
        give(artist)
        page = admin_client.get(reverse("person", args=[artist.pk])).content.decode()
        assert "Sharing: yes since " in page
        assert "Training: no" in page


class TestBesideASignature:
    @pytest.fixture
    def newcomer(self, cohort: Cohort) -> User:
        person = make_person("Nour Haddad", email="nour@example.org")
        join(person, cohort, sign=False)
        return person

    @pytest.fixture
    def version(self, cohort: Cohort) -> AgreementVersion:
        return cohort.agreement.versions.get()

    def form(self, version: AgreementVersion, **changes: str) -> dict[str, str]:
        return {
            "version": str(version.pk),
            "sha256": version.sha256,
            "has_read": "on",
            "name_typed": "Nour Haddad",
            **{f"shown_{kind}": current(kind).sha256 for kind in ConsentKind},
            **changes,
        }

    def test_asked_unticked_and_not_needed(
        self, newcomer: User, version: AgreementVersion, client: Client
    ) -> None:
        client.force_login(newcomer)
        page = client.get("/agreement/").content.decode()
        for kind in ConsentKind:
            assert f'name="consent_{kind}"' in page
        assert page.count("checked") == 0
        assert client.post("/agreement/", self.form(version)).status_code == 302
        assert given(newcomer) == [False, False, False]

    def test_what_is_ticked_is_given_with_the_signature(
        self, newcomer: User, version: AgreementVersion, client: Client
    ) -> None:
        client.force_login(newcomer)
        client.post("/agreement/", self.form(version, consent_training="on"))
        signature = newcomer.signatures.get()
        assert newcomer.consents.get().signature == signature
        assert [one.given for one in consents.standing_at(signature)] == [False, False, True]

    def test_other_words_sign_nothing(
        self, newcomer: User, version: AgreementVersion, client: Client
    ) -> None:
        client.force_login(newcomer)
        page = client.post(
            "/agreement/", self.form(version, consent_sharing="on", shown_sharing="0" * 64)
        )
        assert page.status_code == 409
        assert "You have not signed yet." in page.content.decode()
        assert 'value="Nour Haddad"' in page.content.decode()
        assert (newcomer.signatures.count(), newcomer.consents.count()) == (0, 0)

    def test_signing_again_asks_only_for_what_is_not_given(
        self, artist: User, admin: User, version: AgreementVersion, client: Client
    ) -> None:
        give(artist)
        agreements.publish_version(
            actor=admin, agreement=version.agreement, body_en="New.", body_fr="Neuf."
        )
        client.force_login(artist)
        page = client.get("/agreement/").content.decode()
        assert 'name="consent_sharing"' not in page
        assert "Sharing: yes since " in page
        assert 'name="consent_training"' in page

    def test_what_stood_then_stays_readable(self, newcomer: User, cohort: Cohort) -> None:
        give(newcomer)
        sign_newest(newcomer, cohort.agreement)
        services.withdraw(actor=newcomer, kind=SHARING)
        give(newcomer, TRAINING)
        signature = Signature.objects.get(user=newcomer)
        assert [one.given for one in consents.standing_at(signature)] == [True, False, False]
