"""A membership ends, for good or not; the seat is free, and what was made stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import access, queries
from portal.errors import (
    AlreadyMember,
    CohortFull,
    CohortNotOpen,
    GreenroomError,
    IllegalTransition,
    NotAllowed,
)
from portal.member_errors import EndUnexplained
from portal.models import AuditEntry, Cohort, Membership, Notification, OutgoingMail, User
from portal.services import cohorts, invitations, members
from portal.states import CohortState, MemberState, Role
from tests.factories.portal import (
    join,
    make_agreement,
    make_brief,
    make_cohort,
    make_invitation,
    make_key,
    make_person,
    make_webhook,
    sign_newest,
    token_of,
)
from tests.portal.test_cohorts import terms
from tests.portal.test_races import at_once


@pytest.fixture
def membership(artist: User, cohort: Cohort) -> Membership:
    return Membership.objects.get(user=artist, cohort=cohort)


def test_staff_end_it_with_a_reason(membership: Membership, admin: User, artist: User) -> None:
    ended = members.remove(actor=admin, membership=membership, reason="  Out of\nthe rules. ")
    assert (ended.ended_how, ended.ended_by, ended.ended_reason, ended.is_live) == (
        MemberState.REMOVED,
        admin,
        "Out of the rules.",
        False,
    )
    entry = AuditEntry.objects.get(action="member.removed")
    assert (entry.actor, entry.reason, entry.subject) == (admin, "Out of the rules.", artist.name)
    assert (entry.before["ended_how"], entry.after["ended_how"]) == ("", "removed")
    told = Notification.objects.get(user=artist, kind="member.removed")
    assert told.title == "Your membership of Spring residency has ended"
    assert "They wrote: Out of the rules.\n\nYour clips, downloads, share links" in told.text


def test_an_artist_leaves_and_reads_it_in_their_language(
    other_artist: User, cohort: Cohort, admin: User
) -> None:
    mails = OutgoingMail.objects.count()
    mine = Membership.objects.get(user=other_artist)
    ended = members.leave(actor=other_artist, membership=mine, reason="A film calls.")
    assert (ended.ended_how, ended.ended_by) == (MemberState.LEFT, other_artist)
    told = Notification.objects.get(user=other_artist, kind="member.left")
    assert told.title == "Vous avez quitté Spring residency"
    assert told.text.startswith("Vos clips, ")
    # Admins read it on the site; only the artist gets it by mail.
    team = Notification.objects.get(user=admin, kind="member.left")
    assert (team.title, team.text) == (
        "Lucien Moreau has left Spring residency",
        "They wrote: A film calls.",
    )
    assert OutgoingMail.objects.count() == mails + 1
    assert AuditEntry.objects.get(action="member.left").subject == "Spring residency"


def test_who_may_not(membership: Membership, artist: User, other_artist: User) -> None:
    elsewhere = make_person(role=Role.ADMIN, cohort=make_cohort())
    refused: list[Any] = [
        lambda: members.remove(actor=elsewhere, membership=membership, reason="x"),
        lambda: members.remove(actor=artist, membership=membership, reason="x"),
        lambda: members.reinstate(actor=elsewhere, membership=membership),
        lambda: members.leave(actor=other_artist, membership=membership),
    ]
    for call in refused:
        with pytest.raises(NotAllowed):
            call()
    assert Membership.objects.live().count() == 2


def test_it_ends_once_and_not_without_a_reason(
    membership: Membership, admin: User, artist: User
) -> None:
    with pytest.raises(EndUnexplained):
        members.remove(actor=admin, membership=membership, reason=" \n")
    members.leave(actor=artist, membership=membership)
    for call in (members.leave, members.remove):
        with pytest.raises(IllegalTransition):
            call(
                actor=artist if call is members.leave else admin,
                membership=membership,
                reason="again",
            )


def test_staff_take_somebody_back(membership: Membership, admin: User, artist: User) -> None:
    with pytest.raises(IllegalTransition):
        members.reinstate(actor=admin, membership=membership)
    members.remove(actor=admin, membership=membership, reason="A mistake")
    back = members.reinstate(actor=admin, membership=membership, reason="We were wrong.")
    assert (back.pk, back.ended_how, back.ended_at, back.ended_by, back.ended_reason) == (
        membership.pk,
        MemberState.MEMBER,
        None,
        None,
        "",
    )
    assert AuditEntry.objects.get(action="member.reinstated").reason == "We were wrong."
    assert Notification.objects.filter(user=artist, kind="member.reinstated").count() == 1


def test_a_seat_is_free_again_and_may_be_taken(admin: User) -> None:
    cohort = make_cohort(actor=admin, seats=1)
    first, second = make_person(), make_person()
    join(first, cohort)
    assert queries.seats_left(cohort) == 0
    gone = members.leave(actor=first, membership=first.memberships.get())
    assert queries.seats_left(cohort) == 1
    assert [vars(found)["member_count"] for found in queries.cohorts_for_list(admin)] == [0]
    invitation = make_invitation(cohort, actor=admin, email=second.email)
    # The last seat is promised.
    with pytest.raises(CohortFull):
        members.reinstate(actor=admin, membership=gone)
    invitations.accept(actor=second, token=token_of(invitation))
    with pytest.raises(CohortFull):
        members.reinstate(actor=admin, membership=gone)
    with pytest.raises(GreenroomError):
        cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, currency="USD"))


def test_a_new_invitation_brings_them_back(
    membership: Membership, admin: User, artist: User, cohort: Cohort
) -> None:
    with pytest.raises(AlreadyMember):
        make_invitation(cohort, actor=admin, email=artist.email)
    members.leave(actor=artist, membership=membership)
    invitation = make_invitation(cohort, actor=admin, email=artist.email)
    again = invitations.accept(actor=artist, token=token_of(invitation))
    assert (again.pk, again.is_live) == (membership.pk, True)
    assert AuditEntry.objects.get(action="member.rejoined").actor == artist


def test_a_closed_cohort_takes_nobody_back(
    membership: Membership, admin: User, artist: User, cohort: Cohort
) -> None:
    members.leave(actor=artist, membership=membership)
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
    with pytest.raises(CohortNotOpen):
        members.reinstate(actor=admin, membership=membership)


@pytest.mark.parametrize(
    "values",
    [
        {"ended_how": "removed"},
        {"ended_how": "removed", "ended_at": "now"},
        {"ended_how": "left"},
        {"ended_at": "now"},
        {"ended_reason": "why"},
        {"ended_how": "expelled", "ended_at": "now", "ended_reason": "why"},
    ],
    ids=str,
)
def test_the_database_refuses_half_an_end(membership: Membership, values: dict[str, Any]) -> None:
    given = {key: timezone.now() if text == "now" else text for key, text in values.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(**given)


def test_the_database_knows_the_steps(membership: Membership, artist: User, cohort: Cohort) -> None:
    members.leave(actor=artist, membership=membership)
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        Membership.objects.filter(pk=membership.pk).update(
            ended_how=MemberState.REMOVED, ended_reason="after all"
        )


def test_nothing_new_is_asked_of_who_left(
    membership: Membership, artist: User, admin: User, cohort: Cohort
) -> None:
    brief = make_brief(cohort, actor=admin)
    assert list(queries.open_briefs_for(artist)) == [brief]
    members.leave(actor=artist, membership=membership)
    Notification.objects.all().delete()
    make_brief(cohort, actor=admin, title="Another")
    from portal.services import agreements

    agreements.publish_version(
        actor=admin, agreement=cohort.agreement, body_en="New", body_fr="Neuf"
    )
    assert not Notification.objects.filter(user=artist).exists()
    assert list(queries.open_briefs_for(artist)) == []
    fresh = User.objects.get(pk=artist.pk)
    assert (access.unsigned_versions(fresh), access.memberships_of(fresh)) == ([], [])
    for make in (make_key, make_webhook):
        with pytest.raises(NotAllowed):
            make(artist, cohort)
    # What is theirs is open still.
    assert access.is_artist(fresh)
    assert list(access.cohorts_visible_to(fresh)) == [cohort]


def test_the_pages_of_staff(
    membership: Membership, admin_client: Client, artist: User, cohort: Cohort
) -> None:
    remove = reverse("member_remove", args=[membership.pk])
    page = admin_client.get(reverse("cohort", args=[cohort.slug])).content.decode()
    assert remove in page
    page = admin_client.get(remove).content.decode()
    assert "End Ada Okafor’s membership" in page
    refused = admin_client.post(remove, {"reason": " "})
    assert (refused.status_code, Membership.objects.live().count()) == (400, 1)
    answer = admin_client.post(remove, {"reason": "The rules"}, follow=True)
    assert answer.redirect_chain[-1][0].endswith("#members")
    page = answer.content.decode()
    assert "No longer members" in page
    assert "The rules" in page
    assert admin_client.get(remove).status_code == 404
    person = admin_client.get(reverse("person", args=[artist.pk])).content.decode()
    back = reverse("member_reinstate", args=[membership.pk])
    assert back in person
    assert "Ended by staff" in person
    admin_client.post(back)
    assert Membership.objects.live().get() == membership


def test_staff_prove_again_that_it_is_them(membership: Membership, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    for name in ("member_remove", "member_reinstate"):
        answer = client.post(reverse(name, args=[membership.pk]), {"reason": "x"})
        assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
    assert Membership.objects.live().get() == membership


def test_the_page_of_an_artist(membership: Membership, artist_client: Client) -> None:
    settings = reverse("profile")
    leave = reverse("cohort_leave", args=[membership.pk])
    assert leave in artist_client.get(settings).content.decode()
    page = artist_client.get(leave).content.decode()
    assert ("What stays" in page, "What ends" in page) == (True, True)
    answer = artist_client.post(leave, {"reason": ""}, follow=True)
    assert "You have left Spring residency." in answer.content.decode()
    page = artist_client.get(settings).content.decode()
    assert ("You left on" in page, leave in page) == (True, False)
    assert artist_client.get(leave).status_code == 404
    for name in ("home", "keys", "webhooks", "notifications", "my_agreements"):
        assert artist_client.get(reverse(name)).status_code == 200


def test_who_left_signs_no_newer_text_to_reach_their_clips(
    membership: Membership, artist: User, admin: User, artist_client: Client, cohort: Cohort
) -> None:
    from portal.services import agreements

    agreements.publish_version(
        actor=admin, agreement=cohort.agreement, body_en="New", body_fr="Neuf"
    )
    studio = reverse("generation:studio")
    to_sign = reverse("sign_agreement")
    assert to_sign in artist_client.get(studio).content.decode()
    members.leave(actor=artist, membership=membership)
    assert to_sign not in artist_client.get(studio).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_is_given_back_to_one(admin: User) -> None:
    cohort = make_cohort(actor=admin, seats=2)
    people = [make_person(), make_person()]
    for person in people:
        join(person, cohort)
    gone = [members.leave(actor=person, membership=person.memberships.get()) for person in people]
    cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, seats=1))
    results = at_once(
        *(lambda mine=mine: members.reinstate(actor=admin, membership=mine) for mine in gone)
    )
    assert results.count(CohortFull) == 1
    assert Membership.objects.live().count() == 1


@pytest.mark.django_db(transaction=True)
def test_ended_once_by_two(admin: User, artist: User, membership: Membership) -> None:
    results = at_once(
        lambda: members.leave(actor=artist, membership=membership),
        lambda: members.remove(actor=admin, membership=membership, reason="x"),
    )
    assert results.count(IllegalTransition) == 1
    assert AuditEntry.objects.filter(action__in=["member.left", "member.removed"]).count() == 1


def test_another_agreement_is_asked_of_members_alone(admin: User, artist: User) -> None:
    version = make_agreement(actor=admin)
    other = make_cohort(actor=admin, agreement=version.agreement)
    join(artist, other)
    sign_newest(artist, version.agreement)
    members.leave(actor=artist, membership=artist.memberships.get(cohort=other))
    fresh = User.objects.get(pk=artist.pk)
    assert [cohort.name for cohort, _owes in access.memberships_of(fresh)] == ["Spring residency"]
