"""Statements of an artist's account, and what each payee got in a year."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from payments import access
from payments.statement_pdf import statement_pdf
from payments.statements import Period, statement_csv, statements_of
from payments.views.earnings import csv_response
from payments.year_totals import sums, totals_csv, year_totals
from portal.duties import Duty, cohort_ids_for
from portal.views.base import SignedInRequest, only_for


@require_safe
def statement(request: SignedInRequest, year: int, month: int | None = None) -> HttpResponse:
    """A month or a year of the artist's own account: page, PDF or CSV."""
    period = Period(year=year, month=month)
    if not access.earns(request.user) or not period.exists:
        raise Http404
    statements = statements_of(request.user, period)
    wanted = request.GET.get("format")
    if wanted == "csv":
        return csv_response(statement_csv(statements), f"greenroom-{period.name}.csv")
    if wanted == "pdf":
        document = statement_pdf(request.user, period, statements)
        return pdf_response(document, f"greenroom-{period.name}.pdf")
    return render(request, "payments/statement.html", {"period": period, "statements": statements})


@only_for(Duty.PAYOUTS)
@require_safe
def totals(request: SignedInRequest) -> HttpResponse:
    """What each payee earned and was paid in a year."""
    this_year = timezone.localdate().year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this_year
    if not Period(year=year).exists:
        raise Http404
    everywhere = None in cohort_ids_for(request.user, Duty.PAYOUTS)
    rows = year_totals(year, cohorts=None if everywhere else access.cohorts_paid_by(request.user))
    if request.GET.get("format") == "csv":
        return csv_response(totals_csv(year, rows), f"greenroom-payees-{year}.csv")
    return render(
        request,
        "payments/year_totals.html",
        {
            "year": year,
            "previous": year - 1,
            "next": year + 1 if year < this_year else None,
            "running": year == this_year,
            "totals": rows,
            "sums": sums(rows),
        },
    )


def pdf_response(document: bytes, filename: str) -> HttpResponse:
    """*document* as a file to keep."""
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
