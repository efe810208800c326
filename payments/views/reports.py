"""A cohort's report: for everyone in it, and for everybody once it is published."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_POST, require_safe

from payments import access
from payments.models import CohortReport
from payments.report_pdf import report_pdf
from payments.report_text import headline, sections
from payments.services import reports as services
from payments.views.statements import pdf_response
from portal.duties import Duty, may_in
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, recent_proof, refuse

# How long a published report may be shown after it was withdrawn, by whoever had fetched it.
FRESH_SECONDS = 300


@require_safe
def report(request: SignedInRequest, slug: str) -> HttpResponse:
    """The newest report of a cohort, and those that were published."""
    cohort = get_object_or_404(access.cohorts_reported_to(request.user), slug=slug)
    newest = CohortReport.objects.filter(cohort=cohort).readable().first()
    if request.GET.get("format") == "pdf" and newest is not None:
        return pdf_response(report_pdf(newest), _file_name(newest))
    return render(
        request,
        "payments/report.html",
        {
            "cohort": cohort,
            "report": newest,
            "headline": headline(newest) if newest else [],
            "sections": sections(newest) if newest else [],
            "published": CohortReport.objects.filter(cohort=cohort).published().readable(),
            "may_publish": may_in(request.user, Duty.COHORTS, cohort.pk),
        },
    )


@only_for(Duty.COHORTS)
@require_POST
def report_make(request: SignedInRequest, slug: str) -> HttpResponse:
    cohort = get_object_or_404(access.cohorts_published_by(request.user), slug=slug)
    here = reverse("payments:report", args=[cohort.slug])
    try:
        services.make(actor=request.user, cohort=cohort)
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(request, _("The report says how things stand now."))
    return redirect(here)


@only_for(Duty.COHORTS)
@require_POST
@recent_proof
def report_publish(request: SignedInRequest, report_id: int) -> HttpResponse:
    return _step(request, report_id, services.publish, _("Anybody may read this report now."))


@only_for(Duty.COHORTS)
@require_POST
@recent_proof
def report_withdraw(request: SignedInRequest, report_id: int) -> HttpResponse:
    return _step(request, report_id, services.withdraw, _("The report is withdrawn."))


def _step(
    request: SignedInRequest, report_id: int, service: Callable[..., CohortReport], said: str
) -> HttpResponse:
    found = get_object_or_404(
        CohortReport.objects.readable().filter(
            cohort__in=access.cohorts_published_by(request.user)
        ),
        pk=report_id,
    )
    here = reverse("payments:report", args=[found.cohort.slug])
    try:
        service(actor=request.user, report=found)
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(request, said)
    return redirect(here)


def _version(request: HttpRequest, slug: str, report_id: int) -> str | None:
    """The PDF's ETag: the figures never change, the words go with the language."""
    public = CohortReport.objects.published().filter(pk=report_id, cohort__slug=slug)
    return f'"{report_id}-{get_language()}"' if public.exists() else None


@login_not_required
@require_safe
@cache_control(private=True, max_age=FRESH_SECONDS)
def public_report(request: HttpRequest, slug: str, report_id: int) -> HttpResponse:
    """A published report; the page carries its reader's own forms, so no shared cache keeps it."""
    found = _published_or_404(slug, report_id)
    return render(
        request,
        "payments/report_public.html",
        {"report": found, "headline": headline(found), "sections": sections(found)},
    )


@login_not_required
@require_safe
@cache_control(public=True, max_age=FRESH_SECONDS)
@condition(etag_func=_version)
def public_report_pdf(request: HttpRequest, slug: str, report_id: int) -> HttpResponse:
    found = _published_or_404(slug, report_id)
    return pdf_response(report_pdf(found), _file_name(found))


def _published_or_404(slug: str, report_id: int) -> CohortReport:
    return get_object_or_404(
        CohortReport.objects.published().readable(), pk=report_id, cohort__slug=slug
    )


def _file_name(found: CohortReport) -> str:
    return f"greenroom-{slugify(found.cohort.name)}-{found.made_at:%Y-%m-%d}.pdf"
