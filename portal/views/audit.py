"""The audit log as admins read it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_safe

from portal import access, log_export, log_queries
from portal.log_forms import AuditFilterForm
from portal.log_queries import AuditFilter
from portal.log_reading import changes
from portal.services import log_exports
from portal.views.base import SignedInRequest, admins_only

PAGE = 50


@admins_only
@require_safe
def audit_log(request: SignedInRequest) -> HttpResponse:
    """The log, newest first, a page at a time below the last entry seen."""
    form, chosen = _chosen(request)
    entries = list(log_queries.audit_entries(request.user, chosen)[: PAGE + 1])
    filters = _filters(request)
    older = ""
    if len(entries) > PAGE:
        older = "?" + urlencode({**filters, "before": str(entries[PAGE - 1].pk)})
    seal = log_queries.last_seal() if access.runs_programme(request.user) else None
    return render(
        request,
        "portal/programme/audit.html",
        {
            "form": form,
            "entries": entries[:PAGE],
            "lines": [(entry, changes(entry)) for entry in entries[:PAGE]],
            "older_url": older,
            "newest_url": "?" + urlencode(filters),
            "is_first_page": chosen.before is None,
            "export_query": urlencode(filters),
            "seal": seal,
            "head": bytes(seal.head).hex() if seal is not None else "",
        },
    )


@admins_only
@require_GET
def audit_export(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """The same entries as a file, no page limit; who took it is itself an entry."""
    _form, chosen = _chosen(request)
    note = log_exports.note_export(actor=request.user, kind=kind, filters=_filters(request))
    entries = log_queries.audit_entries(request.user, chosen).filter(pk__lt=note.pk)
    return log_export.download(entries.iterator(chunk_size=500), kind=kind, name="greenroom-log")


def _filters(request: SignedInRequest) -> dict[str, str]:
    """The filters of the page as its address has them."""
    known = AuditFilterForm.base_fields
    return {
        name: str(value)[:200]
        for name, value in request.GET.items()
        if name in known and name != "before" and value
    }


def _chosen(request: SignedInRequest) -> tuple[AuditFilterForm, AuditFilter]:
    form = AuditFilterForm(
        request.GET,
        actions=log_queries.audit_actions(),
        cohorts=access.cohorts_administered_by(request.user),
    )
    form.is_valid()
    values = getattr(form, "cleaned_data", {})
    return form, AuditFilter(
        action=values.get("action") or "",
        actor=values.get("person"),
        cohort=values.get("cohort"),
        since=values.get("since"),
        until=values.get("until"),
        thing=values.get("thing") or "",
        request_id=values.get("request_id") or "",
        reason=values.get("reason") or "",
        before=values.get("before"),
    )
