"""Canary keys: handed to nobody, so whoever uses one has read what nobody should."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal import access
from portal.errors import CohortNotOpen
from portal.models import AccessKey, Cohort, User
from portal.models.access_key import LONGEST_LIFE
from portal.requests import Address, network_of
from portal.services import audit, key_news, key_rows
from portal.services.key_rows import NewKey
from portal.states import CohortState, KeyKind, KeyState, Scope

CANARY_NAME = "canary"


@transaction.atomic
def set_canary(*, actor: User, cohort: Cohort) -> NewKey:
    """A new canary for *cohort*; the one it had is revoked.

    Raises:
        CohortNotOpen: a closed cohort's keys guard nothing any more.
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.state == CohortState.CLOSED:
        raise CohortNotOpen()
    old = (
        cohort.access_keys.select_for_update(no_key=True)
        .filter(kind=KeyKind.CANARY)
        .exclude(state=KeyState.REVOKED)
        .first()
    )
    if old is not None:
        key_rows.revoke(old)
    made = key_rows.issue(
        owner=None,
        cohort=cohort,
        kind=KeyKind.CANARY,
        name=CANARY_NAME,
        scopes=sorted(Scope),
        lifetime=LONGEST_LIFE,
    )
    audit.record(
        actor=actor,
        action="key.canary_set",
        target=made.row,
        cohort=cohort,
        before={"hint": old.hint} if old is not None else {},
        after={"hint": made.row.hint, "cohort": cohort.name},
    )
    return made


@transaction.atomic
def sound_alarm(*, key: AccessKey, address: Address | None, client: str, now: datetime) -> bool:
    """A canary was used: freeze it and tell the admins, once. Answers whether it was the first."""
    current = key_rows.locked(key)
    if current.alarmed_at is not None or current.state == KeyState.REVOKED:
        return False
    current.alarmed_at = current.last_used_at = now
    current.last_used_from = network_of(address) if address is not None else None
    current.last_used_client = client
    fields = ("alarmed_at", "last_used_at", "last_used_from", "last_used_client")
    if current.state == KeyState.ACTIVE:
        key_rows.step(current, KeyState.FROZEN, *fields)
    else:
        current.save(update_fields=fields)
    audit.record(
        actor=None,
        action="key.alarmed",
        target=current,
        cohort=current.cohort,
        after={
            "cohort": current.cohort.name,
            "hint": current.hint,
            "from": str(current.last_used_from or ""),
            "client": client,
        },
    )
    key_news.alarmed(current, admins=access.admins_of(current.cohort_id))
    return True
