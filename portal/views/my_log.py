"""What the log says about whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from portal import log_export, log_queries
from portal.log_reading import Reader, changes
from portal.models import AuditEntry, User
from portal.services import log_exports
from portal.views.base import SignedInRequest

PAGE = 50


@require_safe
def my_log(request: SignedInRequest) -> HttpResponse:
    """What they did and what was done to what is theirs, newest first."""
    before = request.GET.get("before", "")
    below = int(before) if before.isdecimal() and len(before) < 19 else None
    entries = log_queries.own_entries(request.user, most=PAGE + 1, before=below)
    shown = Reader(request.user).read(entries[:PAGE])
    return render(
        request,
        "portal/my_log.html",
        {
            "lines": [(entry, changes(entry)) for entry in shown],
            "older_url": f"?before={shown[-1].pk}" if len(entries) > PAGE else "",
            "is_first_page": below is None,
        },
    )


@require_GET
def my_log_export(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """The same as a file, all of it."""
    note = log_exports.note_own_export(actor=request.user, kind=kind)
    return log_export.download(
        _all(request.user, before=note.pk), kind=kind, name="greenroom-my-log"
    )


def _all(person: User, *, before: int) -> Iterator[AuditEntry]:
    reader = Reader(person)
    for entries in log_queries.each_own_entry(person, before=before):
        yield from reader.read(entries)
