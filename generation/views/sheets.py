"""Prompt sheets: bring one, see what it will make, start it, watch it, fetch its results."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generation.access import cohorts_open_for, sheets_of
from generation.models import PromptSheet
from generation.services import sheets
from generation.sheet_forms import SheetForm
from generation.sheet_standing import ROWS_A_PAGE, rows_of, shortfall, standings_of
from generation.sheets.results import results_csv
from generation.states import SheetState
from generation.views.parts import artist_or_404, closed_to
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, refuse

SHOWN = 50
VERBS = {
    "start": sheets.start,
    "pause": sheets.pause,
    "resume": sheets.resume,
    "cancel": sheets.cancel,
    "again": sheets.run_again,
}


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_list(request: SignedInRequest) -> HttpResponse:
    """The sheets so far, and the form that brings another one."""
    artist = artist_or_404(request)
    cohorts = cohorts_open_for(artist)
    form = SheetForm(request.POST or None, request.FILES or None, cohorts=cohorts)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: sheets.bring(
                actor=artist,
                cohort=form.chosen,
                name=form.cleaned_data["file"].name,
                content=form.content,
            )
        )
        if made is not None:
            return redirect("generation:sheet", made.pk)
    context = {
        "form": form if cohorts else None,
        **({} if cohorts else closed_to(artist)),
        "sheets": standings_of(list(sheets_of(artist)[:SHOWN])),
    }
    return render(request, "generation/sheets.html", context, status=form.status)


@require_GET
def sheet(request: SignedInRequest, sheet_id: Any) -> HttpResponse:
    """Before its start, what it will make; then how far it is."""
    return render(request, "generation/sheet.html", _context(request, sheet_id))


@require_GET
def sheet_live(request: SignedInRequest, sheet_id: Any) -> HttpResponse:
    return render(request, "generation/partials/sheet.html", _context(request, sheet_id))


@require_GET
def sheet_results(request: SignedInRequest, sheet_id: Any) -> HttpResponse:
    found = _own(request, sheet_id)
    rows = found.rows.select_related("clip").order_by("number")
    name = slugify(found.name.rpartition(".")[0] or found.name) or "prompts"
    return HttpResponse(
        results_csv(rows.iterator(chunk_size=500)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-results.csv"'},
    )


@require_POST
def sheet_verb(request: SignedInRequest, sheet_id: Any, verb: str) -> HttpResponse:
    """Start, pause, resume, cancel, run what failed again, delete."""
    found = _own(request, sheet_id)
    here = reverse("generation:sheet", args=[found.pk])
    try:
        if verb == "delete":
            sheets.delete(actor=request.user, sheet=found)
            messages.success(request, _("The prompt sheet was deleted."))
            return redirect("generation:sheets")
        if verb not in VERBS:
            raise Http404
        VERBS[verb](actor=request.user, sheet=found)
    except GreenroomError as error:
        return refuse(request, error, here)
    return redirect(here)


def _context(request: SignedInRequest, sheet_id: Any) -> dict[str, Any]:
    found = _own(request, sheet_id)
    [standing] = standings_of([found])
    pages = max(1, -(-standing.rows // ROWS_A_PAGE))
    page = _page(request.GET.get("page", ""), pages)
    is_draft = found.state == SheetState.DRAFT
    return {
        "sheet": found,
        "standing": standing,
        "rows": rows_of(found, page),
        "page": page,
        "earlier_url": f"?page={page - 1}" if page > 1 else "",
        "later_url": f"?page={page + 1}" if page < pages else "",
        "is_draft": is_draft,
        "left": shortfall(request.user, standing) if standing.due else "",
    }


def _page(text: str, pages: int) -> int:
    wanted = int(text[:6]) if text.isascii() and text.isdigit() else 1
    return min(max(wanted, 1), pages)


def _own(request: SignedInRequest, sheet_id: Any) -> PromptSheet:
    return get_object_or_404(sheets_of(artist_or_404(request)), pk=sheet_id)
