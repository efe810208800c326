"""Deletions of accounts: who may ask, what holds one back, what database and pages refuse."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from generation.models import Clip
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, export, mark_sent
from payments.services.remittances import settle_all
from payments.states import PayeeMethod
from portal import deletions
from portal.deletion_errors import (
    DeletionUnderWay,
    DeletionUnexplained,
    RolesHeld,
)
from portal.errors import IllegalTransition, LastAdmin, NotAllowed
from portal.models import (
    AccessKey,
    Cohort,
    Deletion,
    OutgoingMail,
    User,
)
from portal.services import deletions as service
from portal.services import people
from portal.states import Role
from tests.factories.generation import make_ready_clip
from tests.factories.payments import GB_IBAN, make_draft, make_work
from tests.factories.portal import (
    browser_of,
    make_key,
)

REFUSALS = (IntegrityError, InternalError, ProgrammingError)


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_money_holds_it_back(
    artist: User, cohort: Cohort, admin: User, second_admin: User, settings: Settings
) -> None:
    settings.DELETION_DAYS = 0
    make_work(artist, cohort)
    deletion = service.ask(actor=artist, person=artist)
    for _run in range(2):
        assert service.carry_out_due() == 0
    deletion.refresh_from_db()
    assert (deletion.state, deletion.held_by) == ("waiting", ["money"])
    mails = OutgoingMail.objects.filter(subject__contains="has to wait")
    assert mails.count() == 1, "told once"
    listed = browser_of(admin).get(reverse("deletions")).content.decode()
    assert "€25.00" in listed
    payout = make_draft(admin, cohort)
    assert service.carry_out_due() == 0
    set_payee_details(
        actor=artist, artist=artist, method=PayeeMethod.IBAN, holder="Ada", account=GB_IBAN
    )
    approve(actor=second_admin, payout=payout)
    export(actor=admin, payout=payout)
    mark_sent(actor=admin, payout=payout)
    settle_all(actor=admin, payout=payout, bank_reference="Statement 47")
    assert service.carry_out_due() == 1


def test_who_may_ask_and_take_back(
    artist: User, other_artist: User, cohort: Cohort, admin: User, reviewer: User
) -> None:
    refused: list[tuple[User, User, str, type[Exception]]] = [
        (other_artist, artist, "By letter", NotAllowed),
        (reviewer, artist, "By letter", NotAllowed),
        (admin, artist, "  ", DeletionUnexplained),
        (reviewer, reviewer, "", RolesHeld),
        (admin, admin, "", LastAdmin),
    ]
    for actor, person, reason, error in refused:
        with pytest.raises(error):
            service.ask(actor=actor, person=person, reason=reason)
    deletion = service.ask(actor=admin, person=artist, reason="By letter of 3 May")
    assert deletion.due_at - deletion.asked_at == timedelta(days=14)
    assert service.carry_out_due() == 0
    with pytest.raises(DeletionUnderWay):
        service.ask(actor=artist, person=artist)
    with pytest.raises(NotAllowed):
        service.undo(actor=other_artist, deletion=deletion)
    service.undo(actor=artist, deletion=deletion)
    with pytest.raises(IllegalTransition):
        service.undo(actor=artist, deletion=deletion)
    assert make_key(artist, cohort).row.state == "active"
    subjects = OutgoingMail.objects.filter(to__contains=artist.email, subject__contains="account")
    assert list(subjects.order_by("pk").values_list("subject", flat=True)) == [
        "Your account is to be deleted",
        "Your account stays",
    ]
    # A role that was given meanwhile holds back what was asked for before.
    again = service.ask(actor=artist, person=artist)
    people.grant_role(actor=admin, user=artist, role=Role.REVIEWER)
    assert [hold.code for hold in deletions.holds(again.person)] == ["roles"]


def test_the_database_refuses(artist: User, other_artist: User, settings: Settings) -> None:
    settings.DELETION_DAYS = 0
    waiting = service.ask(actor=artist, person=artist)
    rows = Deletion.objects.filter(pk=waiting.pk)
    for change in (
        {"state": "done"},
        {"state": "undone"},
        {"state": "lost"},
        {"person": other_artist},
        {"due_at": timezone.now() + timedelta(days=1)},
        {"files": ["a"]},
    ):
        with pytest.raises(REFUSALS), transaction.atomic():
            rows.update(**change)
    with pytest.raises(REFUSALS), transaction.atomic():
        rows.delete()
    for values in ({"person": artist, "asked_by": artist}, {"person": other_artist}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deletion.objects.create(**{"asked_by": artist, "due_at": timezone.now(), **values})
    clip = make_ready_clip(artist=artist, cohort=artist.memberships.get().cohort, files=False)
    key = AccessKey.objects.create(
        owner=artist,
        cohort=clip.cohort,
        name="k",
        digest="0" * 64,
        hint="k",
        scopes=["clips:read"],
        ip_ranges=[ip_network("203.0.113.0/24")],
        expires_at=timezone.now() + timedelta(days=1),
    )
    with pytest.raises(REFUSALS), transaction.atomic():
        Clip.objects.filter(pk=clip.pk).update(prompt="—")
    with pytest.raises(REFUSALS), transaction.atomic():
        AccessKey.objects.filter(pk=key.pk).update(ip_ranges=[])
    person = User.objects.filter(pk=artist.pk)
    with pytest.raises(REFUSALS), transaction.atomic():
        person.update(deleted_at=timezone.now())
    assert service.carry_out_due() == 1
    for back in ({"deleted_at": None}, {"is_active": True}, {"email": "ada@example.org"}):
        with pytest.raises(REFUSALS), transaction.atomic():
            person.update(**back)


def test_pages(artist: User, admin: User, other_artist: User) -> None:
    browser, staff = browser_of(artist), browser_of(admin)
    here = reverse("deletion")
    page = browser.get(here).content.decode()
    assert "Agreements you signed" in page
    refused = browser.post(here, {"address": "somebody@example.org"})
    assert (refused.status_code, Deletion.objects.count()) == (400, 0)
    assert browser.post(here, {"address": "ADA@example.org"}).status_code == 302
    assert b"Take it back" in browser.get(here).content
    assert "Read more or take it back" in browser.get(reverse("home")).text
    assert browser.get(reverse("takeout")).status_code == 200
    assert browser.post(reverse("deletion_undo")).status_code == 302
    assert Deletion.objects.get().state == "undone"
    assert "Read more or take it back" not in browser.get(reverse("home")).text
    begin = reverse("deletion_for", args=[other_artist.pk])
    refused = staff.post(begin, {"address": "ada@example.org", "reason": "By letter"})
    assert refused.status_code == 400
    assert b"By letter" in refused.content, "what was typed stays"
    assert staff.post(begin, {"address": other_artist.email, "reason": "By letter"})[
        "Location"
    ] == (reverse("deletions"))
    waiting = Deletion.objects.waiting().get()
    assert other_artist.name in staff.get(reverse("deletions")).content.decode()
    assert staff.post(reverse("deletion_lift", args=[waiting.pk])).status_code == 302
    assert not Deletion.objects.waiting().exists()
