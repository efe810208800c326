"""Deletions of accounts: asked for, taken back, held back, carried out, and nobody left to find."""

from __future__ import annotations

import io
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from generation.models import Clip, Preset, PromptSheet
from generation.services import leftovers
from payments.models import Account, Feedback, PayeeDetails, Payout, WorkItem
from payments.services.payees import set_payee_details
from payments.services.payouts import approve, export, mark_sent
from payments.services.remittances import settle_all
from payments.states import PayeeMethod
from portal import access, deletions
from portal.consent_texts import current
from portal.deletion_errors import (
    AccountEnding,
)
from portal.deletions import Erased, Leaving
from portal.errors import IllegalTransition
from portal.models import (
    AccessKey,
    AuditEntry,
    Cohort,
    Consent,
    Deletion,
    Invitation,
    OutgoingMail,
    Signature,
    User,
)
from portal.services import consents, people, profiles, seals, takeouts
from portal.services import deletions as service
from portal.states import ConsentKind
from review.models import Decision, Review, ShareLink
from review.services import shares
from tests.factories.applications import make_application, open_call
from tests.factories.generation import make_ready_clip, make_start_picture
from tests.factories.payments import GB_IBAN, make_draft, make_work
from tests.factories.portal import (
    PASSWORD,
    browser_of,
    make_cohort,
    make_invitation,
    make_key,
    make_webhook,
)
from tests.factories.review import approve as approve_clip
from tests.factories.review import submit
from tests.portal.pictures import picture
from tests.portal.test_races import at_once

