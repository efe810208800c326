"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from review.services.appeal_news import escalate_late as escalate_appeals
from review.services.escalation import escalate_overdue as escalate
from review.services.reminders import remind


@shared_task
def escalate_overdue() -> None:
    escalate()
    escalate_appeals()


@shared_task
def remind_of_waiting() -> None:
    remind()
