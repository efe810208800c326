"""Access keys: made, rotated, frozen, revoked, reported as found.

A key is shown once and hashed at rest (``portal.keys`` and ``portal.tokens`` say how). Where both
are locked, the cohort comes before the person and the person before the key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access, deletions, features, keys, queries
from portal.deletion_errors import AccountEnding
from portal.errors import (
    AgreementNotSigned,
    CohortNotOpen,
    IllegalTransition,
    KeyReplaced,
    KeyTermsRefused,
    NameTaken,
    NotAllowed,
    ReasonMissing,
    TooManyKeys,
)
from portal.models import AccessKey, Cohort, User
from portal.models.access_key import LONGEST_LIFE, LONGEST_NAME, MOST_RANGES
from portal.requests import Network
from portal.services import audit, key_news, key_rows, leak_reports
from portal.services.key_rows import NewKey
from portal.signals import key_frozen
from portal.states import CohortState, Feature, KeyKind, KeyState, LeakState, Scope
from portal.tokens import hash_token

MOST_LIVE_KEYS = 10
SHORTEST_LIFE = timedelta(hours=1)
LONGEST_OVERLAP = timedelta(days=7)
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,5}")


@dataclass(frozen=True, kw_only=True)
class KeyTerms:
    """What a key is for: ``gpu_seconds`` in all and requests per minute, None for no limit."""

    name: str
    scopes: Collection[Scope]
    lifetime: timedelta
    ip_ranges: Sequence[Network] = ()
    gpu_seconds: int | None = None
    rate_per_minute: int | None = None


@transaction.atomic
def create_key(*, actor: User, cohort: Cohort, terms: KeyTerms, tell: bool = True) -> NewKey:
    """Make *actor* a key for their work in *cohort*; ``tell`` them by mail, unless it is a demo's.

    Raises:
        CohortNotOpen, NotAllowed (no member), FeatureOff, AgreementNotSigned, KeyTermsRefused,
        NameTaken, TooManyKeys, AccountEnding (its deletion waits)
    """
    cohort, name = admit(actor=actor, cohort=cohort, terms=terms)
    made = key_rows.issue(
        owner=actor,
        cohort=cohort,
        name=name,
        scopes=sorted(terms.scopes),
        lifetime=terms.lifetime,
        ip_ranges=list(terms.ip_ranges),
        gpu_seconds=terms.gpu_seconds,
        rate_per_minute=terms.rate_per_minute,
    )
    audit.record(
        actor=actor, action="key.created", target=made.row, cohort=cohort, after=_facts(made.row)
    )
    if tell:
        key_news.created(made.row)
    return made


def admit(*, actor: User, cohort: Cohort, terms: KeyTerms) -> tuple[Cohort, str]:
    """The locked cohort, and the name of the key that *actor* may have there now.

    Call it inside a transaction; raises what :func:`create_key` does.
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if not access.is_member(actor, cohort):
        raise NotAllowed()
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    features.require(cohort, Feature.ACCESS_KEYS, field="cohort")
    if access.owes_signature(actor, cohort):
        raise AgreementNotSigned()
    name = _checked_name(terms)
    # Two requests of one person count one after the other.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if deletions.waiting_of(actor) is not None:
        raise AccountEnding()
    live = list(queries.live_keys_of(actor).values_list("name", flat=True))
    if name.casefold() in {known.casefold() for known in live}:
        raise NameTaken(field="name")
    if len(live) >= MOST_LIVE_KEYS:
        raise TooManyKeys()
    return cohort, name


@transaction.atomic
def rotate_key(
    *, actor: User, key: AccessKey, overlap: timedelta, now: datetime | None = None
) -> NewKey:
    """A new key with the terms of *key*, which works on for *overlap* (0 to 7 days).

    The new one lives as long as the old one was given. A frozen key can be replaced at once only.

    Raises:
        KeyReplaced, IllegalTransition (it no longer works), KeyTermsRefused
    """
    now = now or timezone.now()
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise KeyTermsRefused(_("The old key can live on for seven days at most."), field="overlap")
    old = key_rows.locked(key)
    if old.overlap_ends_at is not None:
        raise KeyReplaced()
    is_frozen = old.standing(now) == "frozen"
    if old.owner is None or not (old.works(now) or (is_frozen and not overlap)):
        raise IllegalTransition()
    old.overlap_ends_at = now + overlap
    old.save(update_fields=["overlap_ends_at"])
    made = key_rows.issue(
        owner=old.owner,
        cohort=old.cohort,
        name=old.name,
        scopes=old.scopes,
        lifetime=old.expires_at - old.created_at,
        ip_ranges=old.ip_ranges,
        gpu_seconds=old.gpu_seconds,
        rate_per_minute=old.rate_per_minute,
        replaces=old,
        now=now,
    )
    audit.record(
        actor=actor,
        action="key.rotated",
        target=made.row,
        cohort=old.cohort,
        before={"hint": old.hint, "works_until": old.ends_at},
        after=_facts(made.row),
    )
    leak_reports.close(key=old, state=LeakState.ROTATED, actor=actor)
    key_news.rotated(made.row, old)
    return made


