"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from review.services import fingerprints, undoing
from review.services.appeal_news import escalate_late as escalate_appeals
from review.services.escalation import escalate_overdue as escalate
from review.services.reminders import remind
from review.services.signing import sign_waiting as sign


@shared_task
def finish_verdicts() -> None:
    undoing.finish_due()


@shared_task
def escalate_overdue() -> None:
    escalate()
    escalate_appeals()


@shared_task
def remind_of_waiting() -> None:
    remind()


@shared_task
def sign_waiting() -> int:
    return sign()


@shared_task
def take_fingerprints() -> int:
    return fingerprints.take_missing()
