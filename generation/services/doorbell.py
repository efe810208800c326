"""Telling the GPU workers that something waits."""

from __future__ import annotations

from django.db import transaction


def ring_on_commit() -> None:
    """Ring once the transaction is committed; a lost ring costs seconds, never a clip."""
    from generation.tasks import ring

    transaction.on_commit(ring)
