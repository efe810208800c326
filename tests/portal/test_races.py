"""Two at once, on real connections: one wins, the other is told why not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from portal import access
from portal.device_errors import DeviceCodeInvalid, DeviceLoginUnknown
from portal.email_errors import AddressTaken
from portal.errors import (
    AlreadyInvited,
    CohortFull,
    GreenroomError,
    InvitationUsed,
    KeyReplaced,
    LastAdmin,
    NameTaken,
    NotAllowed,
)
from portal.models import AccessKey, AuditEntry, Cohort, EmailChange, Invitation, Membership, User
from portal.services import (
    access_keys,
    canaries,
    cohorts,
    device_logins,
    email_changes,
    invitations,
    outbox,
    people,
)
from portal.services.key_rows import NewKey
from portal.states import Role
from portal.tokens import hash_token
from tests.factories.portal import (
    PASSWORD,
    make_cohort,
    make_invitation,
    make_key,
    make_person,
    token_of,
)
from tests.portal.test_cohorts import terms

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Results of *calls*, each on its own thread and connection; a refusal is a result."""
    start = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(index: int, call: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            results[index] = call()
        except GreenroomError as error:
            results[index] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_one_link_is_accepted_once(cohort: Cohort, admin: User) -> None:
    token = token_of(make_invitation(cohort, actor=admin))

    def accept() -> Membership:
        return invitations.accept(actor=None, token=token, name="Nour", password=PASSWORD)

    results = at_once(accept, accept, accept)
    assert sorted(str(type(result).__name__) for result in results) == [
        "Membership",
        "type",
        "type",
    ]
    assert results.count(InvitationUsed) == 2
    assert Membership.objects.count() == 1
    assert User.objects.filter(email="new@example.org").count() == 1


def test_the_last_seat_goes_to_one(admin: User) -> None:
    cohort = make_cohort(actor=admin, seats=2)
    tokens = [
        token_of(make_invitation(cohort, actor=admin, email=f"{name}@example.org"))
        for name in ("a", "b")
    ]
    cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, seats=1))
    results = at_once(
        *(
            lambda token=token: invitations.accept(
                actor=None, token=token, name="N", password=PASSWORD
            )
            for token in tokens
        )
    )
    assert results.count(CohortFull) == 1
    assert Membership.objects.count() == 1
    assert User.objects.filter(email__in=["a@example.org", "b@example.org"]).count() == 1


def test_an_address_is_invited_once(cohort: Cohort, admin: User) -> None:
    def invite() -> Invitation:
        return make_invitation(cohort, actor=admin)

    results = at_once(invite, invite)
    assert results.count(AlreadyInvited) == 1
    assert Invitation.objects.count() == 1


def test_accepted_or_withdrawn_but_not_both(cohort: Cohort, admin: User) -> None:
    invitation = make_invitation(cohort, actor=admin)
    token = token_of(invitation)
    at_once(
        lambda: invitations.accept(actor=None, token=token, name="N", password=PASSWORD),
        lambda: invitations.revoke(actor=admin, invitation=invitation),
    )
    invitation.refresh_from_db()
    joined = Membership.objects.exists()
    assert (invitation.state, joined) in {("accepted", True), ("revoked", False)}


def test_accepted_or_declined_but_not_both(cohort: Cohort, admin: User) -> None:
    invitation = make_invitation(cohort, actor=admin)
    token = token_of(invitation)
    results = at_once(
        lambda: invitations.accept(actor=None, token=token, name="N", password=PASSWORD),
        lambda: invitations.decline(token=token),
    )
    assert sum(isinstance(result, type) for result in results) == 1
    invitation.refresh_from_db()
    joined = Membership.objects.exists()
    assert (invitation.state, joined) in {("accepted", True), ("declined", False)}


def test_asked_for_twice_at_once_is_one_request(cohort: Cohort) -> None:
    def ask() -> Invitation:
        return invitations.request_invitation(actor=None, cohort=cohort, email="new@example.org")

    assert len(set(at_once(ask, ask))) == 1
    assert Invitation.objects.count() == 1


def test_two_admins_cannot_remove_each_other(admin: User, second_admin: User) -> None:
    grants = [person.roles.get(role=Role.ADMIN) for person in (admin, second_admin)]
    results = at_once(
        lambda: people.revoke_role(actor=admin, grant=grants[1]),
        lambda: people.revoke_role(actor=second_admin, grant=grants[0]),
    )
    assert results.count(LastAdmin) == 1
    fresh = User.objects.filter(pk__in=[admin.pk, second_admin.pk])
    assert sum(access.runs_programme(person) for person in fresh) == 1


