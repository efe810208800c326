"""Envelopes for the jobs worker."""

from __future__ import annotations

from celery import shared_task

from payments.services import floors, sessions
from payments.services.remittances import time_out
from payments.services.reports import make_due


@shared_task
def time_out_remittances() -> None:
    time_out()


@shared_task
def make_reports() -> None:
    make_due()


@shared_task
def stop_forgotten_sessions() -> None:
    sessions.stop_forgotten()


@shared_task
def confirm_silent_sessions() -> None:
    sessions.confirm_silent()


@shared_task
def reckon_floors() -> None:
    floors.reckon_all()
