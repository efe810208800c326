"""What an artist says of themselves: who sees it, what is refused, what is kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from portal import portraits
from portal.errors import GreenroomError, KeyInText
from portal.models import AuditEntry, Cohort, Profile, User
from portal.profile_errors import (
    BioTooLong,
    LinkRefused,
    NotAPortrait,
    PortraitTooLarge,
    TooManyLinks,
)
from portal.services import profiles
from portal.services.profiles import Self
from tests.factories.portal import make_key
from tests.portal.pictures import picture

SHARED = "https://example.org/ada"


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def said(artist: User, **more: Any) -> Self:
    return Self(**{"name": artist.name, "language": artist.language, **more})


def stored() -> list[str]:
    try:
        return default_storage.listdir("portraits")[1]
    except FileNotFoundError:
        return []


def test_it_is_kept_and_logged_without_its_words(artist: User) -> None:
    terms = said(
        artist,
        credit_name="  Ada  O. ",
        bio="Paints\r\nwith light.\n",
        links=[SHARED, " ", SHARED, "https://films.example/ä?x=1"],
    )
    person = profiles.save(actor=artist, said=terms)
    assert (person.credit_name, person.credit, person.name) == ("Ada O.", "Ada O.", "Ada Okafor")
    own = Profile.objects.get(user=artist)
    assert (own.bio, own.links, own.portrait) == (
        "Paints\nwith light.",
        [SHARED, "https://films.example/ä?x=1"],
        "",
    )
    profiles.save(actor=artist, said=terms)
    entry = AuditEntry.objects.get(action="person.described")
    assert entry.after == {
        "name": "Ada Okafor",
        "credit_name": "Ada O.",
        "changed": ["bio", "links"],
    }
    profiles.save(actor=artist, said=said(artist))
    own.refresh_from_db()
    assert (own.bio, own.links, User.objects.get(pk=artist.pk).credit) == ("", [], "Ada Okafor")


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org",
        "HTTPS://example.org",
        "javascript:alert(1)",
        "https://",
        "example.org",
        "https://bank.example@evil.example/",
        "https://a b.example/",
        "https://example.org/" + "a" * 200,
    ],
)
def test_links_that_are_refused(artist: User, link: str) -> None:
    with pytest.raises(LinkRefused):
        profiles.save(actor=artist, said=said(artist, name="Changed", links=[SHARED, link]))
    assert not Profile.objects.exists()
    assert User.objects.get(pk=artist.pk).name == "Ada Okafor"


def test_limits(artist: User, cohort: Cohort) -> None:
    refused: list[tuple[dict[str, Any], type[GreenroomError]]] = [
        ({"links": [f"https://example.org/{n}" for n in range(6)]}, TooManyLinks),
        ({"bio": "a" * 601}, BioTooLong),
        ({"links": [f"https://example.org/{make_key(artist, cohort).clear}"]}, KeyInText),
    ]
    for terms, error in refused:
        with pytest.raises(error):
            profiles.save(actor=artist, said=said(artist, **terms))
    profiles.save(actor=artist, said=said(artist, bio="a" * 600))


@pytest.mark.parametrize(
    "values",
    [
        {"links": [f"https://example.org/{n}" for n in range(6)]},
        {"links": ["http://example.org"]},
        {"links": [SHARED, "javascript:alert(1)"]},
        {"links": [f"{SHARED} x"]},
        {"portrait": "portraits/a.jpg"},
        {"portrait_sha256": "a" * 64},
    ],
    ids=str,
)
def test_the_database_refuses(artist: User, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="profile_"), transaction.atomic():
        Profile.objects.create(user=artist, **values)


@pytest.mark.parametrize(
    ("size", "kind", "mode"),
    [((64, 48), "PNG", "RGBA"), ((900, 1600), "JPEG", "RGB"), ((5, 5), "WEBP", "RGB")],
)
def test_a_portrait_is_made_anew(size: tuple[int, int], kind: str, mode: str) -> None:
    more = {"exif": b"Exif\0\0secret"} if kind == "JPEG" else {}
    content = portraits.reencoded(picture(size, kind, mode, **more))
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size, image.mode) == ("JPEG", (512, 512), "RGB")
    assert b"secret" not in content


def test_portraits_that_are_refused(artist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    script = SimpleUploadedFile("me.png", b"<svg onload='alert(1)'/>", "image/png")
    half = picture((400, 400))
    half = SimpleUploadedFile("me.png", half.read()[:80], "image/png")
    for upload in (script, half, picture(kind="GIF", mode="P")):
        with pytest.raises(NotAPortrait):
            profiles.save(actor=artist, said=said(artist, portrait=upload))
    monkeypatch.setattr(portraits, "MAX_PIXELS", 99)
    with pytest.raises(PortraitTooLarge, match="million pixels"):
        profiles.save(actor=artist, said=said(artist, portrait=picture((10, 10))))
    monkeypatch.setattr(portraits, "MAX_BYTES", 10)
    with pytest.raises(PortraitTooLarge, match="larger than"):
        profiles.save(actor=artist, said=said(artist, portrait=picture((10, 10))))
    assert (Profile.objects.count(), stored()) == (0, [])


def test_a_new_portrait_replaces_the_old_one(
    artist: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        profiles.save(actor=artist, said=said(artist, portrait=picture()))
    [first] = stored()
    with django_capture_on_commit_callbacks(execute=True):
        profiles.save(actor=artist, said=said(artist, portrait=picture((9, 9)), bio="x"))
    [second] = stored()
    assert first != second
    # What is said without a picture leaves the one there is.
    profiles.save(actor=artist, said=said(artist, bio="y"))
    assert Profile.objects.get().portrait == f"portraits/{second}"
    with django_capture_on_commit_callbacks(execute=True):
        profiles.save(actor=artist, said=said(artist, bio="y", drop_portrait=True))
    assert (Profile.objects.get().portrait, stored()) == ("", [])


def test_the_page_keeps_what_was_typed(artist: User, artist_client: Client) -> None:
    url = reverse("profile")
    terms = {
        "name": "Ada Okafor",
        "language": "en",
        "credit_name": "Ada O.",
        "bio": "Paints.",
        "links": "http://example.org",
    }
    page = artist_client.post(url, terms)
    assert page.status_code == 400
    body = page.content.decode()
    assert ("Links are whole addresses" in body, 'value="Ada O."' in body) == (True, True)
    assert artist_client.post(url, {**terms, "links": "", "portrait": picture()}).status_code == 302
    body = artist_client.get(url).content.decode()
    assert ("Your portrait" in body, "Remove the portrait" in body) == (True, True)
    answer = artist_client.get(reverse("portrait", args=[artist.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    b"".join(answer)
    refused = artist_client.post(
        url, {**terms, "links": "", "portrait": SimpleUploadedFile("a.png", b"no", "image/png")}
    )
    assert refused.status_code == 415


def test_staff_have_a_name_and_a_language_alone(admin_client: Client) -> None:
    page = admin_client.get(reverse("profile")).content.decode()
    assert "Short bio" not in page


def test_staff_read_it_on_the_persons_page(artist: User, admin_client: Client) -> None:
    profiles.save(
        actor=artist,
        said=said(
            artist, credit_name="Ada O.", bio="<b>Paints</b>", links=[SHARED], portrait=picture()
        ),
    )
    page = admin_client.get(reverse("person", args=[artist.pk])).content.decode()
    assert f'<a href="{SHARED}" rel="noopener nofollow ugc">{SHARED}</a>' in page
    assert "Credited as Ada O." in page
    assert "&lt;b&gt;Paints&lt;/b&gt;" in page
    assert reverse("portrait", args=[artist.pk]) in page


def test_a_portrait_is_not_everybodys(
    artist: User,
    other_artist_client: Client,
    reviewer_client: Client,
    admin_client: Client,
    client: Client,
) -> None:
    profiles.save(actor=artist, said=said(artist, portrait=picture()))
    url = reverse("portrait", args=[artist.pk])
    for stranger in (other_artist_client, reviewer_client):
        assert stranger.get(url).status_code == 404
    assert client.get(url).status_code == 302
    answer = admin_client.get(url)
    b"".join(answer)
    assert answer.status_code == 200
    default_storage.delete(Profile.objects.get().portrait)
    assert admin_client.get(url).status_code == 404
