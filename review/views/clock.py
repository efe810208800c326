"""The clock of a cohort: in which hours its promises run, and what that means today."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import access
from portal.models import Cohort
from portal.views.base import SignedInRequest, admins_only
from review.clock_forms import ClockForm
from review.clocks import due_by
from review.holidays import next_holidays
from review.models import Clock
from review.services import clocks

SHOWN_HOLIDAYS = 3


def _cohort_or_404(request: SignedInRequest, slug: str) -> Cohort:
    return get_object_or_404(access.cohorts_administered_by(request.user), slug=slug)


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change it; the preview beside the form follows what is typed."""
    cohort = _cohort_or_404(request, slug)
    known = Clock.objects.filter(cohort=cohort).first()
    form = ClockForm(
        request.POST if request.method == "POST" else None, initial=ClockForm.values_of(known)
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.attempt(lambda: clocks.checked(cohort=cohort, **form.terms()))
        if wanted is not None:
            clocks.set_clock(actor=request.user, cohort=cohort, clock=wanted)
            messages.success(request, _("Saved. It counts for what is submitted from here on."))
            return redirect("cohort", cohort.slug)
    context = {
        "cohort": cohort,
        "form": form,
        "preview": _preview(cohort, known),
        "crumbs": [
            {"label": _("Cohorts"), "url": reverse("programme")},
            {"label": cohort.name, "url": reverse("cohort", args=[cohort.slug])},
            {"label": _("Clock of the reviews")},
        ],
    }
    return render(request, "review/clock.html", context, status=form.status)


@admins_only
@require_POST
def preview(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the form as it is typed would promise; nothing is saved."""
    cohort = _cohort_or_404(request, slug)
    form = ClockForm(request.POST)
    wanted = None
    if form.is_valid():
        wanted = form.attempt(lambda: clocks.checked(cohort=cohort, **form.terms()))
    context = {"preview": _preview(cohort, wanted) if wanted is not None else None}
    return render(request, "review/partials/clock_preview.html", context)


def _preview(cohort: Cohort, clock: Clock | None) -> dict[str, Any]:
    running = clock if clock is not None and clock.is_on else None
    now = timezone.now()
    found: list[Any] = []
    if running is not None:
        language = (translation.get_language() or "en")[:2]
        today = timezone.localdate(now)
        ahead = next_holidays(running.country, running.region, after=today, language=language)
        found = [{"day": day, "name": name} for day, name in islice(ahead, SHOWN_HOLIDAYS)]
    return {
        "review_due": due_by(running, now, hours=cohort.review_hours),
        "review_hours": cohort.review_hours,
        "appeal_due": due_by(running, now, hours=cohort.appeal_hours),
        "appeal_hours": cohort.appeal_hours,
        "is_working": running is not None,
        "holidays": found,
    }
