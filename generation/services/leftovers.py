"""Removing files that nobody needs any more, also when whoever should have done so died."""

from __future__ import annotations

from django.db.models.functions import Now

from generation.media import store
from generation.models import Attempt
from generation.states import AttemptState


def remove_due(*, limit: int = 500) -> int:
    """Remove what attempts stored whose time has come; answers how many were looked at.

    Files first, then the note that they are due: a process that ends in between does it again.
    """
    due = (
        Attempt.objects.filter(media_due_at__lte=Now())
        # Whatever the note says, never those of a clip that is there to be seen.
        .exclude(state=AttemptState.FINISHED, clip__deleted_at__isnull=True)
        .order_by("media_due_at", "pk")
        .values_list("pk", "media_key")[:limit]
    )
    looked_at = 0
    for pk, media_key in due:
        store.remove_folder(media_key)
        Attempt.objects.filter(pk=pk).update(media_due_at=None)
        looked_at += 1
    return looked_at
