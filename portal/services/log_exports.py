"""Who took a copy of the log is in the log."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from portal.models import AuditEntry, User
from portal.services import audit


@transaction.atomic
def note_export(*, actor: User, kind: str, filters: Mapping[str, str]) -> AuditEntry:
    """Write down that *actor* takes what *filters* leave of the log, as a file of *kind*."""
    return audit.record(
        actor=actor, action="log.exported", target=actor, after={"format": kind, **filters}
    )


@transaction.atomic
def note_own_export(*, actor: User, kind: str) -> AuditEntry:
    """Write down that *actor* takes what the log says about them."""
    return audit.record(
        actor=actor, action="log.own_exported", target=actor, after={"format": kind}
    )
