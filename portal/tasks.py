from __future__ import annotations

from celery import shared_task

from portal.services import invitations, outbox


@shared_task
def expire_invitations() -> int:
    return invitations.expire_due()


@shared_task
def deliver_waiting_mail() -> int:
    return outbox.deliver_waiting()
