"""Rows of access keys, for the services that change them inside their own transactions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal import keys
from portal.models import AccessKey
from portal.services.transitions import require_step
from portal.states import KEY_TRANSITIONS, KeyState
from portal.tokens import hash_token


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key that was just made, and the only sight of its clear form."""

    row: AccessKey
    clear: str = field(repr=False)


def issue(*, lifetime: timedelta, now: datetime | None = None, **values: Any) -> NewKey:
    clear = keys.make()
    created_at = now or timezone.now()
    row = AccessKey.objects.create(
        digest=hash_token(clear),
        hint=keys.hint(clear),
        created_at=created_at,
        expires_at=created_at + lifetime,
        **values,
    )
    return NewKey(row=row, clear=clear)


def locked(key: AccessKey) -> AccessKey:
    return (
        AccessKey.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "cohort", "frozen_by")
        .get(pk=key.pk)
    )


def revoke(key: AccessKey, *also: str, reason: str = "", now: datetime | None = None) -> None:
    key.revoked_at, key.reason, key.frozen_by = now or timezone.now(), reason, None
    step(key, KeyState.REVOKED, "revoked_at", "reason", "frozen_by", *also)


def step(key: AccessKey, state: KeyState, *also: str) -> None:
    require_step(KEY_TRANSITIONS, KeyState(key.state), state)
    key.state = state
    key.save(update_fields=["state", *also])
