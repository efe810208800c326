"""Earnings: what an artist is owed and was paid, down to each piece of work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from payments import access, floor_queries, queries
from payments.charts import earnings_chart
from payments.forms import PayeeForm
from payments.minimums import minimum_of
from payments.models import PayeeDetails, PayHold, WorkItem
from payments.months import months_by_currency
from payments.schedule import next_payout_on
from payments.services.payees import set_payee_details
from payments.statements import months_of
from payments.states import PayeeMethod
from payments.tables import Amount, csv_text
from portal.models import User
from portal.templatetags.greenroom import decimal_amount
from portal.views.base import SignedInRequest, recent_proof, show_form

PAGE = 50


@require_safe
def earnings(request: SignedInRequest) -> HttpResponse:
    _artists_only(request)
    work = queries.work_of(request.user)
    page = Paginator(work, PAGE).get_page(request.GET.get("page"))
    balances = queries.balances_of(request.user)
    return render(
        request,
        "payments/earnings.html",
        {
            "balances": balances,
            "work": page.object_list,
            "page": page,
            "received": queries.received_by(request.user),
            "months": months_of(request.user),
            "pictures": _pictures(request.user),
            "reports": access.cohorts_reported_to(request.user)
            .filter(reports__isnull=False)
            .distinct(),
            "next_payout": next_payout_on(timezone.localdate()),
            "hours": floor_queries.hours_of(request.user)[:12],
            "payee": PayeeDetails.objects.filter(artist=request.user).first(),
            "hold": PayHold.objects.filter(person=request.user, lifted_at__isnull=True).first(),
            "small": [
                (balance, minimum)
                for balance in balances
                for minimum in [minimum_of(balance.currency)]
                if 0 < balance.owed_minor < minimum
            ],
            "money_waits": any(
                balance.owed_minor + balance.in_payout_minor for balance in balances
            ),
        },
    )


def _pictures(artist: User) -> list[dict[str, Any]]:
    """Month by month in each currency; a narrow screen shows half of a year."""
    return [
        {
            "currency": currency,
            "months": months[::-1],
            "charts": [
                ("wide", earnings_chart(months, currency, width=1040, height=290)),
                ("narrow", earnings_chart(months[-6:], currency, width=350, height=250)),
            ],
        }
        for currency, months in months_by_currency(artist).items()
    ]


@require_safe
def work_csv(request: SignedInRequest) -> HttpResponse:
    """All work of the artist, oldest first."""
    _artists_only(request)
    work = queries.work_of(request.user).order_by("pk")
    rows = [_work_row(item) for item in work]
    header = (*("date", "work", "about", "cohort", "rate", "amount", "currency", "state", "note"),)
    return csv_response(csv_text(header, rows), "greenroom-earnings.csv")


def _work_row(item: WorkItem) -> tuple[str, ...]:
    rate = item.rate
    return (
        timezone.localtime(item.accrued_at).isoformat(timespec="seconds"),
        item.kind,
        item.about,
        item.cohort.name,
        Amount(decimal_amount(rate.amount_minor, rate.currency)) if rate else "",
        Amount(decimal_amount(item.amount_minor, item.currency)),
        item.currency,
        str(getattr(item, "state", "")),
        item.note,
    )


@require_safe
def payout_statement(request: SignedInRequest, payout_id: int) -> HttpResponse:
    """What one payout pays this artist for; another artist's lines are not in it."""
    payout = get_object_or_404(
        access.payouts_received_by(request.user).select_related("cohort"), pk=payout_id
    )
    work = list(queries.work_of(request.user).filter(payout_lines__payout=payout).order_by("pk"))
    total = sum(item.amount_minor for item in work)
    if request.GET.get("format") == "csv":
        return _statement_csv(work, f"greenroom-{payout.reference}.csv")
    return render(
        request,
        "payments/statement_payout.html",
        {
            "payout": payout,
            "work": work,
            "total_minor": total,
            "payee": _payee_of(request),
            "remittance": payout.remittances.filter(artist=request.user).first(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def payee(request: SignedInRequest) -> HttpResponse:
    _artists_only(request)
    details = PayeeDetails.objects.filter(artist=request.user).first()
    if request.method == "POST":
        form = PayeeForm(request.POST)
        if form.is_valid():
            saved = form.attempt(
                lambda: set_payee_details(
                    actor=request.user,
                    artist=request.user,
                    method=PayeeMethod(form.cleaned_data["method"]),
                    holder=form.cleaned_data["holder"],
                    account=form.account,
                )
            )
            if saved is not None:
                messages.success(request, _("Your payment details are saved."))
                return redirect("payments:earnings")
    else:
        form = PayeeForm(initial=PayeeForm.values_of(details, request.user))
    return show_form(
        request,
        "payments/payee.html",
        form,
        {"details": details, "cooling_hours": settings.PAYEE_COOLING_HOURS},
    )


def csv_response(text: str, filename: str) -> HttpResponse:
    """*text* as a file to keep."""
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _statement_csv(work: list[WorkItem], filename: str) -> HttpResponse:
    header = (*("date", "work", "about", "cohort", "rate", "amount", "currency", "state", "note"),)
    return csv_response(csv_text(header, [_work_row(item) for item in work]), filename)


def _payee_of(request: SignedInRequest) -> PayeeDetails | None:
    return PayeeDetails.objects.filter(artist=request.user).first()


def _artists_only(request: SignedInRequest) -> None:
    if not access.earns(request.user):
        raise Http404
