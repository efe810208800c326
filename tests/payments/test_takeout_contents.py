"""What lies in a takeout, file by file: all that is the artist's, and nothing else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from generation.models import Clip, Preset
from generation.services import sheets
from generation.states import ClipState
from payments.states import RateKind
from portal.consent_texts import current
from portal.models import Cohort, Profile, Takeout, User
from portal.services import consents, notify, profiles
from portal.services import takeouts as service
from portal.services.profiles import Self
from portal.states import ConsentKind
from review.services import framenotes, messages
from review.takeout_parts import folder_of
from tests.factories import review as make
from tests.factories.generation import make_clip, make_ready_clip, make_start_picture
from tests.factories.payments import make_feedback, make_rate, make_sent
from tests.factories.portal import make_key, make_webhook
from tests.portal.pictures import picture as picture_file


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def opened(person: User) -> zipfile.ZipFile:
    service.ask(actor=person)
    assert service.make_waiting() == 1
    with default_storage.open(Takeout.objects.get(person=person).file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def read(found: zipfile.ZipFile, name: str) -> Any:
    return json.loads(found.read(name))


def rows(found: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.read(name).decode())))


def stored(clip: Clip, field: str) -> bytes:
    with default_storage.open(str(getattr(clip, field))) as file:
        content: bytes = file.read()
        return content


def test_every_file(
    artist: User,
    other_artist: User,
    admin: User,
    second_admin: User,
    reviewer: User,
    cohort: Cohort,
) -> None:
    approved, declined, waiting = (
        make_ready_clip(artist=artist, cohort=cohort, title=title)
        for title in ("Red boat", "=SUM(A1)", "")
    )
    failed = make_clip(artist=artist, cohort=cohort, state=ClipState.FAILED)
    make.approve(make.submit(approved), reviewer)
    make.decline(make.submit(declined), reviewer, note="It stops half way.")
    messages.send(actor=artist, clip=declined, text="It is whole here.")
    messages.send(actor=reviewer, clip=declined, text="Not on our side.")
    framenotes.write(
        actor=reviewer,
        clip=declined,
        first_frame=1,
        last_frame=2,
        text="Here it stops.",
        drawing="",
        is_for_artist=True,
    )
    others = make_ready_clip(artist=other_artist, cohort=cohort, title="Nobody's business")
    make.approve(make.submit(others), reviewer)
    picture = make_start_picture(artist)
    make_start_picture(other_artist, shade=9)
    boats = b"prompt\na boat\n"
    sheet = sheets.bring(actor=artist, cohort=cohort, name="boats.csv", content=boats)
    Preset.objects.create(
        artist=artist,
        cohort=cohort,
        name="Mine",
        model_key="starter",
        width=64,
        height=64,
        frames=9,
    )
    key = make_key(artist, cohort)
    make_webhook(artist, cohort)
    make_rate(cohort, RateKind.FEEDBACK, 25_00)
    make_feedback(artist, cohort, tried="A boat at night")
    make_feedback(other_artist, cohort, tried="A secret of Lucien")
    payout = make_sent(admin, second_admin, cohort)
    notify.notify(user=artist, kind="note", title="Hello", mail=False)
    version = cohort.agreement.versions.get()
    consents.give(
        actor=artist, kind=ConsentKind.TRAINING, sha256=current(ConsentKind.TRAINING).sha256
    )
    consents.withdraw(actor=artist, kind=ConsentKind.TRAINING)
    said = Self(name=artist.name, language="en", bio="I paint boats.", portrait=picture_file())
    profiles.save(actor=artist, said=said)

    found = opened(artist)

    folders = {clip: folder_of(clip) for clip in (approved, declined, waiting, failed)}
    assert set(found.namelist()) == {
        *("README.txt", "README.fr.txt", "profile.json", "keys.json", "notifications.json"),
        *("portrait.jpg", "consents.json"),
        *("log.csv", "SHA256SUMS"),
        *(f"{folder}/{name}" for folder in folders.values() for name in CLIP_FILES),
        f"{folders[declined]}/notes.json",
        f"{folders[approved]}/clip.mp4",
        f"{folders[declined]}/preview.mp4",
        f"{folders[waiting]}/preview.mp4",
        *("clips/clips.csv", "pictures/pictures.json", f"pictures/{picture.pk.hex}.png"),
        *(f"decisions/{name}" for name in DECISION_FILES),
        f"agreements/{version.agreement_id}-v1.en.txt",
        f"agreements/{version.agreement_id}-v1.fr.txt",
        f"agreements/{version.agreement_id}-v1.pdf",
        *("agreements/signatures.json", "agreements/signatures.csv"),
        *("feedback/feedback.json", "feedback/feedback.csv"),
        *("sheets/sheets.json", "sheets/rows.csv", "presets/presets.json"),
        *(f"payments/{name}" for name in PAYMENT_FILES),
    }
    assert len(found.namelist()) == len(set(found.namelist()))

    lines = [line.split("  ") for line in found.read("SHA256SUMS").decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {
        name: hashlib.sha256(found.read(name)).hexdigest()
        for name in found.namelist()
        if name != "SHA256SUMS"
    }
    assert sums[f"{folders[approved]}/clip.mp4"] == approved.sha256
    assert found.read(f"{folders[declined]}/preview.mp4") == stored(declined, "preview")
    everything = b"".join(found.read(name) for name in found.namelist())
    assert stored(declined, "original") not in everything
    assert stored(waiting, "original") not in everything
    for secret in (
        *(key.clear, key.row.digest, artist.password, str(reviewer), reviewer.email),
        *("Nobody's business", others.pk.hex, str(others.pk), "A secret of Lucien"),
        other_artist.email,
    ):
        assert secret.encode() not in everything, secret
    for info in found.infolist():
        assert info.extract_version >= zipfile.ZIP64_VERSION

    facts = read(found, f"{folders[approved]}/clip.json")
    assert facts["prompt"] == approved.prompt
    assert facts["media"] == {"file": "clip.mp4", "is": "master"}
    assert read(found, f"{folders[approved]}/manifest.json") == approved.manifest
    assert read(found, f"{folders[failed]}/clip.json")["media"] is None
    assert [row["title"] for row in rows(found, "clips/clips.csv")] == [
        *("Red boat", "'=SUM(A1)", "", ""),
    ]
    decided = rows(found, "decisions/decisions.csv")
    assert [(row["clip"], row["verdict"], row["note"]) for row in decided] == [
        (str(approved.pk), "approve", ""),
        (str(declined.pk), "decline", "It stops half way."),
    ]
    written = rows(found, "decisions/messages.csv")
    assert [row["text"] for row in written] == ["It is whole here.", "Not on our side."]
    [pinned] = read(found, f"{folders[declined]}/notes.json")["notes"]
    assert (pinned["by"], pinned["text"]) == ("The programme", "Here it stops.")
    [signature] = read(found, "agreements/signatures.json")
    assert (signature["sha256"], signature["name_typed"]) == (version.sha256, artist.name)
    assert found.read(f"agreements/{signature['text']}.en.txt").decode() == version.body_en
    assert [row["amount"] for row in rows(found, "payments/earnings.csv")] == ["25.00"]
    assert [(row["payout"], row["amount"]) for row in rows(found, "payments/payouts.csv")] == [
        (payout.reference, "25.00")
    ]
    [month] = rows(found, "payments/statements.csv")
    assert [month[name] for name in ("earned", "paid", "closing")] == ["25.00", "25.00", "0.00"]
    assert [row["sheet"] for row in rows(found, "sheets/rows.csv")] == [sheet.name]
    assert read(found, "profile.json")["email"] == artist.email
    assert read(found, "profile.json")["bio"] == "I paint boats."
    assert sums["portrait.jpg"] == Profile.objects.get(user=artist).portrait_sha256
    assert [(row["kind"], row["given"]) for row in read(found, "consents.json")] == [
        ("training", True),
        ("training", False),
    ]
    log = rows(found, "log.csv")
    assert {"you", "Reviewer"} <= {row["who"] for row in log}
    assert [row["who"] for row in log if row["action"] == "agreement.signed"] == ["you"]


CLIP_FILES = ("clip.json", "manifest.json")
DECISION_FILES = (
    *("decisions.json", "decisions.csv", "messages.csv"),
    *("share-links.csv", "downloads.csv"),
)
PAYMENT_FILES = (
    "sessions.csv",
    "disputes.json",
    "top_ups.csv",
    "earnings.csv",
    "payouts.csv",
    "statements.csv",
    "payee.json",
    "holds.json",
)


def test_a_withdrawn_approval_takes_the_file_back(
    artist: User, admin: User, reviewer: User, cohort: Cohort
) -> None:
    review = make.submit(make_ready_clip(artist=artist, cohort=cohort))
    make.approve(review, reviewer)
    opened(artist)
    make.revoke(review, admin)
    assert Takeout.objects.get().state == "expired"
    folder = folder_of(review.clip)
    found = opened_again(artist)
    assert f"{folder}/preview.mp4" in found.namelist()
    assert f"{folder}/clip.mp4" not in found.namelist()


def opened_again(person: User) -> zipfile.ZipFile:
    again = service.ask(actor=person)
    assert service.make_waiting() == 1
    again.refresh_from_db()
    with default_storage.open(again.file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_a_file_that_is_gone_is_said(artist: User, cohort: Cohort) -> None:
    clip = make_ready_clip(artist=artist, cohort=cohort, files=False)
    found = opened(artist)
    assert read(found, f"{folder_of(clip)}/clip.json")["media"] == {"missing": "file_missing"}


def test_five_hundred_clips_in_bounded_queries(artist: User, cohort: Cohort) -> None:
    def asked() -> int:
        Takeout.objects.all().delete()
        service.ask(actor=artist)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert service.make_waiting() == 1
        return len(queries)

    [first] = [make_clip(artist=artist, cohort=cohort, state=ClipState.FAILED)]
    few = asked()
    Clip.objects.bulk_create(
        Clip(
            artist=artist,
            cohort=cohort,
            account=first.account,
            prompt="a boat",
            model_key="starter",
            width=64,
            height=64,
            frames=9,
            fps=8,
            steps=2,
            guidance="3.00",
            seed=7,
            state=ClipState.FAILED,
            error_code="render_failed",
        )
        for _ in range(499)
    )
    many = asked()
    # Two for each further hundred: the clips, and what was decided about them.
    assert many <= few + 2 * 4 + 10
    with default_storage.open(Takeout.objects.get().file) as file:
        found = zipfile.ZipFile(io.BytesIO(file.read()))
        assert len(rows(found, "clips/clips.csv")) == 500
