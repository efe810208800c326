"""What each role opens, and who may change it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import access, queries
from portal.duties import MAY, Duty, cohorts_for, may, may_in, people_for
from portal.models import AuditEntry, Cohort, RoleGrant, User
from portal.role_errors import OwnRoles, RoleForEveryCohort
from portal.services import outbox, people
from portal.states import Role
from tests.factories.portal import browser_of, make_cohort, make_person


def grant_of(person: User, role: Role) -> RoleGrant:
    return person.roles.get(role=role)


class TestDuties:
    @pytest.mark.parametrize("role", Role)
    def test_a_role_does_what_the_table_says_and_nothing_else(self, db: None, role: Role) -> None:
        person = make_person(role=role)
        assert {duty for duty in Duty if may(person, duty)} == {
            duty for duty in Duty if role in MAY[duty]
        }
        assert access.is_staff(person)

    def test_every_duty_is_somebodys(self) -> None:
        assert set(MAY) == set(Duty)
        assert all(MAY.values())

    def test_for_one_cohort(self, cohort: Cohort, admin: User) -> None:
        away = make_cohort("Autumn residency", actor=admin)
        local = make_person(role=Role.ADMIN, cohort=cohort)
        assert list(cohorts_for(local, Duty.COHORTS)) == [cohort]
        assert may_in(local, Duty.CONTAIN, cohort.pk)
        assert not may_in(local, Duty.CONTAIN, away.pk)
        # People are the whole programme's.
        assert not may(local, Duty.PEOPLE)
        assert set(people_for(Duty.COHORTS, cohort.pk)) == {local, admin}
        assert set(people_for(Duty.COHORTS, away.pk)) == {admin}

    def test_somebody_inactive_does_nothing(self, admin: User, cohort: Cohort) -> None:
        User.objects.filter(pk=admin.pk).update(is_active=False)
        fresh = User.objects.get(pk=admin.pk)
        assert not any(may(fresh, duty) for duty in Duty)
        assert list(people_for(Duty.COHORTS, cohort.pk)) == []


class TestChanges:
    def test_both_ways_stand_in_the_log(self, admin: User, artist: User, cohort: Cohort) -> None:
        people.grant_role(actor=admin, user=artist, role=Role.REVIEWER)
        people.grant_role(actor=admin, user=artist, role=Role.LEAD, cohort=cohort, note="Thanks")
        given = AuditEntry.objects.filter(action="role.granted", actor=admin).first()
        assert given is not None
        assert given.before == {"roles": ["reviewer"]}
        assert given.after == {
            "name": "Ada Okafor",
            "role": "lead",
            "roles": ["lead: Spring residency", "reviewer"],
        }
        people.revoke_role(actor=admin, grant=grant_of(artist, Role.LEAD), reason="Leave")
        taken = AuditEntry.objects.get(action="role.revoked")
        assert taken.before is not None
        assert taken.before["roles"] == ["lead: Spring residency", "reviewer"]
        assert taken.after == {"roles": ["reviewer"]}
        assert (taken.cohort, taken.reason) == (cohort, "Leave")

    def test_who_when_and_again(self, admin: User, second_admin: User, artist: User) -> None:
        grant = people.grant_role(actor=admin, user=artist, role=Role.LEAD)
        people.revoke_role(actor=second_admin, grant=grant)
        people.revoke_role(actor=admin, grant=grant)
        grant.refresh_from_db()
        assert (grant.granted_by, grant.revoked_by) == (admin, second_admin)
        assert not artist.roles.exists()
        assert people.grant_role(actor=admin, user=artist, role=Role.LEAD) != grant
        assert RoleGrant.objects.filter(user=artist).count() == 2

    def test_the_person_is_told_by_mail(self, admin: User, artist: User) -> None:
        grant = people.grant_role(actor=admin, user=artist, role=Role.OPERATOR, note="Welcome")
        people.revoke_role(actor=admin, grant=grant, reason="The machines are sold.")
        outbox.deliver_waiting()
        told = [sent for sent in mail.outbox if sent.to == [f"Ada Okafor <{artist.email}>"]]
        assert [sent.subject for sent in told] == [
            "Your role in Greenroom: Operator",
            "Your role “Operator” in Greenroom was taken back",
        ]
        assert "The machines are sold." in str(told[1].body)

    def test_nobody_changes_their_own(self, admin: User, second_admin: User) -> None:
        with pytest.raises(OwnRoles):
            people.grant_role(actor=admin, user=admin, role=Role.LEAD)
        with pytest.raises(OwnRoles):
            people.revoke_role(actor=admin, grant=grant_of(admin, Role.FINANCE))
        assert admin.roles.count() == 3

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.OPERATOR])
    def test_money_and_machines_are_for_all(
        self, admin: User, artist: User, cohort: Cohort, role: Role
    ) -> None:
        with pytest.raises(RoleForEveryCohort):
            people.grant_role(actor=admin, user=artist, role=role, cohort=cohort)


class TestDatabase:
    def test_wants_another_to_give_and_to_take(self, admin: User) -> None:
        with pytest.raises(IntegrityError, match="role_given_by_another"), transaction.atomic():
            RoleGrant.objects.create(user=admin, role=Role.LEAD, granted_by=admin)
        own = RoleGrant.objects.filter(user=admin, role=Role.FINANCE)
        with pytest.raises(IntegrityError, match="role_taken_back_by_another"):
            own.update(revoked_at=timezone.now(), revoked_by=admin)

    def test_wants_money_for_every_cohort(self, artist: User, cohort: Cohort) -> None:
        with pytest.raises(IntegrityError, match="role_of_the_programme_for_every_cohort"):
            RoleGrant.objects.create(user=artist, role=Role.FINANCE, cohort=cohort)

    def test_keeps_what_was_taken_back(self, admin: User, reviewer: User) -> None:
        grant = grant_of(reviewer, Role.REVIEWER)
        people.revoke_role(actor=admin, grant=grant)
        with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
            RoleGrant.objects.filter(pk=grant.pk).update(revoked_at=None, revoked_by=None)
        # What was taken back stands in nobody's way.
        RoleGrant.objects.create(user=reviewer, role=Role.REVIEWER)

    def test_keeps_whose_it_is(self, admin: User, reviewer: User) -> None:
        with pytest.raises(ProgrammingError, match="Cannot update rows"):
            RoleGrant.objects.filter(user=reviewer).update(user=admin)


class TestPages:
    def test_one_gives_and_takes_back(
        self, admin_client: Client, artist: User, cohort: Cohort
    ) -> None:
        here = reverse("person", args=[artist.pk])
        refused = admin_client.post(
            reverse("role_grant", args=[artist.pk]),
            {"role": "finance", "cohort": cohort.pk, "note": "For the spring"},
        )
        assert refused.status_code == 400
        assert list(refused.context["form"].errors) == ["cohort"]
        assert 'value="For the spring"' in refused.content.decode()
        given = {"role": "lead", "cohort": cohort.pk, "note": ""}
        assert admin_client.post(reverse("role_grant", args=[artist.pk]), given)["Location"] == here
        grant = grant_of(artist, Role.LEAD)
        page = admin_client.get(here).content.decode()
        assert "Lead reviewer · Spring residency" in page
        assert "given by Alba Ferrari" in page
        assert "Who may do what" in page
        admin_client.post(reverse("role_revoke", args=[grant.pk]), {"reason": "Leave"})
        assert not artist.roles.exists()

    def test_ones_own_page_says_why_not(self, admin_client: Client, admin: User) -> None:
        page = admin_client.get(reverse("person", args=[admin.pk])).content.decode()
        assert "Nobody changes their own roles" in page
        assert "Give the role" not in page
        grant = grant_of(admin, Role.ADMIN)
        tried = admin_client.post(reverse("role_revoke", args=[grant.pk]), follow=True)
        assert "Nobody changes their own roles" in tried.content.decode()
        assert admin.roles.count() == 3

    def test_it_takes_a_recent_proof(self, admin_client: Client, artist: User) -> None:
        session = admin_client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": timezone.now().timestamp() - 3600}
        ]
        session.save()
        asked = admin_client.post(reverse("role_grant", args=[artist.pk]), {"role": "admin"})
        assert reverse("account_reauthenticate") in asked["Location"]
        assert not artist.roles.exists()

    def test_an_open_page_says_what_happened(
        self, admin: User, second_admin_client: Client, second_admin: User, artist: User
    ) -> None:
        people.revoke_role(actor=admin, grant=grant_of(second_admin, Role.ADMIN))
        page = second_admin_client.post(
            reverse("role_grant", args=[artist.pk]), {"role": "reviewer"}
        )
        assert page.status_code == 404
        assert "Your role “Programme admin” was taken back" in page.content.decode()
        assert not artist.roles.exists()
        live = second_admin_client.get(reverse("people"), headers={"HX-Request": "true"})
        assert "was taken back" in json.loads(live["HX-Trigger"])["toast"]["text"]

    def test_it_is_said_for_a_while_and_only_to_them(
        self, admin: User, second_admin: User, artist: User
    ) -> None:
        grant = grant_of(second_admin, Role.ADMIN)
        assert queries.role_lost_by(second_admin) is None
        people.revoke_role(actor=admin, grant=grant)
        assert queries.role_lost_by(User.objects.get(pk=second_admin.pk)) is not None
        assert queries.role_lost_by(artist) is None
        people.grant_role(actor=admin, user=second_admin, role=Role.ADMIN)
        assert queries.role_lost_by(User.objects.get(pk=second_admin.pk)) is None
        long_ago = timezone.now() - timedelta(days=1)
        RoleGrant.objects.create(user=artist, role=Role.LEAD, revoked_at=long_ago)
        assert queries.role_lost_by(artist) is None


class TestWhatIsShown:
    @pytest.mark.parametrize(
        ("role", "entries"),
        [
            (Role.REVIEWER, ["Home", "Review"]),
            (Role.LEAD, ["Home", "Review"]),
            (Role.FINANCE, ["Home", "Sessions to confirm", "Payouts", "Disputes"]),
            (Role.OPERATOR, ["Home", "GPU queue"]),
            (Role.ADMIN, ["Home", "Review", "Feedback", "Sessions to confirm", "Programme"]),
        ],
    )
    def test_the_menu_leads_where_one_may_go(
        self, db: None, role: Role, entries: list[str]
    ) -> None:
        client = browser_of(make_person(role=role))
        page = client.get(reverse("home"))
        shown = page.context["nav"]()
        assert [str(entry["label"]) for entry in shown] == entries
        assert [client.get(entry["url"]).status_code for entry in shown] == [200] * len(entries)

    def test_the_operators_tabs(self, db: None) -> None:
        page = browser_of(make_person(role=Role.OPERATOR)).get(reverse("queue:board"))
        said = page.content.decode()
        assert reverse("queue:workers") in said
        assert reverse("people") not in said
        assert reverse("audit_log") not in said

    def test_a_cohorts_admin_sees_no_money_and_no_people(self, cohort: Cohort) -> None:
        client = browser_of(make_person(role=Role.ADMIN, cohort=cohort))
        said = client.get(reverse("cohort", args=[cohort.slug])).content.decode()
        assert reverse("payments:rates", args=[cohort.slug]) not in said
        tabs = client.get(reverse("programme")).content.decode()
        assert reverse("programme_keys") in tabs
        assert reverse("people") not in tabs
        assert reverse("queue:workers") not in tabs
