from __future__ import annotations

from celery import shared_task

from portal.services import containment, invitations, key_requests, outbox


@shared_task
def expire_invitations() -> int:
    return invitations.expire_due()


@shared_task
def end_containments() -> int:
    return containment.end_due()


@shared_task
def deliver_waiting_mail() -> int:
    return outbox.deliver_waiting()


@shared_task
def forget_old_key_requests() -> int:
    return key_requests.forget_old()
