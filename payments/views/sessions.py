"""Testing sessions as their artist sees them: a clock, a form, what became of each."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import access
from payments.models import TestingSession
from payments.services import sessions as services
from payments.services.accrual import rate_on
from payments.services.session_terms import terms_of
from payments.session_forms import SessionForm, StartForm, StopForm, StretchForm
from payments.session_states import SessionState
from payments.states import RateKind
from portal.errors import GreenroomError
from portal.forms import GreenroomForm
from portal.models import Cohort, User
from portal.views.base import SignedInRequest, artists_only, refuse, show_form

PAGE = 30


@artists_only
@require_safe
def session_list(request: SignedInRequest) -> HttpResponse:
    return _show_list(request, _fresh_entry(request), StopForm())


@artists_only
@require_POST
def start(request: SignedInRequest) -> HttpResponse:
    form = StartForm(request.POST, cohorts=_all_cohorts(request.user))
    if not form.is_valid():
        raise Http404
    typed = form.cleaned_data
    try:
        services.start(actor=request.user, cohort=typed["cohort"], token=typed["token"])
    except GreenroomError as error:
        return refuse(request, error, "payments:sessions")
    messages.success(request, _("The clock runs. You may close this page."))
    return redirect("payments:sessions")


@artists_only
@require_POST
def stop(request: SignedInRequest, session_id: int) -> HttpResponse:
    session = get_object_or_404(access.own_sessions(request.user), pk=session_id)
    if not session.is_running:
        return redirect("payments:session", session.pk)
    form = StopForm(request.POST)
    stopped = None
    if form.is_valid():
        stopped = form.attempt(
            lambda: services.stop(
                actor=request.user, session=session, tested=form.cleaned_data["tested"]
            )
        )
    if stopped is None:
        return _show_list(request, _fresh_entry(request), form)
    return _after_recording(request, stopped)


@artists_only
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("payments:sessions")
    form = SessionForm(request.POST, cohorts=_all_cohorts(request.user))
    saved = None
    if form.is_valid():
        typed = form.cleaned_data
        saved = form.attempt(
            lambda: services.enter(
                actor=request.user,
                cohort=typed["cohort"],
                started_at=form.starts_at(),
                minutes=typed["minutes"],
                tested=typed["tested"],
                token=typed["token"],
            )
        )
    if saved is None:
        return _show_list(request, form, StopForm())
    return _after_recording(request, saved)


@artists_only
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: SignedInRequest, session_id: int) -> HttpResponse:
    """One session, and while it can be corrected the form for it."""
    own = access.own_sessions(request.user).select_related("cohort", "answered_by", "confirmed_by")
    session = get_object_or_404(own, pk=session_id)
    if session.is_running:
        return redirect("payments:sessions")
    form = StretchForm(
        request.POST if request.method == "POST" else None,
        initial=StretchForm.values_of(session),
    )
    if request.method == "POST" and form.is_valid():
        saved = form.attempt(
            lambda: services.correct(actor=request.user, session=session, **form.changes())
        )
        if saved is not None:
            return _after_recording(request, saved)
        session.refresh_from_db()
    return show_form(
        request,
        "payments/session_detail.html",
        form,
        {"session": session, "work": session.work_items.with_state().first()},
    )


@artists_only
@require_POST
def withdraw(request: SignedInRequest, session_id: int) -> HttpResponse:
    session = get_object_or_404(access.own_sessions(request.user), pk=session_id)
    try:
        services.withdraw(actor=request.user, session=session)
    except GreenroomError as error:
        return refuse(request, error, "payments:sessions")
    messages.success(request, _("The session is withdrawn. Nothing is paid for it."))
    return redirect("payments:sessions")


def _after_recording(request: SignedInRequest, saved: TestingSession) -> HttpResponse:
    if saved.state == SessionState.ASKED:
        messages.warning(request, saved.answer_text)
        return redirect("payments:session", saved.pk)
    if saved.state == SessionState.CONFIRMED:
        messages.success(request, _("Your session is recorded and earns."))
    else:
        messages.success(request, _("Your session is recorded. Silence confirms it, too."))
    return redirect("payments:sessions")


def _show_list(request: SignedInRequest, entry: GreenroomForm, stop_form: StopForm) -> HttpResponse:
    own = access.own_sessions(request.user).select_related("cohort")
    page = Paginator(own.exclude(state=SessionState.RUNNING), PAGE).get_page(
        request.GET.get("page")
    )
    startable = _running_cohorts(request.user)
    today = timezone.localdate()
    return show_form(
        request,
        "payments/session_list.html",
        stop_form if stop_form.is_bound else entry,
        {
            "entry": entry,
            "stop_form": stop_form,
            "start_form": StartForm(initial={"token": uuid.uuid4()}, cohorts=startable)
            if startable
            else None,
            "running": own.filter(state=SessionState.RUNNING).first(),
            "page": page,
            "rates": [
                (cohort, rate, terms_of(cohort))
                for cohort in _all_cohorts(request.user)
                for rate in [rate_on(today, cohort=cohort, kind=RateKind.TESTING_SESSION)]
            ],
        },
    )


def _fresh_entry(request: SignedInRequest) -> SessionForm:
    return SessionForm(
        initial={"token": uuid.uuid4(), "day": timezone.localdate()},
        cohorts=_all_cohorts(request.user),
    )


def _all_cohorts(user: User) -> QuerySet[Cohort]:
    """Also those that *user* has left: what was done there still counts."""
    return Cohort.objects.filter(memberships__user=user).order_by("-starts_on", "name")


def _running_cohorts(user: User) -> QuerySet[Cohort]:
    taking_part = user.memberships.taking_part()
    return Cohort.objects.filter(memberships__in=taking_part).order_by("-starts_on", "name")
