"""Holding rendering back and letting it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from generation.catalogue import entry
from generation.errors import AlreadyPaused, PauseReasonMissing
from generation.models import Pause
from generation.services.doorbell import ring_on_commit
from portal.errors import IllegalTransition
from portal.services import audit

if TYPE_CHECKING:
    from portal.models import Cohort, User


def pause(*, actor: User, reason: str, cohort: Cohort | None = None, model_key: str = "") -> Pause:
    """From now on no clip of *cohort*, of the model, or (with neither) none at all begins.

    What renders now goes on; what waits keeps its place, and new clips are accepted.

    Raises:
        PauseReasonMissing, AlreadyPaused
        ModelNotOffered: the catalogue has no such model.
    """
    told = " ".join(reason.replace("\x00", "").split())[:300]
    if not told:
        raise PauseReasonMissing(field="reason")
    if model_key:
        entry(model_key)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Pause.objects.create(
                    cohort=cohort, model_key=model_key, reason=told, paused_by=actor
                )
        except IntegrityError as error:
            if "pause_once_at_a_time" in str(error.__cause__):
                raise AlreadyPaused from None
            raise
        made.refresh_from_db(fields=["paused_at"])
        audit.record(
            actor=actor,
            action="queue.paused_all" if made.is_of_everything else "queue.paused",
            target=made,
            cohort=cohort,
            after=_facts(made),
            reason=told,
        )
    return made


def resume(*, actor: User, pause: Pause) -> Pause:
    """End *pause*: what waited goes on where it stood.

    Raises:
        IllegalTransition: somebody resumed it already.
    """
    with transaction.atomic():
        locked = (
            Pause.objects.select_for_update(no_key=True, of=("self",))
            .select_related("cohort")
            .get(pk=pause.pk)
        )
        if locked.resumed_at is not None:
            raise IllegalTransition
        locked.resumed_at = Now()
        locked.resumed_by = actor
        locked.save(update_fields=["resumed_at", "resumed_by"])
        locked.refresh_from_db(fields=["resumed_at"])
        audit.record(
            actor=actor,
            action="queue.resumed_all" if locked.is_of_everything else "queue.resumed",
            target=locked,
            cohort=locked.cohort,
            before=_facts(locked),
        )
        ring_on_commit()
    return locked


def _facts(pause: Pause) -> dict[str, str]:
    return {"name": str(pause), "since": pause.paused_at.isoformat()}
