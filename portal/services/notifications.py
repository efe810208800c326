"""Reading notices. Only their owner marks them, and it changes nothing else: no audit entry."""

from __future__ import annotations

from django.utils import timezone

from portal.models import Notification, User


def mark_read(*, actor: User, notification: Notification) -> bool:
    """Mark one notice of *actor* as read; answers whether it was unread."""
    return bool(
        Notification.objects.filter(pk=notification.pk, user=actor, read_at=None).update(
            read_at=timezone.now()
        )
    )


def mark_all_read(*, actor: User) -> int:
    """Mark every notice of *actor* as read; answers how many were unread."""
    return Notification.objects.filter(user=actor, read_at=None).update(read_at=timezone.now())
