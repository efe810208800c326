"""Disputes about pay: the artist's pages, the inbox of finance, and the thread they share."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import access
from payments.dispute_forms import EndForm, RaiseForm, SayForm
from payments.dispute_states import DisputeState
from payments.models import Dispute
from payments.services import disputes as services
from portal.duties import Duty
from portal.models import Cohort
from portal.views.base import SignedInRequest, only_for, recent_proof, show_form

PAGE = 30


@require_safe
def dispute_list(request: SignedInRequest) -> HttpResponse:
    _earners_only(request)
    rows = access.own_disputes(request.user).select_related("work", "cohort")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "payments/dispute_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def raise_one(request: SignedInRequest) -> HttpResponse:
    _earners_only(request)
    work = access.work_visible_to(request.user).order_by("-pk")
    form = RaiseForm(
        request.POST if request.method == "POST" else None,
        initial={"token": uuid.uuid4(), "work": request.GET.get("work", "")},
        cohorts=Cohort.objects.filter(memberships__user=request.user).order_by("-starts_on"),
        work=work.select_related("brief", "feedback", "session", "top_up"),
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        about = typed["work"]
        row = form.attempt(
            lambda: services.raise_dispute(
                actor=request.user,
                cohort=about.cohort if about else typed["cohort"],
                work=about,
                text=typed["text"],
                token=typed["token"],
            )
        )
        if row is not None:
            messages.success(request, _("Finance has been told. You get a mail when they answer."))
            return redirect("payments:dispute", row.pk)
    return show_form(request, "payments/dispute_new.html", form)


@require_safe
def detail(request: SignedInRequest, dispute_id: int) -> HttpResponse:
    return _show(request, _visible_or_404(request, dispute_id), SayForm())


@require_POST
def say(request: SignedInRequest, dispute_id: int) -> HttpResponse:
    row = _visible_or_404(request, dispute_id)
    form = SayForm(request.POST)
    if form.is_valid():
        said = form.attempt(
            lambda: services.say(actor=request.user, dispute=row, text=form.cleaned_data["text"])
        )
        if said is not None:
            messages.success(request, _("Your words are in the thread."))
            return redirect("payments:dispute", row.pk)
    return _show(request, row, form)


@only_for(Duty.PAYOUTS)
@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    """Disputes by state, the oldest first while they run."""
    asked = request.GET.get("state", "")
    state = DisputeState(asked) if asked in DisputeState.values else DisputeState.OPEN
    runs = state in {DisputeState.OPEN, DisputeState.ANSWERED}
    rows = access.disputes_answered_by(request.user).filter(state=state)
    found = rows.select_related("artist", "cohort", "work").order_by("pk" if runs else "-ended_at")
    base = reverse("payments:dispute_inbox")
    return render(
        request,
        "payments/dispute_inbox.html",
        {
            "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
            "query": f"state={state.value}",
            "tabs": [
                {"label": known.label, "url": f"{base}?state={known}", "active": known == state}
                for known in DisputeState
            ],
        },
    )


@only_for(Duty.PAYOUTS)
@require_POST
@recent_proof
def end(request: SignedInRequest, dispute_id: int) -> HttpResponse:
    row = get_object_or_404(access.disputes_answered_by(request.user), pk=dispute_id)
    form = EndForm(request.POST, currency=row.cohort.currency)
    if form.is_valid():
        text = form.cleaned_data["text"]
        done = form.attempt(
            lambda: (
                services.settle(
                    actor=request.user,
                    dispute=row,
                    amount_minor=form.amount_minor,
                    currency=form.currency,
                    text=text,
                )
                if form.cleaned_data["outcome"] == "settle"
                else services.close(actor=request.user, dispute=row, text=text)
            )
        )
        if done is not None:
            messages.success(request, _("The dispute is over. The artist has been told."))
            return redirect("payments:dispute", row.pk)
        row.refresh_from_db()
    return _show(request, row, SayForm(), form)


def _show(
    request: SignedInRequest, row: Dispute, form: SayForm, ending: EndForm | None = None
) -> HttpResponse:
    is_artist = row.artist_id == request.user.pk
    context: dict[str, Any] = {
        "dispute": row,
        "said": row.messages.select_related("by"),
        "is_artist": is_artist,
        "end_form": None if is_artist else ending or EndForm(currency=row.cohort.currency),
        "say_form": form,
    }
    return show_form(request, "payments/dispute_detail.html", ending or form, context)


def _visible_or_404(request: SignedInRequest, dispute_id: int) -> Dispute:
    visible = access.own_disputes(request.user)
    if access.pays(request.user):
        visible = visible | access.disputes_answered_by(request.user)
    rows = visible.select_related("artist", "cohort", "work", "entry_work", "ended_by")
    return get_object_or_404(rows, pk=dispute_id)


def _earners_only(request: SignedInRequest) -> None:
    if not access.earns(request.user):
        raise Http404
