"""Addresses of the staff's pages of the queue, below ``/programme/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from generation.views import quarantine, shares, staff

app_name = "queue"

urlpatterns: list[URLPattern] = [
    path("queue/", staff.board, name="board"),
    path("queue/live/", staff.board_live, name="board_live"),
    path("queue/pause/", staff.pause, name="pause"),
    path("queue/pauses/<int:pause_id>/resume/", staff.resume, name="resume"),
    path("queue/quarantine/", quarantine.quarantine, name="quarantine"),
    path(
        "queue/quarantine/<uuid:clip_id>/release/",
        quarantine.quarantine_release,
        name="quarantine_release",
    ),
    path(
        "queue/quarantine/<uuid:clip_id>/fail/", quarantine.quarantine_fail, name="quarantine_fail"
    ),
    path("cohorts/<slug:slug>/shares/", shares.cohort_shares, name="shares"),
    path("workers/", staff.worker_list, name="workers"),
    path("workers/live/", staff.worker_list_live, name="workers_live"),
    path("workers/<int:worker_id>/<str:verb>/", staff.worker_verb, name="worker_verb"),
]
