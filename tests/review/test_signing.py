"""What leaves carries a content credential, and what cannot be signed does not leave."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography import x509
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generation.models import Clip
from generation.names import video_id
from generation.states import Lineage, Variant
from portal import shutdown
from portal.consent_texts import current
from portal.models import AuditEntry, Cohort, Notification, User
from portal.services import consents
from portal.states import ConsentKind, Scope
from review import checks
from review.credentials import authority, process, profile
from review.credentials.statement import record_sha256
from review.models import Signing
from review.release import BEING_SIGNED, Grant, Refusal, may_see, open_granted
from review.services import fingerprints, shares, signing
from tests.factories import review as make
from tests.factories.credentials import authority_folder, make_real_clip, read_apart
from tests.factories.portal import make_key


@pytest.fixture(autouse=True)
def _authority(settings: Settings) -> None:
    settings.PROVENANCE_FOLDER = authority_folder()
    settings.PROGRAMME_NAME = "Spring films"


@pytest.fixture
def clip(ada: User, spring: Cohort) -> Clip:
    return make_real_clip(ada, spring)


def bytes_of(person: User, clip: Clip, variant: Variant = Variant.MASTER) -> bytes:
    granted = may_see(person, clip, variant)
    assert isinstance(granted, Grant)
    with open_granted(granted).handle as file:
        return file.read()


def assertion(store: Any, label: str) -> Any:
    said = store["manifests"][store["active_manifest"]]["assertions"]
    return next((one["data"] for one in said if one["label"] == label), None)


def test_a_master_is_trusted_and_invalid_once_its_pictures_change(
    clip: Clip, ada: User, rosa: User, tmp_path: Path
) -> None:
    decision = make.approve(make.submit(clip), rosa, signed=False)
    waits = may_see(ada, clip, Variant.MASTER)
    assert isinstance(waits, Refusal)
    assert waits.code == BEING_SIGNED
    key = make_key(ada, clip.cohort, scopes=[Scope.CLIPS_READ])
    api = Client(headers={"Authorization": f"Bearer {key.clear}"})
    address = f"/v1/videos/{video_id(clip.pk)}/content"
    soon = api.get(address)
    assert (soon.status_code, soon["retry-after"]) == (409, "5")
    assert soon.json()["error"]["code"] == "being_signed"
    assert "x-should-retry" not in soon
    assert signing.sign_waiting() == 1
    root = authority_folder() / authority.ROOT
    whole, still = tmp_path / "master.mp4", tmp_path / "poster.jpg"
    for file, variant in ((whole, "video"), (still, "thumbnail")):
        answer = api.get(address, {"variant": variant})
        file.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert whole.read_bytes() == bytes_of(ada, clip)
    changed = tmp_path / "changed.mp4", tmp_path / "changed.jpg"
    for file, copy in zip((whole, still), changed, strict=True):
        content = bytearray(file.read_bytes())
        # One byte of the picture itself: after the box's name, or near the end of the scan.
        content[content.find(b"mdat") + 400 if file == whole else -200] ^= 1
        copy.write_bytes(content)
    answers = read_apart(whole, still, *changed, root=root)
    assert [state for state, _store in answers] == ["Trusted", "Trusted", "Invalid", "Invalid"]
    assert [state for state, _store in read_apart(whole, still)] == ["Valid", "Valid"]
    for _state, store in answers[:2]:
        [action] = assertion(store, "c2pa.actions.v2")["actions"]
        assert action["action"] == "c2pa.created"
        assert action["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
        assert action["softwareAgent"] == {"name": "Starter", "version": "5" * 64}
        said = assertion(store, "greenroom.approval")
        assert said["programme"] == "Spring films"
        assert said["approval"]["decision"] == decision.pk
        assert said["approval"]["sha256"] == record_sha256(decision)
        assert said["approval"]["of_sha256"] == clip.sha256
        assert assertion(store, "cawg.metadata") is None
        assert clip.prompt not in json.dumps(store)
        assert ada.name not in json.dumps(store)
    with default_storage.open(make.original_name(clip)) as original:
        assert original.read() != bytes_of(ada, clip)
    assert AuditEntry.objects.filter(action="master.signed").count() == 1


def test_a_process_that_shuts_down_begins_no_other_copy_or_look(
    clip: Clip, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.approve(make.submit(clip), rosa, signed=False)
    monkeypatch.setattr(shutdown, "_told", Event())
    shutdown.tell()
    assert (signing.sign_waiting(), fingerprints.take_missing()) == (0, 0)
    monkeypatch.undo()
    assert (signing.sign_waiting(), fingerprints.take_missing()) == (1, 1)


def test_the_name_stands_in_it_while_the_artist_consents(
    clip: Clip, ada: User, rosa: User, tmp_path: Path
) -> None:
    make.approve(make.submit(clip), rosa, signed=False)
    words = current(ConsentKind.SHARING)
    consents.give(actor=ada, kind=ConsentKind.SHARING, sha256=words.sha256)
    assert signing.sign_waiting() == 1
    file = tmp_path / "master.mp4"
    file.write_bytes(bytes_of(ada, clip))
    [(_state, store)] = read_apart(file)
    assert assertion(store, "cawg.metadata")["dc:creator"] == ["Ada Okafor"]
    before = make.signed_name(clip)
    consents.withdraw(actor=ada, kind=ConsentKind.SHARING)
    assert isinstance(may_see(ada, clip, Variant.MASTER), Refusal)
    assert signing.sign_waiting() == 1
    assert not default_storage.exists(before)
    file.write_bytes(bytes_of(ada, clip))
    assert b"Ada Okafor" not in file.read_bytes()


def test_what_a_clip_came_from_is_in_it(
    clip: Clip, ada: User, rosa: User, spring: Cohort, tmp_path: Path
) -> None:
    extension = make_real_clip(
        ada, spring, seed=2, source=clip, lineage=Lineage.EXTEND, lead_frames=3
    )
    unreleased = make_real_clip(ada, spring, seed=3)
    remix = make_real_clip(ada, spring, seed=4, source=unreleased, lineage=Lineage.REMIX)
    for each in (clip, extension, remix):
        make.approve(make.submit(each), rosa, signed=False)
    assert signing.sign_waiting() == 3
    root = authority_folder() / authority.ROOT
    files = tmp_path / "extension.mp4", tmp_path / "remix.mp4"
    for file, each in zip(files, (extension, remix), strict=True):
        file.write_bytes(bytes_of(ada, each))
    [(state, store), of_remix] = read_apart(*files, root=root)
    assert state == "Trusted"
    assert len(store["manifests"]) == 2
    [ingredient] = store["manifests"][store["active_manifest"]]["ingredients"]
    assert ingredient["relationship"] == "componentOf"
    assert ingredient["title"] == f"Clip {clip.short_id}"
    source = store["manifests"][ingredient["active_manifest"]]
    assert f"{clip.pk}" in json.dumps(source)
    state, store = of_remix
    assert state == "Trusted"
    assert len(store["manifests"]) == 1
    [ingredient] = store["manifests"][store["active_manifest"]]["ingredients"]
    assert ingredient["relationship"] == "inputTo"


def test_while_it_is_signed_every_page_says_so(clip: Clip, ada: User, rosa: User) -> None:
    make.approve(make.submit(clip), rosa, signed=False)
    link = shares.create_link(actor=ada, clip=clip, title="For friends")
    public, artist, desk = Client(), Client(), Client()
    artist.force_login(ada)
    desk.force_login(rosa)
    master = reverse("review:media", args=[clip.pk, "master"])
    shared = reverse("review:shared_media", args=[link.token, "cover"])
    for client, url in ((artist, master), (public, shared), (public, link.get_absolute_url())):
        answer = client.get(url)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    standing = reverse("review:standing", args=[clip.pk])
    assert master not in artist.get(standing).content.decode()
    assert signing.sign_waiting() == 1
    assert master in artist.get(standing).content.decode()
    assert public.get(link.get_absolute_url()).status_code == 200
    row = Signing.objects.get()
    make.revoke(row.decision.review, make.make_admin())
    assert artist.get(master).status_code == 404
    names = row.names
    assert signing.sign_waiting() == 0
    assert not any(default_storage.exists(name) for name in names)


def test_an_approval_withdrawn_while_it_is_signed_releases_nothing(
    clip: Clip, ada: User, rosa: User, alba: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = make.approve(make.submit(clip), rosa, signed=False)
    sign = process.sign

    def revoked_meanwhile(*args: Any) -> None:
        sign(*args)
        make.revoke(decision.review, alba)

    monkeypatch.setattr(process, "sign", revoked_meanwhile)
    assert signing.sign_waiting() == 0
    row = Signing.objects.get()
    assert (row.state, row.names) == ("withdrawn", [])
    assert not any(Path(default_storage.path("signed")).rglob("*.mp4"))
    for state in ("waiting", "signed"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Signing.objects.update(state=state)


def test_a_full_disk_leaves_nothing_half_written(
    clip: Clip, ada: User, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.approve(make.submit(clip), rosa, signed=False)
    fsync = os.fsync
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    assert signing.sign_waiting() == 0
    row = Signing.objects.get()
    assert (row.state, row.problem) == ("waiting", "signing_failed")
    assert "No space left on device" in row.detail
    left = Path(default_storage.path("signed")).rglob("*")
    assert [path for path in left if path.is_file()] == []
    assert isinstance(may_see(ada, clip, Variant.MASTER), Refusal)


def test_no_more_than_two_at_once(ada: User, rosa: User, spring: Cohort) -> None:
    for _number in range(3):
        make.approve(make.make_review(ada, spring), rosa, signed=False)
    tickets = [signing._claim() for _try in range(3)]
    assert [ticket is None for ticket in tickets] == [False, False, True]
    held = Signing.objects.filter(ticket__isnull=False)
    held.update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    assert signing._claim() is not None


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """A time-stamp authority that takes every call and says nothing."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    thread = threading.Thread(target=answer)
    thread.start()
    host, port = server.getsockname()
    yield f"http://{host}:{port}/"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_without_its_time_stamp_nothing_leaves(
    clip: Clip, ada: User, rosa: User, hanging_up: str, settings: Settings
) -> None:
    settings.PROVENANCE_TIMESTAMPS = hanging_up
    review = make.submit(clip)
    make.approve(review, rosa, signed=False)
    assert signing.sign_waiting() == 0
    row = Signing.objects.get()
    assert (row.state, row.problem, row.tries) == ("waiting", "timestamps_away", 1)
    assert row.next_at > datetime.now(UTC)
    assert isinstance(may_see(ada, clip, Variant.MASTER), Refusal)
    assert Notification.objects.filter(user=rosa, kind="signing_stuck").count() == 1
    client = Client()
    client.force_login(rosa)
    page = client.get(reverse("review:desk", args=[review.pk])).content.decode()
    assert "The time-stamp authority does not answer." in page
    settings.PROVENANCE_TIMESTAMPS = ""
    Signing.objects.update(next_at=datetime.now(UTC))
    assert signing.sign_waiting() == 1
    assert Signing.objects.get().problem == ""


