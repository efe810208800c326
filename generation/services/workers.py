"""What workers tell of themselves, and what staff ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Now

from generation.models import Worker
from generation.services.doorbell import ring_on_commit
from portal.errors import IllegalTransition
from portal.services import audit

if TYPE_CHECKING:
    from portal.models import User


def started(
    *, name: str, device: str, memory_bytes: int | None, model_key: str, together: int = 1
) -> Worker:
    """A worker has loaded its first model and looks for clips from here on."""
    worker, _made = Worker.objects.update_or_create(
        name=name[:120],
        defaults={
            "device": device[:120],
            "memory_bytes": memory_bytes,
            "model_key": model_key,
            "together": together,
            "started_at": Now(),
            "seen_at": Now(),
            "stopped_at": None,
        },
    )
    return worker


def seen(*, name: str, model_key: str, together: int = 1) -> bool:
    """The worker looks for a clip; answers whether it may take one.

    One that never said it started (it renders inside another process) may.
    """
    found = Worker.objects.filter(name=name[:120])
    if not found.update(seen_at=Now(), model_key=model_key, together=together):
        return True
    return not found.filter(is_resting=True).exists()


def stopped(*, name: str) -> None:
    """The worker ends in an orderly way."""
    Worker.objects.filter(name=name[:120]).update(stopped_at=Now(), model_key="", together=1)


def rest(*, actor: User, worker: Worker) -> Worker:
    """Ask *worker* to take no clip after the one it is at."""
    return _set_resting(actor, worker, True, "worker.rested")


def wake(*, actor: User, worker: Worker) -> Worker:
    """Let *worker* take clips again."""
    return _set_resting(actor, worker, False, "worker.woken")


def _set_resting(actor: User, worker: Worker, resting: bool, action: str) -> Worker:
    with transaction.atomic():
        locked = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        if locked.is_resting is resting:
            raise IllegalTransition
        locked.is_resting = resting
        locked.save(update_fields=["is_resting"])
        audit.record(
            actor=actor,
            action=action,
            target=locked,
            before={"is_resting": not resting},
            after={"is_resting": resting, "name": locked.name},
        )
        if not resting:
            ring_on_commit()
    return locked
