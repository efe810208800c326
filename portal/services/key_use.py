"""What happens when a key is used: who it is, or a named refusal; and when it was used last.

Timing tells nothing worth having: prefix and checksum are public arithmetic, and the row is looked
up by the SHA-256 of the key, so what an attacker varies and what the index compares have nothing
to do with each other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import features, keys
from portal.containment import Subject
from portal.errors import (
    InvalidKey,
    KeyExpired,
    KeyFrozen,
    KeyRateLimited,
    KeyRevoked,
    KeyWrongNetwork,
    MissingScope,
    PersonRateLimited,
)
from portal.limits import Spent, spend, tightest
from portal.models import AccessKey, Cohort, Containment, User
from portal.prepared import prepared
from portal.requests import Address, network_of
from portal.services import containment
from portal.services.canaries import sound_alarm
from portal.states import Feature, KeyKind, KeyState, Scope
from portal.tokens import hash_token

log = logging.getLogger(__name__)

# For the WITH of a statement that goes on from the key, locked before anything that joins it; with
# what ``require_alive_as_locked`` asks for.
LOCKED_KEY = """key AS MATERIALIZED (
    SELECT state, reason, expires_at, overlap_ends_at FROM portal_accesskey
    WHERE id = %(key)s FOR NO KEY UPDATE
)"""
LOCKED_FACTS = "key.state, key.reason, key.expires_at, key.overlap_ends_at"

_LOCK = f"WITH {LOCKED_KEY} SELECT {LOCKED_FACTS} FROM key"  # noqa: S608
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class KeyGrant:
    """What a request with a key may do.

    Attributes:
        key, owner, cohort: as they were when the request came; a key opens one cohort's work.
        scopes: what it was made for; ask ``require``.
        spent: this minute's count of its requests or of its owner's, whichever ends first.
    """

    key: AccessKey
    owner: User
    cohort: Cohort
    scopes: frozenset[Scope]
    spent: Spent

    def require(self, scope: Scope) -> None:
        """Raise MissingScope unless the key was made for *scope*."""
        if scope not in self.scopes:
            raise MissingScope(
                _("This access key was not made for “%(scope)s”.") % {"scope": scope.value},
                link=_own_page(),
            )


def authenticate(
    raw: str, *, address: Address | None, client: str = "", now: datetime | None = None
) -> KeyGrant:
    """Who *raw* lets in, from *address*, with the program that calls itself *client*.

    What cannot be a key is refused without asking the database. The state of the cohort is not
    judged here: an artist reads their own work after it has closed, too.

    Raises:
        InvalidKey, KeyRevoked, KeyFrozen, KeyExpired, KeyWrongNetwork, KeyRateLimited,
        PersonRateLimited, FeatureOff, Contained
    """
    if not keys.checksum_ok(raw):
        raise InvalidKey()
    now = now or timezone.now()
    client = clean_client(client)
    key = (
        AccessKey.objects.select_related("owner", "cohort")
        .annotate(any_contained=Exists(Containment.objects.live()))
        .filter(digest=hash_token(raw))
        .first()
    )
    if key is None:
        raise InvalidKey()
    if key.kind == KeyKind.CANARY:
        # Whoever has it must not learn what it is.
        sound_alarm(key=key, address=address, client=client, now=now)
        raise InvalidKey()
    owner = key.owner
    if owner is None or not owner.is_active:
        raise InvalidKey()
    _require_alive(key, now)
    features.require(key.cohort, Feature.ACCESS_KEYS)
    if key.any_contained:
        containment.require_key(Subject(person_id=owner.pk, cohort_id=key.cohort_id, key_id=key.pk))
    if not key.works_from(address):
        log.warning("The key %s was refused from another network than its own", key.hint)
        raise KeyWrongNetwork()
    spent = _counted(key, owner)
    touch(key, address=address, client=client, now=now)
    return KeyGrant(
        key=key,
        owner=owner,
        cohort=key.cohort,
        scopes=frozenset(Scope(scope) for scope in key.scopes),
        spent=spent,
    )


def touch(key: AccessKey, *, address: Address | None, client: str, now: datetime) -> bool:
    """Note that *key* was used; at most one write a minute. Answers whether it was written."""
    before = now - TOUCH_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return False
    # Of many requests at once, the first writes; the others find the row no longer due.
    changed = AccessKey.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=before), pk=key.pk
    ).update(
        last_used_at=now,
        last_used_from=network_of(address) if address is not None else None,
        last_used_client=client,
    )
    return changed == 1


def clean_client(text: str) -> str:
    """A user agent fit to be kept and shown: printable, short, without keys."""
    printable = "".join(letter for letter in text[:500] if letter.isprintable())
    return keys.redact(printable)[:120]


def _counted(key: AccessKey, owner: User) -> Spent:
    """One request more, with the key and with all keys of its owner."""
    person = spend(
        f"person:{owner.pk}", most=settings.API_REQUESTS_PER_MINUTE_PER_PERSON, seconds=60
    )
    if not person.allowed:
        raise PersonRateLimited(retry_after=person.resets_in, spent=person)
    if key.rate_per_minute is None:
        return person
    alone = spend(f"key:{key.pk}", most=key.rate_per_minute, seconds=60)
    if not alone.allowed:
        raise KeyRateLimited(retry_after=alone.resets_in, spent=alone)
    return tightest(person, alone)


def _require_alive(key: AccessKey, now: datetime) -> None:
    if key.state == KeyState.REVOKED:
        raise KeyRevoked(link=_own_page())
    if key.state == KeyState.FROZEN:
        raise frozen(key)
    if key.ends_at <= now:
        raise KeyExpired(link=_own_page())


def require_alive_now(key: AccessKey) -> None:
    """Whether *key* still works, with its row locked until the transaction ends.

    What it was let in for may come a moment after it was frozen or revoked.

    Raises:
        KeyRevoked, KeyFrozen, KeyExpired
    """
    [facts] = prepared(_LOCK, {"key": key.pk})
    require_alive_as_locked(key, facts)


def require_alive_as_locked(key: AccessKey, facts: Sequence[Any]) -> None:
    """As ``require_alive_now``, of *key* in the ``LOCKED_FACTS`` that a statement has read."""
    state, reason, expires_at, overlap_ends_at = facts
    current = AccessKey(
        pk=key.pk,
        state=state,
        reason=reason,
        expires_at=expires_at,
        overlap_ends_at=overlap_ends_at,
    )
    _require_alive(current, timezone.now())


def frozen(key: AccessKey) -> KeyFrozen:
    """The refusal of a frozen *key*: why, and the page where its owner goes on."""
    link = f"{settings.BASE_URL}{reverse('key_frozen', args=[key.pk])}"
    return KeyFrozen(
        _("This access key is frozen: %(reason)s What to do: %(link)s")
        % {"reason": _sentence(key.reason), "link": link},
        link=link,
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _own_page() -> str:
    return f"{settings.BASE_URL}{reverse('keys')}"
