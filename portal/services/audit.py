"""The one way to write to the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import models

from portal import keys
from portal.models import AuditEntry
from portal.requests import request_id

if TYPE_CHECKING:
    from portal.models import Cohort, User


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
    return AuditEntry.objects.create(
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
