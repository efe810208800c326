"""Login by code, after RFC 8628: a program asks, a person answers, the program fetches its key.

The key is made at the moment it is fetched, in the name of who confirmed, so that it need not
wait anywhere in the clear.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal import keys
from portal.device_errors import (
    AuthorizationPending,
    DeviceCodeExpired,
    DeviceCodeInvalid,
    DeviceLoginDenied,
    DeviceLoginUnknown,
    DeviceTokenRefused,
    SlowDown,
)
from portal.models import Cohort, DeviceLogin, User
from portal.models.access_key import LONGEST_NAME
from portal.requests import Address
from portal.services import access_keys, audit
from portal.services.access_keys import KeyTerms
from portal.services.key_rows import NewKey
from portal.services.transitions import require_step
from portal.states import DEVICE_LOGIN_TRANSITIONS, DeviceLoginState, Scope
from portal.tokens import hash_token, new_token

LIFETIME = timedelta(minutes=10)
INTERVAL = 5
# RFC 8628, section 3.5: each "slow_down" lengthens the interval by five seconds, for good.
SLOWER = 5
# A network that delivers two questions closer together than they were sent is no haste.
TOLERANCE = timedelta(seconds=0.5)
KEPT = timedelta(days=1)
# No vowels, so no words; nothing that looks like something else (RFC 8628, section 6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8
SCOPES = (Scope.CLIPS_READ, Scope.CLIPS_WRITE)
_UNIQUE_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Started:
    """A request for a key, and the only sight of its two codes."""

    row: DeviceLogin
    device_code: str = field(repr=False)
    user_code: str = field(repr=False)


def start(*, client: str, address: Address | None, now: datetime | None = None) -> Started:
    """Codes for the program that calls itself *client*, at *address*."""
    now = now or timezone.now()
    for tries_left in reversed(range(_UNIQUE_TRIES)):
        device_code, user_code = new_token(), _new_user_code()
        try:
            with transaction.atomic():
                row = DeviceLogin.objects.create(
                    device_digest=hash_token(device_code),
                    user_digest=_user_digest(user_code),
                    client=_shown(client),
                    address=str(address) if address is not None else None,
                    created_at=now,
                    expires_at=now + LIFETIME,
                    interval=INTERVAL,
                )
        except IntegrityError:
            if not tries_left:
                raise
            continue
        return Started(row=row, device_code=device_code, user_code=user_code)
    raise AssertionError("unreachable")


def waiting(*, user_code: str, now: datetime | None = None) -> DeviceLogin:
    """The request that *user_code* names, however it was typed.

    Raises:
        DeviceLoginUnknown: there is none that waits for an answer.
    """
    found = DeviceLogin.objects.filter(user_digest=_user_digest(user_code)).first()
    if found is None or not found.waits(now):
        raise DeviceLoginUnknown(field="code")
    return found


@transaction.atomic
def confirm(
    *,
    actor: User,
    login: DeviceLogin,
    cohort: Cohort,
    key_name: str,
    days: int,
    now: datetime | None = None,
) -> DeviceLogin:
    """Let the program fetch a key of *actor*'s for *cohort* that works for *days*.

    Raises:
        DeviceLoginUnknown (answered or over meanwhile), and what ``access_keys.create_key`` raises:
        the same is asked again when the key is made.
    """
    now = now or timezone.now()
    current = _locked_waiting(login, now)
    terms = _terms(key_name, days)
    current.cohort, current.key_name = access_keys.admit(actor=actor, cohort=cohort, terms=terms)
    current.key_days = days
    _decide(current, DeviceLoginState.CONFIRMED, actor, now, "cohort", "key_name", "key_days")
    audit.record(
        actor=actor,
        action="device.confirmed",
        target=current,
        cohort=current.cohort,
        after={**_facts(current), "key": current.key_name, "days": days},
    )
    return current


@transaction.atomic
def refuse(*, actor: User, login: DeviceLogin, now: datetime | None = None) -> DeviceLogin:
    """Send the program away.

    Raises:
        DeviceLoginUnknown: answered or over meanwhile.
    """
    now = now or timezone.now()
    current = _locked_waiting(login, now)
    _decide(current, DeviceLoginState.REFUSED, actor, now)
    audit.record(actor=actor, action="device.refused", target=current, after=_facts(current))
    return current


def fetch(*, device_code: str, now: datetime | None = None) -> NewKey:
    """The key, once somebody has confirmed.

    Raises:
        AuthorizationPending, SlowDown, DeviceCodeExpired, DeviceLoginDenied, DeviceCodeInvalid
        (unknown, or fetched before), and what ``access_keys.create_key`` raises.
    """
    answer = _fetch(device_code, now or timezone.now())
    if isinstance(answer, DeviceTokenRefused):
        raise answer
    return answer


def forget_old() -> int:
    """Remove what is long over; answers how many."""
    count, _each = DeviceLogin.objects.filter(created_at__lt=Now() - KEPT).delete()
    return count


@transaction.atomic
def _fetch(device_code: str, now: datetime) -> NewKey | DeviceTokenRefused:
    """The answer as a value: that somebody asked is written down also when it is no."""
    row = (
        DeviceLogin.objects.select_for_update(no_key=True, of=("self",))
        .select_related("decided_by", "cohort")
        .filter(device_digest=hash_token(device_code))
        .first()
    )
    if row is None or row.state == DeviceLoginState.USED:
        return DeviceCodeInvalid()
    if row.state == DeviceLoginState.REFUSED:
        return DeviceLoginDenied()
    if now >= row.expires_at:
        return DeviceCodeExpired()
    if row.state == DeviceLoginState.ASKED:
        return _not_yet(row, now)
    actor, cohort = row.decided_by, row.cohort
    if actor is None or cohort is None or not actor.is_active:
        return DeviceLoginDenied()
    made = access_keys.create_key(
        actor=actor, cohort=cohort, terms=_terms(row.key_name, row.key_days or 0)
    )
    require_step(DEVICE_LOGIN_TRANSITIONS, DeviceLoginState(row.state), DeviceLoginState.USED)
    row.state = DeviceLoginState.USED
    row.save(update_fields=["state"])
    audit.record(
        actor=actor,
        action="device.used",
        target=row,
        cohort=cohort,
        after={**_facts(row), "key": made.row.name, "hint": made.row.hint},
    )
    return made


def _not_yet(row: DeviceLogin, now: datetime) -> DeviceTokenRefused:
    hasty = row.asked_at is not None and now < row.asked_at + (
        timedelta(seconds=row.interval) - TOLERANCE
    )
    row.asked_at = now
    if hasty:
        row.interval += SLOWER
    row.save(update_fields=["asked_at", "interval"])
    return SlowDown() if hasty else AuthorizationPending()


def _locked_waiting(login: DeviceLogin, now: datetime) -> DeviceLogin:
    current = DeviceLogin.objects.select_for_update(no_key=True).get(pk=login.pk)
    if not current.waits(now):
        raise DeviceLoginUnknown(field="code")
    return current


def _decide(
    row: DeviceLogin, state: DeviceLoginState, actor: User, now: datetime, *also: str
) -> None:
    require_step(DEVICE_LOGIN_TRANSITIONS, DeviceLoginState(row.state), state)
    row.state, row.decided_by, row.decided_at = state, actor, now
    row.save(update_fields=["state", "decided_by", "decided_at", *also])


def _terms(name: str, days: int) -> KeyTerms:
    return KeyTerms(name=name, scopes=SCOPES, lifetime=timedelta(days=days))


def _facts(row: DeviceLogin) -> dict[str, str]:
    return {"client": row.client, "from": row.address or "", "state": row.state}


def _shown(client: str) -> str:
    """A program's name fit to be shown: printable, short, without keys."""
    printable = "".join(letter for letter in client[:500] if letter.isprintable())
    return keys.redact(printable).strip()[:LONGEST_NAME].strip() or "?"


def _new_user_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def _user_digest(typed: str) -> str:
    """Case, spaces and dashes are the typist's own."""
    letters = "".join(letter for letter in typed[:100].upper() if letter in ALPHABET)
    return salted_hmac("greenroom.device_login", letters, algorithm="sha256").hexdigest()
