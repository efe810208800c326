"""The waiting list of a cohort, as its admins work through it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, application_queries, queries
from portal.application_forms import ApplicationFilterForm, CallForm, RemarkForm, WordsForm
from portal.application_queries import ApplicationFilter
from portal.errors import GreenroomError
from portal.models import Application
from portal.services import application_news, applications
from portal.states import ApplicationState
from portal.tables import harmless
from portal.views.base import SignedInRequest, admins_only, refuse, show_form
from portal.views.cohorts import cohort_or_404

PAGE = 50
EXPORT_HEADER = (
    *("id", "applied_at", "state", "name", "email", "language"),
    *("link_1", "link_2", "link_3", "link_4", "link_5", "note", "remark"),
)
MOVES = {
    "shortlist": ApplicationState.SHORTLISTED,
    "set-aside": ApplicationState.SET_ASIDE,
    "put-back": ApplicationState.APPLIED,
}


@admins_only
@require_safe
def application_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """Who applied, the newest first, a page at a time below the last one seen."""
    cohort = cohort_or_404(request, slug)
    form, chosen = _chosen(request)
    found = list(application_queries.applications_of(cohort, chosen)[: PAGE + 1])
    filters = {
        name: str(value) for name, value in request.GET.items() if name != "before" and value
    }
    older = ""
    if len(found) > PAGE:
        older = "?" + urlencode({**filters, "before": str(found[PAGE - 1].pk)})
    counts = application_queries.counts_of(cohort)
    call = application_queries.call_of(cohort)
    return render(
        request,
        "portal/programme/applications.html",
        {
            "cohort": cohort,
            "call": call,
            "is_taking": call.takes_on(timezone.localdate()),
            "address": f"{settings.BASE_URL}{reverse('apply', args=[cohort.slug])}",
            "form": form,
            "applications": found[:PAGE],
            "counts": [
                {"label": state.label, "count": counts.get(state.value, 0)}
                for state in ApplicationState
                if state != ApplicationState.UNCONFIRMED
            ],
            "seats_left": queries.seats_left(cohort),
            "older_url": older,
            "is_first_page": chosen.before is None,
            "query": urlencode(filters),
        },
    )


@admins_only
@require_safe
def application_export(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """The same people as CSV, without the limit of a page."""
    cohort = cohort_or_404(request, slug)
    _form, chosen = _chosen(request)
    found = application_queries.applications_of(cohort, chosen)
    return StreamingHttpResponse(
        _lines(found.iterator(chunk_size=500)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": (
                f'attachment; filename="{cohort.slug}-applications-'
                f'{timezone.localdate():%Y-%m-%d}.csv"'
            )
        },
    )


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def application_call(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Whether anybody may apply, and between which days."""
    cohort = cohort_or_404(request, slug)
    call = application_queries.call_of(cohort)
    names = ("is_open", "opens_on", "closes_on", "intro_en", "intro_fr")
    form = CallForm(request.POST or None, initial={name: getattr(call, name) for name in names})
    if request.method == "POST" and form.is_valid():
        done = form.attempt(
            lambda: applications.set_call(actor=request.user, cohort=cohort, **form.cleaned_data)
        )
        if done is not None:
            messages.success(request, _("Saved."))
            return redirect("applications", slug)
    return show_form(request, "portal/programme/application_call.html", form, {"cohort": cohort})


@admins_only
@require_POST
def applications_move(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Shortlist, set aside or invite those that were ticked."""
    cohort = cohort_or_404(request, slug)
    verb = request.POST.get("verb", "")
    if verb not in {*MOVES, "invite"}:
        raise Http404
    ticked = [pk for pk in request.POST.getlist("application") if pk.isdecimal() and len(pk) < 19]
    found = list(
        access.applications_administered_by(request.user)
        .filter(cohort=cohort, pk__in=ticked)
        .order_by("pk")
    )
    done = 0
    for application in found:
        try:
            _carry_out(request, application, verb)
        except GreenroomError as error:
            messages.error(request, f"{application.name}: {error.message}")
        else:
            done += 1
    if not found:
        messages.error(request, _("Tick who is meant first."))
    elif done and verb == "invite":
        messages.success(
            request,
            ngettext(
                "%(count)s invitation is on its way.",
                "%(count)s invitations are on their way.",
                done,
            )
            % {"count": done},
        )
    elif done:
        messages.success(request, _("Done. It is in the log with your name."))
    back = request.POST.get("query", "")
    here = reverse("applications", args=[slug])
    return redirect(f"{here}?{back}" if back else here)


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def application(request: SignedInRequest, application_id: int) -> HttpResponseBase:
    """All of one application, and the admins' notes on it."""
    found = _application_or_404(request, application_id)
    form = RemarkForm(request.POST or None, initial={"remark": found.remark})
    if request.method == "POST" and form.is_valid():
        done = form.attempt(
            lambda: applications.remark(
                actor=request.user, application=found, text=form.cleaned_data["remark"]
            )
        )
        if done is not None:
            messages.success(request, _("Saved."))
            return redirect("application", found.pk)
    return show_form(
        request,
        "portal/programme/application.html",
        form,
        {
            "application": found,
            "deleted_at": application_news.deleted_at(found),
            "is_open": found.state not in {ApplicationState.UNCONFIRMED, ApplicationState.INVITED},
            "seats_left": queries.seats_left(found.cohort),
            "history": queries.timeline(queries.history_of(found, limit=20)),
        },
    )


@admins_only
@require_POST
def application_verb(request: SignedInRequest, application_id: int, verb: str) -> HttpResponseBase:
    """Shortlist, set aside, put back or invite one."""
    if verb not in {*MOVES, "invite"}:
        raise Http404
    found = _application_or_404(request, application_id)
    here = reverse("application", args=[found.pk])
    try:
        _carry_out(request, found, verb)
    except GreenroomError as error:
        return refuse(request, error, here)
    if verb == "invite":
        messages.success(
            request, _("The invitation to %(email)s is on its way.") % {"email": found.email}
        )
    else:
        messages.success(request, _("Done. It is in the log with your name."))
    return redirect(here)


def _carry_out(request: SignedInRequest, application: Application, verb: str) -> None:
    form = WordsForm(request.POST)
    values: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    words = values.get("words", "")
    if verb == "invite":
        applications.invite(actor=request.user, application=application, note=words)
        return
    applications.move(
        actor=request.user,
        application=application,
        state=MOVES[verb],
        tell=values.get("tell", False),
        words=words,
    )


def _chosen(request: SignedInRequest) -> tuple[ApplicationFilterForm, ApplicationFilter]:
    form = ApplicationFilterForm(request.GET)
    form.is_valid()
    values = getattr(form, "cleaned_data", {})
    return form, ApplicationFilter(
        state=values.get("state") or "",
        search=(values.get("search") or "").replace("\x00", "").strip(),
        before=values.get("before"),
    )


def _application_or_404(request: SignedInRequest, application_id: int) -> Application:
    return get_object_or_404(access.applications_administered_by(request.user), pk=application_id)


class _Echo:
    """A file that gives back what is written, so that lines can be streamed."""

    def write(self, line: str) -> str:
        return line


def _lines(found: Iterator[Application]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(EXPORT_HEADER)
    for one in found:
        links = [*one.links, *[""] * 5][:5]
        yield writer.writerow(
            [
                one.pk,
                one.created_at.isoformat(),
                one.state,
                *(harmless(cell) for cell in (one.name, one.email, one.language, *links)),
                harmless(one.note),
                harmless(one.remark),
            ]
        )
