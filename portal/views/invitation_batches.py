"""Many invitations from a table: bring it, see what will happen, send, watch, keep as a record."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, queries
from portal.errors import CohortNotOpen, GreenroomError, NotAllowed
from portal.invitation_forms import BatchForm
from portal.invitation_plan import PROBLEMS, Fate, Plan, PlannedRow, plan_of, progress_of
from portal.models import InvitationBatch
from portal.services import invitation_batches
from portal.states import BatchState
from portal.tables import harmless
from portal.views.base import SignedInRequest, admins_only, recent_proof, refuse
from portal.views.cohorts import cohort_or_404

SHOWN = 50
ROWS_A_PAGE = 100
VERBS = {"stop": invitation_batches.stop, "resume": invitation_batches.resume}
HOLDS = {error.code: error.default_message for error in (CohortNotOpen, NotAllowed)}
CSV_HEADER = ("row", "email", "name", "language", "note", "result", "detail")


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def invite_many(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """The form that brings a table, and the tables of this cohort so far."""
    cohort = cohort_or_404(request, slug)
    form = BatchForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: invitation_batches.bring(
                actor=request.user,
                cohort=cohort,
                name=form.cleaned_data["file"].name,
                content=form.content,
            )
        )
        if made is not None:
            return redirect("invitation_batch", made.pk)
    return render(
        request,
        "portal/programme/invite_many.html",
        {
            "cohort": cohort,
            "form": form,
            "seats_left": queries.seats_left(cohort),
            "batches": progress_of(list(cohort.invitation_batches.all()[:SHOWN])),
        },
        status=form.status,
    )


@admins_only
@require_safe
def invitation_batch(request: SignedInRequest, batch_id: Any) -> HttpResponse:
    """Before it is sent, what will happen; then how far it is, and the record of it."""
    found = _batch_or_404(request, batch_id)
    return render(request, "portal/programme/invitation_batch.html", _context(request, found))


@admins_only
@require_safe
def invitation_batch_live(request: SignedInRequest, batch_id: Any) -> HttpResponse:
    return _partial(request, _batch_or_404(request, batch_id))


@admins_only
@require_POST
def invitation_batch_choose(request: SignedInRequest, batch_id: Any) -> HttpResponseBase:
    """Keep the ticks of the rows that the page shows."""
    found = _batch_or_404(request, batch_id)
    here = f"{reverse('invitation_batch', args=[found.pk])}?{_query(request)}"
    try:
        invitation_batches.choose(
            actor=request.user,
            batch=found,
            shown=_numbers(request, "shown"),
            ticked=_numbers(request, "row"),
        )
    except GreenroomError as error:
        return refuse(request, error, here)
    if request.headers.get("HX-Request") == "true":
        return _partial(request, found)
    return redirect(here)


@admins_only
@require_POST
@recent_proof
def invitation_batch_send(request: SignedInRequest, batch_id: Any) -> HttpResponseBase:
    found = _batch_or_404(request, batch_id)
    here = reverse("invitation_batch", args=[found.pk])
    try:
        invitation_batches.start(actor=request.user, batch=found)
    except GreenroomError as error:
        return refuse(request, error, here)
    return redirect(here)


@admins_only
@require_POST
def invitation_batch_verb(request: SignedInRequest, batch_id: Any, verb: str) -> HttpResponseBase:
    """Stop, go on, discard."""
    found = _batch_or_404(request, batch_id)
    here = reverse("invitation_batch", args=[found.pk])
    try:
        if verb == "discard":
            invitation_batches.discard(actor=request.user, batch=found)
            messages.success(request, _("The table was discarded. Nobody was invited."))
            return redirect("invite_many", found.cohort.slug)
        if verb not in VERBS:
            raise Http404
        VERBS[verb](actor=request.user, batch=found)
    except GreenroomError as error:
        return refuse(request, error, here)
    return redirect(here)


@admins_only
@require_safe
def invitation_batch_csv(request: SignedInRequest, batch_id: Any) -> HttpResponse:
    """Each row with what becomes of it; ``?only=problems`` those that cannot be sent."""
    found = _batch_or_404(request, batch_id)
    only_problems = request.GET.get("only") == "problems"
    rows = [row for row in plan_of(found).rows if not only_problems or row.fate in PROBLEMS]
    stem = slugify(found.name.rpartition(".")[0] or found.name) or "invitations"
    name = f"{stem}-{'problems' if only_problems else 'results'}.csv"
    out = io.StringIO()
    # Without its mark, spreadsheets take UTF-8 for the Windows code page.
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_HEADER)
    writer.writerows(_cells(row) for row in rows)
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cells(planned: PlannedRow) -> list[str]:
    row = planned.row
    return [
        harmless(cell)
        for cell in (
            str(row.number),
            row.email,
            row.name,
            row.language,
            row.note,
            str(planned.fate.label),
            str(planned.detail),
        )
    ]


def _partial(request: SignedInRequest, found: InvitationBatch) -> HttpResponse:
    return render(request, "portal/programme/invitation_batch_live.html", _context(request, found))


def _context(request: SignedInRequest, found: InvitationBatch) -> dict[str, Any]:
    plan = plan_of(found)
    only_problems = request.GET.get("only") == "problems"
    rows = [row for row in plan.rows if not only_problems or row.fate in PROBLEMS]
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    page = _page(request.GET.get("page", ""), pages)
    shown = rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    [progress] = progress_of([found])
    return {
        "batch": found,
        "cohort": found.cohort,
        "plan": plan,
        "counts": _counts(plan),
        "progress": progress,
        "rows": shown,
        "only_problems": only_problems,
        "query": _query(request),
        "earlier_url": _address(found, only_problems, page - 1) if page > 1 else "",
        "later_url": _address(found, only_problems, page + 1) if page < pages else "",
        "is_draft": found.state == BatchState.DRAFT and not found.is_over,
        "is_over": found.state == BatchState.EXPIRED or found.is_over,
        "is_moving": found.state == BatchState.SENDING,
        "hold": HOLDS.get(found.held_by, ""),
    }


def _counts(plan: Plan) -> list[dict[str, Any]]:
    """How many rows each fate has, in the order of the fates."""
    counts = plan.counts
    tones = {planned.fate: planned.tone for planned in plan.rows}
    return [
        {"fate": fate, "label": fate.label, "tone": tones[fate], "count": counts[fate]}
        for fate in Fate
        if counts[fate]
    ]


def _address(found: InvitationBatch, only_problems: bool, page: int) -> str:
    query = {"page": page, **({"only": "problems"} if only_problems else {})}
    return f"{reverse('invitation_batch', args=[found.pk])}?{urlencode(query)}"


def _query(request: SignedInRequest) -> str:
    """What of the page's address says which rows it shows."""
    return urlencode(
        {name: request.GET[name] for name in ("page", "only") if request.GET.get(name)}
    )


def _numbers(request: SignedInRequest, name: str) -> set[int]:
    return {
        int(text)
        for text in request.POST.getlist(name)
        if text.isascii() and text.isdigit() and len(text) < 6
    }


def _page(text: str, pages: int) -> int:
    wanted = int(text[:6]) if text.isascii() and text.isdigit() else 1
    return min(max(wanted, 1), pages)


def _batch_or_404(request: SignedInRequest, batch_id: Any) -> InvitationBatch:
    return get_object_or_404(
        access.invitation_batches_administered_by(request.user).select_related(
            "cohort", "brought_by", "started_by"
        ),
        pk=batch_id,
    )
