"""Testing sessions as staff see them: confirm, ask back, not accept, and a cohort's terms."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import access
from payments.models import SessionTerms
from payments.services import sessions as services
from payments.services.session_terms import set_terms, terms_of
from payments.session_forms import SessionAnswerForm, SessionTermsForm
from payments.session_states import SessionState
from portal.duties import Duty
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, refuse, show_form

PAGE = 30
TABS = (
    SessionState.RECORDED,
    SessionState.ASKED,
    SessionState.CONFIRMED,
    SessionState.REJECTED,
)


def _confirmers_only(request: SignedInRequest) -> None:
    if not access.confirms(request.user):
        raise Http404


@require_safe
def waiting(request: SignedInRequest) -> HttpResponse:
    """Sessions by state, those that silence confirms next first."""
    _confirmers_only(request)
    asked = request.GET.get("state", "")
    state = SessionState(asked) if asked in TABS else SessionState.RECORDED
    rows = access.sessions_confirmed_by(request.user).filter(state=state)
    order = ("due_at", "pk") if state == SessionState.RECORDED else ("-started_at", "-pk")
    base = reverse("payments:session_review")
    found = rows.select_related("artist", "cohort", "confirmed_by").order_by(*order)
    return render(
        request,
        "payments/session_review.html",
        {
            "state": state,
            "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
            "query": f"state={state.value}",
            "tabs": [
                {"label": known.label, "url": f"{base}?state={known}", "active": known == state}
                for known in TABS
            ],
        },
    )


@require_POST
def confirm(request: SignedInRequest, session_id: int) -> HttpResponse:
    _confirmers_only(request)
    session = get_object_or_404(access.sessions_confirmed_by(request.user), pk=session_id)
    try:
        services.confirm(actor=request.user, session=session)
    except GreenroomError as error:
        return refuse(request, error, "payments:session_review")
    messages.success(request, _("The session is confirmed and its time is owed."))
    return redirect("payments:session_review")


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Ask the artist, or do not accept the time; both in words."""
    _confirmers_only(request)
    session = get_object_or_404(
        access.sessions_confirmed_by(request.user).select_related("artist", "cohort"),
        pk=session_id,
    )
    form = SessionAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asks = form.cleaned_data["outcome"] == "ask"
        send = services.ask_back if asks else services.reject
        done = form.attempt(
            lambda: send(actor=request.user, session=session, why=form.cleaned_data["why"])
        )
        if done is not None:
            messages.success(request, _("The artist has been told."))
            return redirect("payments:session_review")
    return show_form(request, "payments/session_answer.html", form, {"session": session})


@only_for(Duty.PAYOUTS)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: SignedInRequest, slug: str) -> HttpResponse:
    cohort = get_object_or_404(access.cohorts_paid_by(request.user), slug=slug)
    current = terms_of(cohort)
    form = SessionTermsForm(
        request.POST if request.method == "POST" else None,
        initial=SessionTermsForm.values_of(current),
    )
    if request.method == "POST" and form.is_valid():
        saved = form.attempt(
            lambda: set_terms(actor=request.user, cohort=cohort, **form.cleaned_data)
        )
        if saved is not None:
            messages.success(request, _("The terms are set."))
            return redirect("payments:session_terms", cohort.slug)
    history = SessionTerms.objects.filter(cohort=cohort).select_related("set_by")
    return show_form(
        request,
        "payments/session_terms.html",
        form,
        {"cohort": cohort, "current": current, "history": history.order_by("-pk")},
    )
