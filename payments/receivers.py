"""News from the lower floors, each handed to one service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.dispatch import receiver

from generation.signals import clip_ready
from payments.services.accrual import accrue_brief_clip

if TYPE_CHECKING:
    from generation.models import Clip


@receiver(clip_ready, dispatch_uid="payments.accrue_brief_clip")
def pay_for_brief_clip(sender: object, clip: Clip, **kwargs: object) -> None:
    """Nobody asks what the clip is like, or waits for a review: it is made, so it is paid."""
    accrue_brief_clip(actor=None, clip=clip)
