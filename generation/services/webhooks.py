"""Telling webhooks what became of a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generation.names import video_id
from portal.services import webhook_events

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.states import WebhookEvent


def tell(*, clip: Clip, event: WebhookEvent) -> None:
    """Owe *event* to whoever listens; call it in the transaction of the change, the clip locked."""
    webhook_events.record(**_facts(clip, event))


def told(clip: Clip, event: WebhookEvent) -> dict[str, Any]:
    """The same for a statement that holds ``webhook_events.OWED``."""
    return webhook_events.values_of(**_facts(clip, event))


def _facts(clip: Clip, event: WebhookEvent) -> dict[str, Any]:
    return {
        "type": event,
        "cohort_id": clip.cohort_id,
        "owner_id": clip.artist_id,
        "subject": video_id(clip.pk),
    }
