"""What a person says of themselves: how they are credited, a bio, links, a portrait."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.db import transaction

from portal.errors import KeyInText
from portal.keys import find_in
from portal.models import Profile, User
from portal.models.profile import LONGEST_BIO, LONGEST_LINK, MOST_LINKS
from portal.portraits import reencoded
from portal.profile_errors import BioTooLong, LinkRefused, TooManyLinks
from portal.services import audit, people

_is_address = URLValidator(schemes=["https"])


@dataclass(frozen=True, kw_only=True)
class Self:
    """What somebody says of themselves; without *portrait* the old one stays or is dropped."""

    name: str
    language: str
    credit_name: str = ""
    bio: str = ""
    links: Sequence[str] = ()
    portrait: UploadedFile[bytes] | None = None
    drop_portrait: bool = False


def save(*, actor: User, said: Self) -> User:
    """Change *actor*'s own profile.

    Raises:
        LinkRefused, TooManyLinks, BioTooLong, KeyInText
        NotAPortrait, PortraitTooLarge: the picture is refused; nothing is written.
    """
    links = _checked_links(said.links)
    bio = said.bio.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(bio) > LONGEST_BIO:
        raise BioTooLong(field="bio")
    # Decoding takes time, so it happens before any row is locked.
    content = reencoded(said.portrait) if said.portrait is not None else b""
    stored = ""
    if content:
        stored = default_storage.save(f"portraits/{uuid.uuid4().hex}.jpg", ContentFile(content))
    try:
        with transaction.atomic():
            person = people.update_profile(
                actor=actor, user=actor, name=said.name, language=said.language
            )
            # The person's row, which that locked, keeps two changes apart.
            _write(person, said, bio, links, stored, hashlib.sha256(content).hexdigest())
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise
    return person


def _write(person: User, said: Self, bio: str, links: list[str], stored: str, digest: str) -> None:
    before, credit = person.credit_name, " ".join(said.credit_name.split())[:120]
    row = Profile.objects.filter(user=person).first() or Profile(user=person)
    changed = [
        name
        for name, is_new in (
            ("bio", row.bio != bio),
            ("links", row.links != links),
            ("portrait", bool(stored or (said.drop_portrait and row.portrait))),
        )
        if is_new
    ]
    if before == credit and not changed:
        return
    if before != credit:
        person.credit_name = credit
        person.save(update_fields=["credit_name"])
    if changed:
        row.bio, row.links = bio, links
        if "portrait" in changed:
            _forget_on_commit(row.portrait)
            row.portrait, row.portrait_sha256 = stored, digest if stored else ""
        row.save()
    # The log is kept for ever; what somebody wrote of themselves need not be.
    audit.record(
        actor=person,
        action="person.described",
        target=person,
        before={"credit_name": before},
        after={"name": person.name, "credit_name": credit, "changed": changed},
    )


def _checked_links(links: Sequence[str]) -> list[str]:
    wanted = [link.strip() for link in links if link.strip()]
    if len(wanted) > MOST_LINKS:
        raise TooManyLinks(field="links")
    for link in wanted:
        if find_in(link):
            raise KeyInText(field="links")
        try:
            _is_address(link)
        except ValidationError:
            raise LinkRefused(field="links") from None
        parts = urlsplit(link)
        # A name or password before the host makes an address look like another one.
        if not link.startswith("https://") or parts.username or len(link) > LONGEST_LINK:
            raise LinkRefused(field="links")
    return list(dict.fromkeys(wanted))


def _forget_on_commit(name: str) -> None:
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))