def test_who_is_removed_meanwhile_changes_no_roles(admin: User, second_admin: User) -> None:
    third = make_person(role=Role.ADMIN)
    removed = second_admin.roles.get(role=Role.ADMIN)
    results = at_once(
        lambda: people.revoke_role(actor=admin, grant=removed),
        lambda: people.revoke_role(actor=second_admin, grant=third.roles.get(role=Role.ADMIN)),
        lambda: people.grant_role(actor=second_admin, user=third, role=Role.FINANCE),
    )
    removed.refresh_from_db()
    assert removed.revoked_by == admin
    # Whoever came behind that was refused, and whoever came before it was not.
    done = AuditEntry.objects.filter(actor=second_admin, action__startswith="role.")
    taken = AuditEntry.objects.get(actor=admin, action="role.revoked")
    assert not done.filter(pk__gt=taken.pk).exists()
    assert results.count(NotAllowed) == 2 - done.count()


def test_a_role_is_given_once(admin: User, second_admin: User, artist: User) -> None:
    def give(actor: User) -> Callable[[], object]:
        return lambda: people.grant_role(actor=actor, user=artist, role=Role.REVIEWER)

    assert len(set(at_once(give(admin), give(second_admin)))) == 1
    assert artist.roles.count() == 1


def test_two_workers_send_each_mail_once(db: None) -> None:
    for number in range(6):
        outbox.put(to=f"person{number}@example.org", subject="Hi", text="Hi")
    results = at_once(outbox.deliver_waiting, outbox.deliver_waiting)
    assert sum(int(str(result)) for result in results) == 6
    assert sorted(message.to[0] for message in mail.outbox) == [
        f"person{number}@example.org" for number in range(6)
    ]


def test_a_key_is_replaced_once(artist: User, cohort: Cohort) -> None:
    key = make_key(artist, cohort).row

    def rotate() -> NewKey:
        return access_keys.rotate_key(actor=artist, key=key, overlap=timedelta(hours=1))

    results = at_once(rotate, rotate, rotate)
    assert results.count(KeyReplaced) == 2
    assert AccessKey.objects.filter(replaces=key).count() == 1


def test_a_form_sent_twice_makes_one_key(artist: User, cohort: Cohort) -> None:
    results = at_once(*[lambda: make_key(artist, cohort)] * 2)
    assert results.count(NameTaken) == 1
    assert AccessKey.objects.count() == 1


def test_a_canary_sings_once(admin: User, cohort: Cohort) -> None:
    key = canaries.set_canary(actor=admin, cohort=cohort).row

    def sing() -> bool:
        return canaries.sound_alarm(key=key, address=None, client="", now=timezone.now())

    assert sorted(at_once(sing, sing, sing), key=str) == [False, False, True]


def test_a_code_gives_one_key_and_has_one_answer(cohort: Cohort, artist: User) -> None:
    asked = device_logins.start(client="laptop", address=None)

    def confirm(name: str) -> Callable[[], object]:
        return lambda: device_logins.confirm(
            actor=artist, login=asked.row, cohort=cohort, key_name=name, days=7
        )

    assert at_once(confirm("a"), confirm("b")).count(DeviceLoginUnknown) == 1

    def fetch() -> object:
        return device_logins.fetch(device_code=asked.device_code)

    assert at_once(fetch, fetch).count(DeviceCodeInvalid) == 1
    assert AccessKey.objects.count() == 1


def test_two_who_confirm_one_address_get_it_once(artist: User, other_artist: User) -> None:
    """The second one's write waits for the first one's transaction and then meets its row."""
    for person in (artist, other_artist):
        EmailChange.objects.create(
            user=person,
            old=person.email,
            new="both@new.example",
            old_token_hash=hash_token(f"old {person.pk}"),
            new_token_hash=hash_token(f"new {person.pk}"),
            expires_at=timezone.now() + timedelta(hours=1),
            old_confirmed_at=timezone.now(),
        )
    has_written = threading.Event()

    def first() -> User:
        with transaction.atomic():
            change = email_changes.confirm(token=f"new {artist.pk}")
            has_written.set()
            _until_somebody_waits_for_a_lock()
        return change.user

    def second() -> object:
        has_written.wait(timeout=30)
        return email_changes.confirm(token=f"new {other_artist.pk}")

    assert at_once(first, second) == [artist, AddressTaken]
    artist.refresh_from_db()
    other_artist.refresh_from_db()
    assert (artist.email, other_artist.email) == ("both@new.example", "lucien@example.org")
    refused = EmailChange.objects.get(user=other_artist)
    assert (refused.done_at, refused.new_confirmed_at) == (None, None)
    assert AuditEntry.objects.filter(action="person.email_changed").get().actor == artist


def _until_somebody_waits_for_a_lock() -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            [(waiting,)] = cursor.fetchall()
        if waiting:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waited")
