from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from portal import access
from portal.duties import Duty, cohorts_for
from portal.errors import AlreadyRegistered, LastAdmin
from portal.models import AuditEntry, Cohort, RoleGrant, User
from portal.services import people
from portal.states import Role
from tests.factories.portal import make_person


class TestAccounts:
    def test_an_address_has_one_account(self, db: None) -> None:
        people.create_person(actor=None, email="Ada@Example.org ", name="Ada")
        with pytest.raises(AlreadyRegistered):
            people.create_person(actor=None, email="ADA@example.org", name="Another")
        assert User.objects.get().email == "ada@example.org"

    def test_the_database_wants_addresses_in_small_letters(self, db: None) -> None:
        with pytest.raises(IntegrityError, match="user_email_lower"):
            User.objects.create(email="Ada@example.org", name="Ada")

    def test_a_profile_change_is_logged_once(self, artist: User) -> None:
        people.update_profile(actor=artist, user=artist, name="Ada O.", language="fr")
        people.update_profile(actor=artist, user=artist, name="Ada O.", language="fr")
        entry = AuditEntry.objects.get(action="person.updated")
        assert entry.before == {"name": "Ada Okafor", "language": "en"}
        assert entry.after == {"name": "Ada O.", "language": "fr"}


def admin_grant(person: User) -> RoleGrant:
    return person.roles.get(role=Role.ADMIN)


class TestRoles:
    def test_given_once(self, admin: User) -> None:
        person = make_person()
        first = people.grant_role(actor=admin, user=person, role=Role.REVIEWER)
        assert people.grant_role(actor=admin, user=person, role=Role.REVIEWER) == first
        assert access.is_reviewer(person)
        assert AuditEntry.objects.filter(action="role.granted", actor=admin).count() == 1
        assert person.notifications.get().title == "Your role in Greenroom: Reviewer"

    def test_the_database_refuses_a_second_grant_for_all(self, reviewer: User) -> None:
        with pytest.raises(IntegrityError, match="role_granted_once"):
            RoleGrant.objects.create(user=reviewer, role=Role.REVIEWER, cohort=None)

    def test_the_database_knows_the_roles(self, artist: User) -> None:
        with pytest.raises(IntegrityError, match="role_known"):
            RoleGrant.objects.create(user=artist, role="owner")

    def test_for_one_cohort(self, cohort: Cohort) -> None:
        local = make_person(role=Role.REVIEWER, cohort=cohort)
        assert list(cohorts_for(local, Duty.DECIDE)) == [cohort]

    def test_taken_back(self, admin: User, reviewer: User) -> None:
        assert access.is_reviewer(reviewer)
        people.revoke_role(actor=admin, grant=reviewer.roles.get(), reason="left")
        fresh = User.objects.get(pk=reviewer.pk)
        assert not access.is_reviewer(fresh)
        assert AuditEntry.objects.get(action="role.revoked").reason == "left"

    def test_somebody_has_to_stay(self, admin: User, second_admin: User) -> None:
        people.revoke_role(actor=admin, grant=admin_grant(second_admin))
        with pytest.raises(LastAdmin):
            people.revoke_role(actor=None, grant=admin_grant(admin))
        assert access.runs_programme(User.objects.get(pk=admin.pk))

    def test_an_inactive_admin_does_not_count(self, admin: User, second_admin: User) -> None:
        User.objects.filter(pk=second_admin.pk).update(is_active=False)
        with pytest.raises(LastAdmin):
            people.revoke_role(actor=None, grant=admin_grant(admin))


class TestPages:
    def test_a_colleague_is_added_and_told(self, admin_client: Client) -> None:
        done = admin_client.post(
            reverse("staff_new"),
            {"email": "remy@example.org", "name": "Remy", "language": "fr", "role": "reviewer"},
        )
        person = User.objects.get(email="remy@example.org")
        assert done["Location"] == reverse("person", args=[person.pk])
        assert access.is_reviewer(person)
        assert not person.has_usable_password()

    def test_a_known_address_is_said_and_kept(self, admin_client: Client, artist: User) -> None:
        page = admin_client.post(
            reverse("staff_new"),
            {"email": artist.email, "name": "Twin", "language": "en", "role": "reviewer"},
        )
        assert page.status_code == 409
        assert list(page.context["form"].errors) == ["email"]
        assert 'value="Twin"' in page.content.decode()

    def test_search(self, admin_client: Client, artist: User, reviewer: User) -> None:
        page = admin_client.get(reverse("people"), {"search": "okaf"})
        assert list(page.context["people"]) == [artist]
        assert admin_client.get(reverse("people"), {"search": "%"}).context["people"] == []

    @pytest.mark.parametrize("page", ["0", "x", "-1", "9" * 30])
    def test_a_page_that_is_none(self, admin_client: Client, page: str) -> None:
        assert admin_client.get(reverse("people"), {"page": page}).status_code == 200

    def test_profile(self, artist_client: Client, artist: User) -> None:
        empty = artist_client.post(reverse("profile"), {"name": "", "language": "fr"})
        assert empty.status_code == 400
        artist_client.post(reverse("profile"), {"name": "Ada", "language": "fr"})
        artist.refresh_from_db()
        assert (artist.name, artist.language) == ("Ada", "fr")


class TestLanguage:
    def test_the_switch_stays_with_the_person(self, artist_client: Client, artist: User) -> None:
        url = reverse("set_language")
        artist_client.post(url, {"language": "fr", "next": "/settings/"})
        artist.refresh_from_db()
        assert artist.language == "fr"
        assert artist_client.get("/settings/")["Content-Language"] == "fr"

    def test_an_unknown_language_changes_nothing(self, artist_client: Client, artist: User) -> None:
        artist_client.post(reverse("set_language"), {"language": "xx"})
        artist.refresh_from_db()
        assert artist.language == "en"

    def test_the_person_wins_over_the_browser(self, other_artist_client: Client) -> None:
        page = other_artist_client.get("/settings/", headers={"Accept-Language": "en"})
        assert page["Content-Language"] == "fr"


class TestFirstAdmin:
    def test_made_on_the_command_line(self, db: None) -> None:
        call_command("make_admin", "boss@example.org", "--name", "Boss", stdout=StringIO())
        boss = User.objects.get(email="boss@example.org")
        assert access.runs_programme(boss)
        assert not boss.has_usable_password()
        call_command("make_admin", "boss@example.org", stdout=StringIO())
        assert {grant.role for grant in boss.roles.all()} == {"admin", "finance", "operator"}

    def test_a_new_one_needs_a_name(self, db: None) -> None:
        with pytest.raises(CommandError, match="--name"):
            call_command("make_admin", "boss@example.org", stdout=StringIO())
