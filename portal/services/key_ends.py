"""Every key of one person ends at once."""

from __future__ import annotations

from portal.models import AccessKey, User
from portal.services import audit, key_rows, leak_reports
from portal.states import KeyState, LeakState


def end_all(*, actor: User, owner: User, reason: str = "") -> int:
    """Revoke all keys of *owner* inside the transaction of what ends them; answers how many.

    Nobody is written to for each: whoever calls this says it in one mail.
    """
    live = AccessKey.objects.filter(owner=owner).exclude(state=KeyState.REVOKED).order_by("pk")
    ended = 0
    for key in live:
        current = key_rows.locked(key)
        if current.state == KeyState.REVOKED:
            continue
        before = current.state
        key_rows.revoke(current, reason=reason)
        leak_reports.close(key=current, state=LeakState.REVOKED, actor=actor)
        audit.record(
            actor=actor,
            action="key.revoked",
            target=current,
            cohort=current.cohort,
            before={"state": before},
            after={"state": current.state, "name": current.name, "hint": current.hint},
            reason=reason,
        )
        ended += 1
    return ended
