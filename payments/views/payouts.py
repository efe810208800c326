"""Payouts: one person drafts, another approves, the file goes to the bank, the money is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import access, changes, queries
from payments.errors import PayeeUnreadable
from payments.forms import CancelPayoutForm, DraftPayoutForm
from payments.models import Payout
from payments.models.payout import ALL_APART
from payments.payee_errors import PayeeWaits
from payments.rails import RAILS, rail_of
from payments.remittance_forms import ExportForm, SettleAllForm
from payments.services import payouts as services
from payments.services import remittances
from payments.states import PayoutState, RailKind, RemittanceState
from portal.duties import Duty
from portal.errors import GreenroomError
from portal.models import Cohort
from portal.templatetags.greenroom import CURRENCIES, minor_units
from portal.views.base import SignedInRequest, only_for, recent_proof, refuse

PAGE = 30
# Artists of one payout on a page.
SHARES = 200


@only_for(Duty.PAYOUTS)
@require_safe
def payout_list(request: SignedInRequest) -> HttpResponse:
    """What waits to be paid, and every payout so far."""
    payouts = access.payouts_managed_by(request.user).select_related("cohort", "drafted_by")
    state = request.GET.get("state", "")
    if state in PayoutState.values:
        payouts = payouts.filter(state=state)
    else:
        state = ""
    return render(
        request,
        "payments/payout_list.html",
        {
            "batches": queries.owed_batches(access.cohorts_paid_by(request.user)),
            "cohorts": access.cohorts_paid_by(request.user),
            "unknown": access.remittances_managed_by(request.user)
            .filter(state=RemittanceState.UNKNOWN)
            .count(),
            "page": Paginator(payouts, PAGE).get_page(request.GET.get("page")),
            "tabs": _tabs(state),
            "query": f"state={state}" if state else "",
        },
    )


def _tabs(state: str) -> list[dict[str, Any]]:
    base = reverse("payments:payouts")
    return [
        {"label": _("All"), "url": base, "active": not state},
        *(
            {"label": known.label, "url": f"{base}?state={known.value}", "active": state == known}
            for known in PayoutState
        ),
    ]


@only_for(Duty.PAYOUTS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: SignedInRequest) -> HttpResponse:
    """What is owed to each artist of one cohort in one currency, to be put into a payout."""
    asked = request.POST if request.method == "POST" else request.GET
    cohort = get_object_or_404(access.cohorts_paid_by(request.user), slug=asked.get("cohort", ""))
    currency = asked.get("currency") or cohort.currency
    if currency not in CURRENCIES:
        raise Http404
    if request.method == "POST":
        form = DraftPayoutForm(request.POST)
        payout = None
        if form.is_valid():
            payout = form.attempt(lambda: _drafted(request, form, cohort, currency))
        if payout is not None:
            messages.success(
                request, _("The payout is drafted. Another finance admin has to approve it now.")
            )
            return redirect("payments:payout_detail", payout.pk)
        return _draft_page(request, cohort, currency, form)
    return _draft_page(request, cohort, currency, DraftPayoutForm())


def _drafted(
    request: SignedInRequest, form: DraftPayoutForm, cohort: Cohort, currency: str
) -> Payout:
    return services.draft_payout(
        actor=request.user,
        cohort=cohort,
        currency=currency,
        expected=form.cleaned_data["pay"],
        through=form.cleaned_data["through"],
        idempotency_key=form.cleaned_data["key"],
    )


def _draft_page(
    request: SignedInRequest, cohort: Cohort, currency: str, form: DraftPayoutForm
) -> HttpResponse:
    through = queries.newest_owed(cohort=cohort, currency=currency)
    shares = queries.owed_shares(cohort=cohort, currency=currency, through=through)
    chosen = (
        form.cleaned_data.get("pay") if form.is_bound and hasattr(form, "cleaned_data") else None
    )
    rows: list[dict[str, Any]] = [
        {
            "share": share,
            "checked": share.payable
            and (share.artist.pk in chosen if chosen else not share.below_minimum),
        }
        for share in shares
    ]
    return render(
        request,
        "payments/payout_draft.html",
        {
            "form": form,
            "cohort": cohort,
            "currency": currency,
            "rows": rows,
            "through": through,
            "places": minor_units(currency),
            # A refused form gets a new id: what it asks for now is another payout.
            "key": uuid.uuid4(),
            "total_minor": sum(row["share"].total_minor for row in rows if row["checked"]),
            "without_details": sum(share.payable and not share.payee for share in shares),
        },
        status=form.status,
    )


@only_for(Duty.PAYOUTS)
@require_safe
def detail(request: SignedInRequest, payout_id: int) -> HttpResponse:
    return _show(request, _managed_or_404(request, payout_id), CancelPayoutForm())


def _show(request: SignedInRequest, payout: Payout, cancel_form: CancelPayoutForm) -> HttpResponse:
    shares = queries.payout_shares(payout)
    page = Paginator(shares, SHARES).get_page(request.GET.get("page"))
    transfers = {row.artist_id: row for row in payout.remittances.select_related("artist")}
    return render(
        request,
        "payments/payout_detail.html",
        {
            "payout": payout,
            "rows": [
                {"share": share, "remittance": transfers.get(share.artist.pk)} for share in page
            ],
            "page": page,
            "shares": shares,
            "in_transit": sum(row.state == RemittanceState.SENT for row in transfers.values()),
            "settle_form": SettleAllForm(),
            **_rails(payout),
            "pieces": sum(share.pieces for share in shares),
            "without_details": sum(share.payee is None for share in shares),
            "steps": _steps(payout),
            "history": _history(payout),
            "export": getattr(payout, "export", None),
            "drafted_here": payout.drafted_by_id == request.user.pk,
            "approved_here": payout.approved_by_id == request.user.pk,
            "all_apart": payout.people == ALL_APART,
            "changes": changes.since_draft(payout),
            "pays_me": any(share.artist.pk == request.user.pk for share in shares),
            "may_cancel": payout.state not in {PayoutState.SENT, PayoutState.CANCELLED},
            "cancel_form": cancel_form,
        },
        status=cancel_form.status,
    )


def _rails(payout: Payout) -> dict[str, Any]:
    """The rails to choose from, and why the others cannot carry the payout."""
    if payout.state != PayoutState.APPROVED:
        return {}
    try:
        services.check_waiting(queries.payout_shares(payout))
        planned = remittances.planned(payout)
    except (PayeeUnreadable, PayeeWaits) as error:
        return {"refusals": [str(error.message)]}
    refusals = {kind: rail.refusal(payout, planned) for kind, rail in RAILS.items()}
    return {
        "export_form": ExportForm(possible=[kind for kind, why in refusals.items() if not why]),
        "refusals": [why for why in refusals.values() if why],
    }


def _steps(payout: Payout) -> list[dict[str, Any]]:
    way = [PayoutState.DRAFT, PayoutState.APPROVED, PayoutState.EXPORTED, PayoutState.SENT]
    if payout.state == PayoutState.CANCELLED:
        return []
    reached = way.index(PayoutState(payout.state))
    last = len(way) - 1
    return [
        {
            "label": state.label,
            "state": "done"
            if number < reached or reached == last
            else "current"
            if number == reached
            else "todo",
        }
        for number, state in enumerate(way)
    ]


def _history(payout: Payout) -> list[dict[str, Any]]:
    events = [
        (payout.drafted_at, payout.drafted_by, _("drafted it"), "pencil", ""),
        (payout.approved_at, payout.approved_by, _("approved it"), "check", ""),
        (payout.exported_at, payout.exported_by, _("exported the file"), "download", ""),
        (payout.sent_at, payout.sent_by, _("marked it as sent"), "send", ""),
        (
            payout.cancelled_at,
            payout.cancelled_by,
            _("cancelled it"),
            "x",
            payout.cancel_reason,
        ),
    ]
    return [
        {"time": at, "text": f"{person} {text}", "icon": icon, "note": note}
        for at, person, text, icon, note in events
        if at is not None
    ]


@only_for(Duty.PAYOUTS)
@require_POST
@recent_proof
def approve(request: SignedInRequest, payout_id: int) -> HttpResponse:
    return _step(request, payout_id, services.approve, _("The payout is approved."))


@only_for(Duty.PAYOUTS)
@require_POST
def export(request: SignedInRequest, payout_id: int) -> HttpResponse:
    asked = request.POST.get("rail", RailKind.CSV)
    if asked not in RailKind.values:
        raise Http404
    step = partial(services.export, rail=RailKind(asked))
    return _step(request, payout_id, step, _("The file is ready. Download it for the bank."))


@only_for(Duty.PAYOUTS)
@require_POST
@recent_proof
def sent(request: SignedInRequest, payout_id: int) -> HttpResponse:
    return _step(
        request, payout_id, services.mark_sent, _("Marked as sent. Every artist has been told.")
    )


@only_for(Duty.PAYOUTS)
@require_POST
def cancel(request: SignedInRequest, payout_id: int) -> HttpResponse:
    payout = _managed_or_404(request, payout_id)
    form = CancelPayoutForm(request.POST)
    done = None
    if form.is_valid():
        done = form.attempt(
            lambda: services.cancel(
                actor=request.user, payout=payout, reason=form.cleaned_data["reason"]
            )
        )
    if done is None:
        return _show(request, payout, form)
    messages.success(request, _("The payout is cancelled. Its work is owed again."))
    return redirect("payments:payout_detail", payout.pk)


@only_for(Duty.PAYOUTS)
@require_safe
def export_file(request: SignedInRequest, payout_id: int) -> HttpResponse:
    """The file as it was written once, byte for byte."""
    payout = _managed_or_404(request, payout_id)
    stored = getattr(payout, "export", None)
    if stored is None:
        raise Http404
    rail = rail_of(payout.rail)
    response = HttpResponse(stored.body.encode(), content_type=rail.media_type)
    response["Content-Disposition"] = f'attachment; filename="{rail.file_name(payout)}"'
    return response


def _step(
    request: SignedInRequest,
    payout_id: int,
    service: Callable[..., Payout],
    said: str,
) -> HttpResponse:
    payout = _managed_or_404(request, payout_id)
    here = reverse("payments:payout_detail", args=[payout.pk])
    try:
        service(actor=request.user, payout=payout)
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(request, said)
    return redirect(here)


def _managed_or_404(request: SignedInRequest, payout_id: int) -> Payout:
    managed = access.payouts_managed_by(request.user).select_related(
        "cohort", "drafted_by", "approved_by", "exported_by", "sent_by", "cancelled_by", "export"
    )
    return get_object_or_404(managed, pk=payout_id)