NAME, ADDRESS = "Ada Okafor", "ada@example.org"


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def places_of(*words: str) -> list[str]:
    """Tables in which one of *words* stands, whatever the column."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            for word in words:
                cursor.execute(
                    f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text ILIKE %s)',  # noqa: S608
                    [f"%{word}%"],
                )
                if cursor.fetchone() == (True,):
                    found.append(table)
                    break
    return found


def stored() -> list[str]:
    root = Path(default_storage.path(""))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def a_life(artist: User, cohort: Cohort, admin: User, second_admin: User, reviewer: User) -> None:
    """Everything of *artist* that there can be."""
    said = profiles.Self(
        name=NAME,
        language="en",
        credit_name="Ada O.",
        bio="A bio of Ada Okafor",
        links=["https://ada.example"],
        portrait=picture(),
    )
    profiles.save(actor=artist, said=said)
    for kind in (ConsentKind.SHARING, ConsentKind.TRAINING):
        consents.give(actor=artist, kind=kind, sha256=current(kind).sha256)
    consents.withdraw(actor=artist, kind=ConsentKind.TRAINING)
    make_key(artist, cohort, name="Ada Okafor’s", ip_ranges=[ip_network("203.0.113.0/24")])
    make_webhook(artist, cohort, name="Ada Okafor’s", url="http://127.0.0.1:9/ada@example.org")
    make_invitation(make_cohort(actor=admin), actor=admin, email=ADDRESS, name=NAME, note=NAME)
    called = make_cohort(actor=admin)
    open_call(called, actor=admin)
    make_application(called, email=ADDRESS, name=NAME)
    shared = make_ready_clip(artist=artist, cohort=cohort, title=NAME, prompt="A lighthouse")
    approve_clip(submit(shared), reviewer)
    shares.create_link(actor=artist, clip=shared, title="By Ada Okafor")
    submit(make_ready_clip(artist=artist, cohort=cohort, prompt="Ada Okafor again"))
    make_ready_clip(
        artist=artist,
        cohort=cohort,
        prompt="Ada Okafor in red",
        start_picture=make_start_picture(artist),
        manifest={"weights_sha256": "0" * 64, "seed": 7, "prompt": "Ada Okafor in red"},
    )
    make_start_picture(artist, shade=9)
    Preset.objects.create(
        artist=artist, cohort=cohort, name=NAME, model_key="starter", width=64, height=64, frames=9
    )
    PromptSheet.objects.create(artist=artist, cohort=cohort, name=NAME)
    Feedback.objects.create(
        author=artist,
        cohort=cohort,
        model_key="starter",
        tried=NAME,
        picture=default_storage.save("feedback/draft.jpg", ContentFile(b"a picture")),
    )
    set_payee_details(
        actor=artist, artist=artist, method=PayeeMethod.IBAN, holder=NAME, account=GB_IBAN
    )
    make_work(artist, cohort)
    payout = make_draft(admin, cohort)
    approve(actor=second_admin, payout=payout)
    export(actor=admin, payout=payout)
    mark_sent(actor=admin, payout=payout)
    settle_all(actor=admin, payout=payout, bank_reference="Statement 47")
    takeouts.ask(actor=artist)
    takeouts.make_waiting()


@pytest.mark.django_db(transaction=True)
def test_everything_goes_but_what_has_to_stay(
    artist: User,
    cohort: Cohort,
    admin: User,
    second_admin: User,
    reviewer: User,
    other_artist: User,
    settings: Settings,
) -> None:
    settings.DELETION_DAYS = 0
    other = make_ready_clip(artist=other_artist, cohort=cohort)
    others_files = set(stored())
    a_life(artist, cohort, admin, second_admin, reviewer)
    browser, link = browser_of(artist), ShareLink.objects.get()
    asked = service.ask(actor=artist, person=artist)
    assert AccessKey.objects.get().state == "revoked"
    with pytest.raises(AccountEnding):
        make_key(artist, cohort)
    assert Client().get(link.get_absolute_url()).status_code == 410
    told = OutgoingMail.objects.filter(subject="Your account is to be deleted")
    assert told.count() == 1
    assert service.carry_out_due() == 1

    artist.refresh_from_db()
    number = artist.pk
    assert (artist.name, artist.email) == (
        f"Deleted account {number}",
        f"account-{number}@deleted.invalid",
    )
    assert (artist.is_active, artist.credit_name, artist.has_usable_password()) == (
        False,
        "",
        False,
    )
    assert authenticate(email=ADDRESS, password=PASSWORD) is None
    assert browser.get(reverse("home")).status_code == 302
    assert not people.has_account(ADDRESS)
    # What has to stay, and nothing else, still names them.
    last = OutgoingMail.objects.get(subject="Your account was deleted")
    assert places_of(NAME, ADDRESS, "203.0.113.0/24", "ada.example") == [
        "portal_auditentry",
        "portal_outgoingmail",
        "portal_signature",
    ]
    assert last.to == f"{NAME} <{ADDRESS}>"
    OutgoingMail.objects.exclude(pk=last.pk).delete()
    service.tidy()
    assert OutgoingMail.objects.count() == 1, "it has not left yet"
    OutgoingMail.objects.update(state="sending", lease_until=timezone.now())
    OutgoingMail.objects.update(state="sent", sent_at=timezone.now(), sealed="", lease_until=None)
    service.tidy()
    assert places_of(NAME, ADDRESS) == ["portal_auditentry", "portal_signature"]

    leftovers.remove_due()
    assert set(stored()) == others_files
    assert Deletion.objects.get().files == []
    assert [
        (clip.prompt, clip.title, clip.manifest, clip.deleted_at is not None)
        for clip in Clip.objects.filter(artist=artist)
    ] == [("—", "", {}, True)] * 3
    other.refresh_from_db()
    assert other.is_ready
    link.refresh_from_db()
    assert (link.revoked_at is not None, link.title) == (True, "—")
    assert Invitation.objects.get(name="").state == "revoked"
    newest = Consent.objects.filter(person=artist, kind=ConsentKind.SHARING).latest("number")
    assert not newest.given
    # The books, the signature, the decision and the log.
    assert Signature.objects.get(user=artist).name_typed == NAME
    assert Decision.objects.get().prompt == "A lighthouse"
    assert WorkItem.objects.get(artist=artist).amount_minor == 25_00
    assert Account.objects.get(owner=artist).code == f"liability:artist:{number}"
    assert not PayeeDetails.objects.exists()
    done = AuditEntry.objects.get(action="deletion.done")
    assert (done.actor, done.target_id, NAME in str(done.after)) == (None, str(number), False)
    assert AuditEntry.objects.filter(action="clip.deleted").first().actor_label == artist.name  # type: ignore[union-attr]
    seals.seal_waiting()
    call_command("verify_log", stdout=(said := io.StringIO()))
    assert "0 waiting" in said.getvalue()
    assert not access.is_member(artist, cohort)
    # The page of the person, for whom the accounts are kept, says no more than there is.
    page = browser_of(admin).get(reverse("person", args=[number])).content.decode()
    assert f"Deleted account {number}" in page
    assert ADDRESS not in page
    # Every page on which what stays is looked at opens, and calls them by their number.
    staff = {admin: browser_of(admin), reviewer: browser_of(reviewer)}
    for who, url in (
        *(
            (reviewer, reverse("review:desk", args=[each.pk]))
            for each in Review.objects.exclude(state="withdrawn")
        ),
        (admin, reverse("payments:payout_detail", args=[Payout.objects.get().pk])),
        (admin, reverse("payments:feedback")),
        (admin, reverse("cohort", args=[cohort.slug])),
        (admin, reverse("people")),
        (admin, reverse("deletions")),
    ):
        answer = staff[who].get(url)
        assert answer.status_code == 200, url
        assert NAME not in answer.content.decode(), url
    # Asked once more, nothing is left to do.
    assert service.carry_out_due() == 0
    assert asked.pk == Deletion.objects.get().pk


@pytest.mark.django_db(transaction=True)
def test_at_once_and_killed_midway(
    artist: User, cohort: Cohort, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DELETION_DAYS = 0
    make_start_picture(artist)
    made = make_ready_clip(artist=artist, cohort=cohort)
    kept = stored()

    def killed(leaving: Leaving) -> Sequence[str]:
        raise KeyboardInterrupt

    before = list(deletions.erased())
    last = Erased(key="x", label="X", covers=(), count=None, erase=killed, order=99)
    deletion = service.ask(actor=artist, person=artist)
    with monkeypatch.context() as patched:
        patched.setattr(deletions, "_erased", [*before, last])
        with pytest.raises(KeyboardInterrupt):
            service.carry_out_due()
    made.refresh_from_db()
    artist.refresh_from_db()
    assert (made.deleted_at, artist.name, stored()) == (None, "Ada Okafor", kept)

    # Either it is taken back or carried out; never both, never neither.
    results = at_once(
        lambda: service.undo(actor=artist, deletion=deletion), lambda: service.carry_out_due()
    )
    deletion.refresh_from_db()
    artist.refresh_from_db()
    if deletion.state == "undone":
        assert results[1] == 0
        assert (artist.is_active, stored()) == (True, kept)
        service.ask(actor=artist, person=artist)
    else:
        assert results == [IllegalTransition, 1]
        return
    # Two at once delete once; whoever dies between rows and files leaves the names.
    with monkeypatch.context() as patched:
        patched.setattr(service, "_remove_files", lambda pk: 0)
        assert sorted(map(str, at_once(service.carry_out_due, service.carry_out_due))) == ["0", "1"]
    done = Deletion.objects.get(state="done")
    assert AuditEntry.objects.filter(action="deletion.done").count() == 1
    assert len(done.files) == 1
    assert service.tidy() == 1
    done.refresh_from_db()
    assert done.files == []
