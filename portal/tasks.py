from __future__ import annotations

from celery import shared_task

from portal.services import (
    applications,
    containment,
    containment_news,
    deletions,
    device_logins,
    devices,
    invitation_batches,
    invitation_reminders,
    invitations,
    key_requests,
    leak_reports,
    log_heads,
    outbox,
    seals,
    takeouts,
    webhook_delivery,
    webhook_events,
    webhooks,
)


@shared_task
def expire_invitations() -> int:
    return invitations.expire_due()


@shared_task
def remind_invited() -> int:
    return invitation_reminders.remind_due()


@shared_task
def send_invitation_batches() -> int:
    return invitation_batches.go_on()


@shared_task
def expire_invitation_batches() -> int:
    return invitation_batches.expire_due()


@shared_task
def forget_old_applications() -> int:
    return applications.forget_old()


@shared_task
def end_containments() -> int:
    return containment.end_due()


@shared_task
def tell_of_containments() -> int:
    return containment_news.tell_due()


@shared_task
def deliver_waiting_mail() -> int:
    return outbox.deliver_waiting()


@shared_task
def forget_old_key_requests() -> int:
    return key_requests.forget_old()


@shared_task
def forget_old_devices() -> int:
    return devices.forget_old()


@shared_task
def send_webhooks() -> int:
    return webhook_delivery.send_waiting()


@shared_task
def forget_old_webhook_deliveries() -> int:
    return webhook_events.forget_old()


@shared_task
def forget_old_webhook_secrets() -> int:
    return webhooks.forget_old_secrets()


@shared_task
def forget_old_device_logins() -> int:
    return device_logins.forget_old()


@shared_task
def forget_names_in_leak_reports() -> int:
    return leak_reports.forget_names()


@shared_task
def carry_out_deletions() -> int:
    return deletions.carry_out_due()


@shared_task
def tidy_after_deletions() -> int:
    return deletions.tidy()


@shared_task
def make_takeouts() -> int:
    return takeouts.make_waiting()


@shared_task
def remove_takeouts() -> int:
    return takeouts.remove_due()


@shared_task
def seal_log() -> int:
    return seals.seal_waiting()


@shared_task
def tell_head_of_log() -> list[str]:
    log_heads.compare_newest()
    return log_heads.tell_head()
