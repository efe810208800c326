"""The gate: every media URL × everybody × every state of a clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from generation.services import clips
from generation.states import Variant
from portal.models import Cohort, RoleGrant, User
from review.models import Decision, Download, ShareLink
from review.services import shares, submissions
from tests.factories import review as make
from tests.factories.generation import make_ready_clip
from tests.owner import as_owner

ALL = frozenset(Variant)
MARKED = frozenset({Variant.PREVIEW, Variant.POSTER, Variant.FILMSTRIP})
RELEASED = frozenset({Variant.MASTER, Variant.COVER})
STAFF_SEES = ALL - {Variant.MASTER}
NOTHING: frozenset[Variant] = frozenset()


@dataclass(kw_only=True)
class Cast:
    """One person of each kind; ``elsewhere`` works for another cohort."""

    artist: User
    other_artist: User
    reviewer: User
    admin: User
    reviewer_elsewhere: User
    admin_elsewhere: User
    left: User


@pytest.fixture
def cast(ada: User, lucien: User, rosa: User, alba: User, spring: Cohort) -> Cast:
    autumn = make.make_cohort()
    left = make.make_reviewer("Nour Haddad", spring)
    User.objects.filter(pk=left.pk).update(is_active=False)
    return Cast(
        artist=ada,
        other_artist=lucien,
        reviewer=rosa,
        admin=alba,
        reviewer_elsewhere=make.make_reviewer("Remy Chen", autumn),
        admin_elsewhere=make.make_admin("Anselm Weber", autumn),
        left=left,
    )


def unsubmitted(clip: Clip, cast: Cast) -> None:
    pass


def waiting(clip: Clip, cast: Cast) -> None:
    make.submit(clip)


def withdrawn(clip: Clip, cast: Cast) -> None:
    submissions.withdraw(actor=cast.artist, review=make.submit(clip))


def approved(clip: Clip, cast: Cast) -> None:
    make.approve(make.submit(clip), cast.reviewer)


def declined(clip: Clip, cast: Cast) -> None:
    make.decline(make.submit(clip), cast.reviewer)


def revoked(clip: Clip, cast: Cast) -> None:
    review = make.submit(clip)
    make.approve(review, cast.reviewer)
    make.revoke(review, cast.admin)


def deleted(clip: Clip, cast: Cast) -> None:
    declined(clip, cast)
    clips.delete(actor=cast.artist, clip=clip)


# What each may fetch in each state; nobody else, and nothing else.
EXPECTED: list[tuple[Callable[[Clip, Cast], None], frozenset[Variant], frozenset[Variant]]] = [
    (unsubmitted, MARKED, NOTHING),
    (waiting, MARKED, STAFF_SEES),
    (withdrawn, MARKED, NOTHING),
    (approved, MARKED | RELEASED, ALL),
    (declined, MARKED, STAFF_SEES),
    (revoked, MARKED, STAFF_SEES),
    (deleted, NOTHING, NOTHING),
]


def body(response: HttpResponseBase) -> bytes:
    if response.streaming:
        return b"".join(response)
    return bytes(getattr(response, "content", b""))


def status(client: Client, url: str, **headers: str) -> int:
    """The status of an answer that is read to its end."""
    response = client.get(url, headers=headers)
    body(response)
    return response.status_code


def fetchable(person: User | None, clip: Clip) -> frozenset[Variant]:
    """The variants *person* gets; whatever is refused must look like nothing at all."""
    client = Client()
    if person is not None:
        client.force_login(person)
    got = set()
    for variant in Variant:
        response = client.get(reverse("review:media", args=[clip.pk, variant]))
        if response.status_code == 200:
            assert body(response)
            got.add(variant)
        else:
            assert response.status_code == 404, (person, variant)
            assert clip.sha256.encode() not in body(response)
    return frozenset(got)


@pytest.mark.parametrize(
    ("arrange", "artist_sees", "staff_sees"), EXPECTED, ids=[row[0].__name__ for row in EXPECTED]
)
def test_who_gets_what(
    cast: Cast,
    spring: Cohort,
    arrange: Callable[[Clip, Cast], None],
    artist_sees: frozenset[Variant],
    staff_sees: frozenset[Variant],
) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring)
    arrange(clip, cast)
    everybody: dict[str, User | None] = {"stranger": None, **vars(cast)}
    got = {name: fetchable(person, clip) for name, person in everybody.items()}
    assert got == {
        **dict.fromkeys(everybody, NOTHING),
        "artist": artist_sees,
        "reviewer": staff_sees,
        "admin": staff_sees,
    }


@pytest.mark.parametrize("arrange", [row[0] for row in EXPECTED], ids=lambda row: row.__name__)
@pytest.mark.parametrize("is_open", [True, False], ids=["open link", "closed link"])
def test_what_a_link_gives(
    cast: Cast, spring: Cohort, arrange: Callable[[Clip, Cast], None], is_open: bool
) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring)
    arrange(clip, cast)
    assert clip.finished_at is not None
    # Past every service: even a link that should not exist opens nothing by itself.
    link = ShareLink.objects.create(
        clip=clip, title="For friends", created_by=cast.artist, created_at=clip.finished_at
    )
    if not is_open:
        shares.close_link(actor=cast.artist, link=link)
    client = Client()
    got = frozenset(
        variant
        for variant in Variant
        if status(client, reverse("review:shared_media", args=[link.token, variant])) == 200
    )
    assert got == (RELEASED if is_open and arrange is approved else NOTHING)
    page = client.get(link.get_absolute_url())
    assert page.status_code == (200 if is_open and arrange is approved else 410)


def test_an_artist_who_reviews_sees_their_own_clip_as_an_artist(ada: User, spring: Cohort) -> None:
    RoleGrant.objects.create(user=ada, role="reviewer", cohort=spring)
    clip = make_ready_clip(artist=ada, cohort=spring)
    make.submit(clip)
    assert fetchable(ada, clip) == MARKED


def test_guesses_find_nothing(cast: Cast, spring: Cohort) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring)
    approved(clip, cast)
    link = shares.create_link(actor=cast.artist, clip=clip, title="For friends")
    client = Client()
    client.force_login(cast.artist)
    for url in (
        f"/media/clips/{clip.pk}/everything",
        f"/media/clips/{clip.artist_id}/master",
        "/media/clips/00000000-0000-0000-0000-000000000000/master",
        f"/media/{clip.original.name}",
        f"/no-public-media/{clip.original.name}",
        f"/c/{link.token[:-1]}/media/master",
        f"/c/{link.token[:-1]}/",
        f"/c/{link.token}x/",
        f"/c/{link.token}/media/original",
        f"/c/{link.token}/media/preview",
    ):
        assert status(client, url) == 404, url
    assert client.post(reverse("review:media", args=[clip.pk, "master"])).status_code == 405


def test_a_link_opens_its_own_clip_only(cast: Cast, spring: Cohort) -> None:
    mine = make_ready_clip(artist=cast.artist, cohort=spring)
    other = make_ready_clip(artist=cast.artist, cohort=spring)
    for clip in (mine, other):
        approved(clip, cast)
    link = shares.create_link(actor=cast.artist, clip=mine, title="For friends")
    response = Client().get(reverse("review:shared_media", args=[link.token, "master"]))
    with default_storage.open(make.original_name(mine)) as file:
        assert body(response) == file.read()


def overwrite(name: str, content: bytes) -> None:
    Path(default_storage.path(name)).write_bytes(content)


def test_a_file_changed_on_disk_is_served_to_nobody(cast: Cast, spring: Cohort) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring, content=b"the frames" * 100)
    approved(clip, cast)
    link = shares.create_link(actor=cast.artist, clip=clip, title="For friends")
    master = reverse("review:media", args=[clip.pk, "master"])
    shared = reverse("review:shared_media", args=[link.token, "master"])
    original = reverse("review:media", args=[clip.pk, "original"])
    artist, reviewer, public = Client(), Client(), Client()
    artist.force_login(cast.artist)
    reviewer.force_login(cast.reviewer)
    asked = [(artist, master), (public, shared), (reviewer, original), (reviewer, master)]
    for client, url in asked:
        assert body(client.get(url)) == b"the frames" * 100
    # Same name, same length, other bytes: the remembered hash must not vouch for them.
    overwrite(make.original_name(clip), b"The Frames" * 100)
    overwrite(make.signed_name(clip), b"The Frames" * 100)
    for client, url in asked:
        assert status(client, url) == 404
        assert status(client, url, Range="bytes=0-9") == 404


def test_an_approval_of_other_bytes_releases_nothing(cast: Cast, spring: Cohort) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring)
    approved(clip, cast)
    assert fetchable(cast.artist, clip) == MARKED | RELEASED
    for field in ("sha256", "settings_sha256", "prompt", "model_key"):
        with as_owner(), pgtrigger.ignore("review.Decision:decision_append_only"):
            before = Decision.objects.values_list(field, flat=True).get()
            Decision.objects.update(**{field: "0" * 64})
        assert fetchable(cast.artist, clip) == MARKED, field
        with as_owner(), pgtrigger.ignore("review.Decision:decision_append_only"):
            Decision.objects.update(**{field: before})
    assert fetchable(cast.artist, clip) == MARKED | RELEASED


def test_a_master_fetched_is_a_download_on_record(cast: Cast, spring: Cohort) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring, title="Le bateau rouge")
    approved(clip, cast)
    client = Client()
    client.force_login(cast.artist)
    url = reverse("review:media", args=[clip.pk, "master"])
    client.head(url)
    assert not Download.objects.exists()
    response = client.get(url)
    assert response["Content-Disposition"] == (
        f'attachment; filename="ada-okafor-le-bateau-rouge-{clip.short_id}.mp4"'
    )
    body(response)
    client.get(url, headers={"If-None-Match": response["ETag"]})
    body(client.get(url, headers={"Range": "bytes=5-"}))
    download = Download.objects.get()
    assert (download.person, download.sha256) == (cast.artist, clip.sha256)
    assert download.decision.review.clip == clip
    body(client.get(url))
    assert Download.objects.count() == 2


def test_a_fetch_that_skips_the_beginning_is_on_record_too(cast: Cast, spring: Cohort) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring)
    approved(clip, cast)
    client = Client()
    client.force_login(cast.artist)
    body(
        client.get(reverse("review:media", args=[clip.pk, "master"]), headers={"Range": "bytes=1-"})
    )
    assert Download.objects.get().person == cast.artist


def test_nginx_may_do_the_sending(cast: Cast, spring: Cohort, settings: Any) -> None:
    clip = make_ready_clip(artist=cast.artist, cohort=spring)
    settings.MEDIA_ACCEL_PREFIX = "/behind-the-gate/"
    client = Client()
    client.force_login(cast.artist)
    response = client.get(reverse("review:media", args=[clip.pk, "preview"]))
    assert response["X-Accel-Redirect"] == f"/behind-the-gate/{clip.preview.name}"
    assert body(response) == b""
    assert client.get(reverse("review:media", args=[clip.pk, "original"])).status_code == 404


def test_nothing_but_the_gate_opens_a_file() -> None:
    """Whoever serves bytes asks ``review.release``.

    Some read without serving: who hashes for a decision, who signs what was approved, the GPU
    worker, for a clip that starts from another of the same artist or holds it, and a replay.
    """
    readers = {
        str(path.relative_to(settings.BASE_DIR))
        for app in ("portal", "generation", "review", "payments")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        if "open_variant(" in path.read_text()
    }
    assert readers == {
        "generation/media/store.py",
        "generation/worker/lead.py",
        "generation/worker/replay.py",
        "generation/worker/start.py",
        "review/files.py",
    }
    openers = {
        path.name
        for path in (Path(settings.BASE_DIR) / "review").rglob("*.py")
        if "open_stored(" in path.read_text()
    }
    assert openers == {"files.py", "fingerprints.py", "ingredients.py", "release.py", "signing.py"}
