"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from review.services.escalation import escalate_overdue as escalate


@shared_task  # type: ignore[untyped-decorator]
def escalate_overdue() -> None:
    escalate()
