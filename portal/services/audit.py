"""The one way to write to the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from portal import keys
from portal.models import AuditEntry
from portal.prepared import prepared
from portal.requests import origin, request_id

if TYPE_CHECKING:
    from portal.models import Cohort, User


# Every change of the product waits for it, and the ORM takes several times as long to write it as
# the database to carry it out.
_APPEND = """
    INSERT INTO portal_auditentry (
        request_id, network, key_hint, actor_id, actor_label, action, target_type,
        target_id, cohort_id, before, after, reason
    )
    VALUES (
        %(audit_request_id)s, %(audit_network)s, %(audit_key_hint)s, %(audit_actor_id)s,
        %(audit_actor_label)s, %(audit_action)s, %(audit_target_type)s,
        %(audit_target_id)s, %(audit_cohort_id)s, %(audit_before)s, %(audit_after)s,
        %(audit_reason)s
    )
    RETURNING id, at
"""


def record(
    *,
    actor: User | None,
    action: str,
    target: models.Model,
    cohort: Cohort | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Append one entry; call it inside the transaction of the change it tells of.

    Args:
        actor: who did it; None for the system itself (beat, worker).
        action: ``noun.verb`` in the past tense, e.g. ``"clip.submitted"``.
        before, after: the named fields that changed, as JSON values.

    An access key that somebody typed into a reason or a name is taken out: entries stay for ever.
    """
    entry = _entry(actor, action, target, cohort, before, after, reason)
    [(entry.pk, entry.at)] = prepared(_APPEND, _values(entry))
    entry._state.adding = False
    return entry


def record_with(
    change: str,
    values: Mapping[str, Any],
    *,
    actor: User | None,
    action: str,
    target: models.Model,
    cohort: Cohort | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> list[tuple[Any, ...]]:
    """Carry out *change* and append its entry in one statement; answers what *change* returns.

    For what is asked for all day: each statement waits for the server and back.

    Args:
        change: an ``INSERT`` or ``UPDATE`` with ``RETURNING``, a constant of the program; its
            names for *values* do not begin with ``audit_``.
        actor, action, target, cohort, before, after, reason: as for :func:`record`. The entry is
            written even if *change* found no row.
    """
    entry = _entry(actor, action, target, cohort, before, after, reason)
    return prepared(_with_entry(change), {**values, **_values(entry)})


@cache
def _with_entry(change: str) -> str:
    return f"WITH change AS ({change}), entry AS ({_APPEND}) SELECT * FROM change"  # noqa: S608


def _entry(
    actor: User | None,
    action: str,
    target: models.Model,
    cohort: Cohort | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    reason: str,
) -> AuditEntry:
    whence = origin.get()
    return AuditEntry(
        request_id=request_id.get(),
        network=whence.network if whence is not None else None,
        key_hint=whence.key_hint if whence is not None else "",
        actor=actor,
        actor_label=str(actor) if actor is not None else "system",
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        cohort=cohort,
        before=keys.redact_values(before or {}),
        after=keys.redact_values(after or {}),
        reason=keys.redact(reason),
    )


def _values(entry: AuditEntry) -> dict[str, Any]:
    return {
        "audit_request_id": entry.request_id,
        "audit_network": str(entry.network) if entry.network is not None else None,
        "audit_key_hint": entry.key_hint,
        "audit_actor_id": entry.actor_id,
        "audit_actor_label": entry.actor_label,
        "audit_action": entry.action,
        "audit_target_type": entry.target_type,
        "audit_target_id": entry.target_id,
        "audit_cohort_id": entry.cohort_id,
        "audit_before": _json(entry.before),
        "audit_after": _json(entry.after),
        "audit_reason": entry.reason,
    }


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, cls=DjangoJSONEncoder)