@pytest.mark.parametrize("fault", ["expired", "wrong key", "for servers", "none"])
def test_a_certificate_that_does_not_fit_is_said(
    fault: str,
    clip: Clip,
    rosa: User,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "provenance"
    settings.PROVENANCE_FOLDER = folder
    said = {
        "expired": "expired on",
        "wrong key": "The private key is not that of the certificate.",
        "for servers": "not made for signing documents",
        "none": "cannot be read",
    }[fault]
    if fault == "for servers":
        purpose = x509.oid.ExtendedKeyUsageOID
        monkeypatch.setattr(purpose, "EMAIL_PROTECTION", purpose.SERVER_AUTH)
    if fault == "expired":
        began = datetime.now(UTC) - timedelta(days=365 * 40)

        class Then(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return began

        monkeypatch.setattr(authority, "datetime", Then)
    if fault != "none":
        authority.make(folder, programme="Spring films")
    if fault == "wrong key":
        shutil.copy(folder / authority.ROOT_KEY, folder / authority.KEY)
    make.approve(make.submit(clip), rosa, signed=False)
    assert signing.sign_waiting() == 0
    assert said in Signing.objects.get().detail
    settings.TESTING = False
    [warning] = checks.something_signs(None)
    assert said in warning.msg


def test_the_authority_is_made_once_and_for_nobody_else_to_read(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "provenance"
    settings.PROVENANCE_FOLDER = folder
    for _time in range(2):
        call_command("provenance", "init")
        assert "CN=Spring films release" in capsys.readouterr().out
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert {name for name, mode in modes.items() if mode != 0o600} == {"root.pem", "chain.pem"}
    chain = x509.load_pem_x509_certificates((folder / authority.CHAIN).read_bytes())
    assert profile.faults_of(chain, key=(folder / authority.KEY).read_bytes()) == []


def test_somebody_elses_hardware_may_sign(
    clip: Clip,
    ada: User,
    rosa: User,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = authority_folder()
    settings.PROVENANCE_CHAIN = str(folder / authority.CHAIN)
    settings.PROVENANCE_SIGNER = "tests.factories.hardware.sign"
    monkeypatch.setenv("KEY_IN_THE_DEVICE", str(folder / authority.KEY))
    settings.PROVENANCE_ROOTS = str(folder / authority.ROOT)
    make.approve(make.submit(clip), rosa, signed=False)
    assert signing.sign_waiting() == 1, Signing.objects.get().detail
    file = tmp_path / "master.mp4"
    file.write_bytes(bytes_of(ada, clip))
    [(state, _store)] = read_apart(file, root=folder / authority.ROOT)
    assert state == "Trusted"
