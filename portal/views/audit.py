"""The audit log as admins read it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from portal import access, queries
from portal.forms import AuditFilterForm
from portal.models import AuditEntry
from portal.tables import harmless
from portal.views.base import SignedInRequest, admins_only

PAGE = 50
EXPORT_HEADER = (
    *("id", "at", "request_id", "actor", "action", "target_type", "target_id", "cohort"),
    *("before", "after", "reason"),
)


@admins_only
@require_safe
def audit_log(request: SignedInRequest) -> HttpResponse:
    """The log, newest first, a page at a time below the last entry seen."""
    form, chosen = _chosen(request)
    entries = list(queries.audit_entries(request.user, chosen)[: PAGE + 1])
    older = ""
    if len(entries) > PAGE:
        filters = {name: str(value) for name, value in request.GET.items() if name != "before"}
        older = "?" + urlencode({**filters, "before": str(entries[PAGE - 1].pk)})
    return render(
        request,
        "portal/programme/audit.html",
        {
            "form": form,
            "entries": entries[:PAGE],
            "older_url": older,
            "is_first_page": chosen.before is None,
            "export_query": urlencode(
                {
                    name: str(value)
                    for name, value in request.GET.items()
                    if name != "before" and value
                }
            ),
        },
    )


@admins_only
@require_safe
def audit_export(request: SignedInRequest) -> StreamingHttpResponse:
    """The same entries as CSV, oldest filter rules apply, no page limit."""
    _form, chosen = _chosen(request)
    entries = queries.audit_entries(request.user, chosen)
    return StreamingHttpResponse(
        _lines(entries.iterator(chunk_size=500)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": (
                f'attachment; filename="greenroom-log-{timezone.localdate():%Y-%m-%d}.csv"'
            )
        },
    )


def _chosen(request: SignedInRequest) -> tuple[AuditFilterForm, queries.AuditFilter]:
    form = AuditFilterForm(
        request.GET,
        actions=queries.audit_actions(request.user),
        cohorts=access.cohorts_administered_by(request.user),
    )
    form.is_valid()
    values = getattr(form, "cleaned_data", {})
    return form, queries.AuditFilter(
        action=values.get("action") or "",
        actor=values.get("person"),
        cohort=values.get("cohort"),
        before=values.get("before"),
    )


class _Echo:
    """A file that gives back what is written, so that lines can be streamed."""

    def write(self, line: str) -> str:
        return line


def _lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(EXPORT_HEADER)
    for entry in entries:
        yield writer.writerow(
            [
                entry.pk,
                entry.at.isoformat(),
                entry.request_id,
                harmless(entry.actor_label),
                entry.action,
                entry.target_type,
                entry.target_id,
                harmless(entry.cohort.name if entry.cohort else ""),
                json.dumps(entry.before, ensure_ascii=False) if entry.before else "",
                json.dumps(entry.after, ensure_ascii=False) if entry.after else "",
                harmless(entry.reason),
            ]
        )