@transaction.atomic
def revoke_key(*, actor: User, key: AccessKey, reason: str = "") -> AccessKey:
    """End *key* for good; who is not its owner says why.

    Raises:
        ReasonMissing, IllegalTransition (it is revoked already)
    """
    current = key_rows.locked(key)
    said = _said(actor, current, reason)
    before = current.state
    key_rows.revoke(current, reason=said)
    leak_reports.close(key=current, state=LeakState.REVOKED, actor=actor)
    audit.record(
        actor=actor,
        action="key.revoked",
        target=current,
        cohort=current.cohort,
        before={"state": before},
        after={"state": current.state, "name": current.name, "hint": current.hint},
        reason=said,
    )
    key_news.revoked(current, by=actor)
    return current


@transaction.atomic
def freeze_key(*, actor: User | None, key: AccessKey, reason: str) -> AccessKey:
    """Stop *key* until it is thawed; *actor* None is Greenroom itself.

    Raises:
        ReasonMissing, IllegalTransition
    """
    current = key_rows.locked(key)
    current.reason = _said(actor, current, reason)
    current.frozen_by = actor
    key_rows.step(current, KeyState.FROZEN, "reason", "frozen_by")
    audit.record(
        actor=actor,
        action="key.frozen",
        target=current,
        cohort=current.cohort,
        before={"state": KeyState.ACTIVE},
        after={"state": current.state, "name": current.name, "hint": current.hint},
        reason=current.reason,
    )
    key_news.frozen(current)
    key_frozen.send(sender=AccessKey, key=current, actor=actor)
    return current


@transaction.atomic
def thaw_key(*, actor: User, key: AccessKey) -> AccessKey:
    """Let a frozen key work again. An owner thaws what they froze; an admin any of their cohort's.

    Raises:
        NotAllowed, IllegalTransition
    """
    current = key_rows.locked(key)
    if not access.may_thaw_key(actor, current):
        raise NotAllowed()
    if current.alarmed_at is not None:
        # A canary that has sung is known to somebody; only a new one is worth anything.
        raise IllegalTransition()
    current.reason, current.frozen_by = "", None
    key_rows.step(current, KeyState.ACTIVE, "reason", "frozen_by")
    audit.record(
        actor=actor,
        action="key.thawed",
        target=current,
        cohort=current.cohort,
        before={"state": KeyState.FROZEN},
        after={"state": current.state, "name": current.name, "hint": current.hint},
    )
    ended = LeakState.CONFIRMED if actor.pk == current.owner_id else LeakState.THAWED
    leak_reports.close(key=current, state=ended, actor=actor)
    key_news.thawed(current)
    return current


def report_found(*, raw: str, found_on: str = "", now: datetime | None = None) -> bool:
    """Revoke a key that somebody came across, and tell its owner and the cohort's admins.

    Answers whether it is one of ours; a second report changes nothing. Whoever holds a key could
    learn that by using it. ``found_on`` is a host name; anything else is dropped.
    """
    if not keys.checksum_ok(raw):
        return False
    found = AccessKey.objects.filter(digest=hash_token(raw)).first()
    if found is None:
        return False
    _revoke_found(found, found_on=found_on, now=now or timezone.now())
    return True


@transaction.atomic
def _revoke_found(found: AccessKey, *, found_on: str, now: datetime) -> None:
    key = key_rows.locked(found)
    if key.state == KeyState.REVOKED:
        return
    key.reported_at = now
    key.found_on = found_on if _HOST.fullmatch(found_on) and len(found_on) <= 100 else ""
    if key.kind == KeyKind.CANARY and key.alarmed_at is None:
        key.alarmed_at = key.reported_at
    key_rows.revoke(key, "reported_at", "found_on", "alarmed_at", now=now)
    leak_reports.close(key=key, state=LeakState.REVOKED, actor=None)
    audit.record(
        actor=None,
        action="key.reported",
        target=key,
        cohort=key.cohort,
        after={"name": key.name, "hint": key.hint, "found_on": key.found_on},
    )
    key_news.reported(key, admins=access.admins_of(key.cohort_id))


def _checked_name(terms: KeyTerms) -> str:
    name = keys.redact(terms.name).strip()
    if not name or len(name) > LONGEST_NAME:
        raise KeyTermsRefused(_("Give the key a name of at most 60 characters."), field="name")
    if not terms.scopes:
        raise KeyTermsRefused(_("Choose at least one thing the key may do."), field="scopes")
    if not SHORTEST_LIFE <= terms.lifetime <= LONGEST_LIFE:
        raise KeyTermsRefused(_("A key lives between an hour and a year."), field="days")
    if len(terms.ip_ranges) > MOST_RANGES:
        raise KeyTermsRefused(_("At most 20 networks for one key."), field="ip_ranges")
    return name


def _said(actor: User | None, key: AccessKey, reason: str) -> str:
    """The reason without keys in it; only an owner owes nobody one."""
    said = keys.redact(reason).strip()
    if not said and (actor is None or actor.pk != key.owner_id):
        raise ReasonMissing(field="reason")
    return said


def _facts(key: AccessKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "ip_ranges": [str(network) for network in key.ip_ranges],
        "gpu_seconds": key.gpu_seconds,
        "rate_per_minute": key.rate_per_minute,
    }
