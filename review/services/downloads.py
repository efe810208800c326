"""The log of who fetched which master."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from portal.services import audit
from review.models import Download

if TYPE_CHECKING:
    from portal.models import User
    from review.models import Decision

_DAY = timedelta(days=1)


def record_download(*, actor: User, decision: Decision, resumed: bool = False) -> Download:
    """Write down that *actor* fetches the master that *decision* covers.

    Args:
        resumed: a part from the middle was asked for; it belongs to the fetch that began within
            the last day, and is a fetch of its own when there was none.
    """
    now = timezone.now()
    if resumed:
        begun = Download.objects.filter(decision=decision, person=actor, at__gt=now - _DAY).first()
        if begun is not None:
            return begun
    with transaction.atomic():
        download = Download.objects.create(
            decision=decision, person=actor, sha256=decision.sha256, at=now
        )
        audit.record(
            actor=actor,
            action="master.downloaded",
            target=download,
            cohort=decision.review.cohort,
            after={"clip": str(decision.review.clip_id), "sha256": decision.sha256},
        )
        return download
