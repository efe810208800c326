"""Remittances: what is in transit, what nobody knows, what came back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from payments import access, remittance_queries
from payments.models import Remittance
from payments.remittance_errors import ProofMissing
from payments.remittance_forms import AnswerForm, SettleAllForm
from payments.services import remittances as services
from payments.states import PayoutState, RemittanceState
from portal.duties import Duty
from portal.views.base import SignedInRequest, only_for, recent_proof, refuse

PAGE = 50
TABS = (
    RemittanceState.UNKNOWN,
    RemittanceState.SENT,
    RemittanceState.FAILED,
    RemittanceState.SETTLED,
)


@only_for(Duty.PAYOUTS)
@require_safe
def remittance_list(request: SignedInRequest) -> HttpResponse:
    """One state at a time; unknown ones first, if there are any."""
    managed = access.remittances_managed_by(request.user)
    standing = remittance_queries.on_their_way(managed)
    unknown = any(item.state == RemittanceState.UNKNOWN for item in standing)
    asked = request.GET.get("state", "")
    first = RemittanceState.UNKNOWN if unknown else RemittanceState.SENT
    state = RemittanceState(asked) if asked in TABS else first
    ended = state in {RemittanceState.FAILED, RemittanceState.SETTLED}
    rows = (
        managed.filter(state=state)
        .select_related("artist", "payout__cohort")
        .order_by("-closed_at" if ended else "sent_at", "pk")
    )
    return render(
        request,
        "payments/remittance_list.html",
        {
            "standing": standing,
            "state": state,
            "page": Paginator(
                rows.order_by("-closed_at" if ended else "sent_at", "pk"), PAGE
            ).get_page(request.GET.get("page")),
            "tabs": _tabs(state),
            "query": f"state={state.value}",
        },
    )


def _tabs(state: RemittanceState) -> list[dict[str, Any]]:
    base = reverse("payments:remittances")
    return [
        {"label": known.label, "url": f"{base}?state={known.value}", "active": state == known}
        for known in TABS
    ]


@only_for(Duty.PAYOUTS)
@require_safe
def detail(request: SignedInRequest, remittance_id: int) -> HttpResponse:
    row = _managed_or_404(request, remittance_id)
    return _show(request, row, AnswerForm(remittance=row))


def _show(request: SignedInRequest, row: Remittance, form: AnswerForm) -> HttpResponse:
    return render(
        request,
        "payments/remittance_detail.html",
        {
            "remittance": row,
            "form": form,
            "pieces": row.payout.lines.filter(artist=row.artist).count(),
            "history": _history(row),
        },
        status=form.status,
    )


def _history(row: Remittance) -> list[dict[str, Any]]:
    ended = _("It arrived") if row.state == RemittanceState.SETTLED else _("It came back")
    who = f"{ended} · {row.closed_by}" if row.closed_by else ended
    events = [
        (row.created_at, _("Its key was stored and the file written"), "file-text", ""),
        (row.sent_at, _("The money left"), "send", ""),
        (row.unknown_at, _("What became of it was unknown"), "circle-alert", ""),
        (row.closed_at, who, "check", " · ".join(filter(None, [row.reason, row.note]))),
    ]
    return [
        {"time": at, "text": text, "icon": icon, "note": note}
        for at, text, icon, note in events
        if at is not None
    ]


@only_for(Duty.PAYOUTS)
@require_POST
@recent_proof
def answer(request: SignedInRequest, remittance_id: int) -> HttpResponse:
    """Arrived, came back, or nobody can say yet."""
    row = _managed_or_404(request, remittance_id)
    here = reverse("payments:remittance", args=[row.pk])
    if not row.on_its_way:
        messages.info(request, _("This transfer is answered already."))
        return redirect(here)
    form = AnswerForm(request.POST, remittance=row)
    done = form.attempt(lambda: _answered(request, row, form)) if form.is_valid() else None
    if done is None:
        return _show(request, row, form)
    said = {
        RemittanceState.SETTLED: _("Noted: the money arrived."),
        RemittanceState.FAILED: _(
            "Noted: the money came back. It is owed again; the artist knows."
        ),
        RemittanceState.UNKNOWN: _("Noted: it is unknown until somebody has asked the bank."),
    }
    messages.success(request, said[form.outcome_chosen])
    return redirect(here)


def _answered(request: SignedInRequest, row: Remittance, form: AnswerForm) -> Remittance:
    typed = form.cleaned_data
    proof = {"bank_reference": typed["bank_reference"], "note": typed["note"]}
    if form.outcome_chosen == RemittanceState.SETTLED:
        return services.settle(actor=request.user, remittance=row, **proof)
    if form.outcome_chosen == RemittanceState.FAILED:
        return services.fail(actor=request.user, remittance=row, reason=typed["reason"], **proof)
    return services.lose_sight(actor=request.user, remittance=row)


@only_for(Duty.PAYOUTS)
@require_POST
@recent_proof
def settle_all(request: SignedInRequest, payout_id: int) -> HttpResponse:
    """The bank says that a whole payout arrived."""
    payout = get_object_or_404(
        access.payouts_managed_by(request.user), pk=payout_id, state=PayoutState.SENT
    )
    here = reverse("payments:payout_detail", args=[payout.pk])
    form = SettleAllForm(request.POST)
    if not form.is_valid():
        return refuse(request, ProofMissing(_("Give the bank’s reference.")), here)
    count = services.settle_all(
        actor=request.user, payout=payout, bank_reference=form.cleaned_data["bank_reference"]
    )
    messages.success(
        request,
        ngettext("%(count)d transfer arrived.", "%(count)d transfers arrived.", count)
        % {"count": count},
    )
    return redirect(here)


def _managed_or_404(request: SignedInRequest, remittance_id: int) -> Remittance:
    managed = access.remittances_managed_by(request.user)
    return get_object_or_404(
        managed.select_related("payout__cohort", "artist", "closed_by"), pk=remittance_id
    )
