"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from payments.services.remittances import time_out
from payments.services.reports import make_due


@shared_task
def time_out_remittances() -> None:
    time_out()


@shared_task
def make_reports() -> None:
    make_due()
