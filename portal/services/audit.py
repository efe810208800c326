"""The one way to write to the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from portal import keys
from portal.models import AuditEntry
from portal.prepared import prepared
from portal.requests import request_id

if TYPE_CHECKING:
    from portal.models import Cohort, User


# Every change of the product waits for it, and the ORM takes several times as long to write it as
# the database to carry it out.
_APPEND = """
    INSERT INTO portal_auditentry (
        request_id, actor_id, actor_label, action, target_type, target_id, cohort_id,
        before, after, reason
    )
    VALUES (
        %(request_id)s, %(actor_id)s, %(actor_label)s, %(action)s, %(target_type)s, %(target_id)s,
        %(cohort_id)s, %(before)s, %(after)s, %(reason)s
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
    entry = AuditEntry(
        request_id=request_id.get(),
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
    values = vars(entry) | {"before": _json(entry.before), "after": _json(entry.after)}
    [(entry.pk, entry.at)] = prepared(_APPEND, values)
    entry._state.adding = False
    return entry


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, cls=DjangoJSONEncoder)
