"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from payments.services.remittances import time_out


@shared_task
def time_out_remittances() -> None:
    time_out()
