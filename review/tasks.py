"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from review.services import undoing
from review.services.escalation import escalate_overdue as escalate


@shared_task
def finish_verdicts() -> None:
    undoing.finish_due()


@shared_task
def escalate_overdue() -> None:
    escalate()
