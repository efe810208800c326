"""Keys that looked leaked, as admins see them, and what each cohort takes for a leak."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access
from portal.errors import GreenroomError
from portal.key_forms import LeakPolicyForm
from portal.leaks.words import sentence
from portal.models import LeakReport
from portal.services import leak_reports, leaks
from portal.states import KeyState, LeakState
from portal.views.base import SignedInRequest, admins_only, refuse, show_form
from portal.views.cohorts import cohort_or_404

PAGE = 50
TONES: dict[str, str] = {
    LeakState.OPEN: "warning",
    LeakState.CONFIRMED: "success",
    LeakState.THAWED: "success",
}


def evidence(report: LeakReport) -> list[dict[str, Any]]:
    """What was found, in words, the heaviest first."""
    return [
        {
            "words": sentence(finding["fact"], finding["count"]),
            "ordinary": finding["ordinary"],
            "points": finding["points"],
        }
        for finding in report.findings
    ]


@admins_only
@require_safe
def leak_list(request: SignedInRequest) -> HttpResponse:
    """Every report on keys of this admin's cohorts, and each cohort's line."""
    found = list(access.leaks_administered_by(request.user)[: PAGE + 1])
    return render(
        request,
        "portal/programme/leaks.html",
        {
            "rows": [
                {"report": one, "tone": TONES.get(LeakState(one.state), "neutral")}
                for one in found[:PAGE]
            ],
            "page": PAGE if len(found) > PAGE else None,
            "cohorts": access.cohorts_administered_by(request.user)
            .select_related("leak_policy")
            .order_by("name"),
        },
    )


@admins_only
@require_safe
def leak(request: SignedInRequest, report_id: int) -> HttpResponse:
    report = _report_or_404(request, report_id)
    return render(
        request,
        "portal/programme/leak.html",
        {
            "report": report,
            "key": report.key,
            "tone": TONES.get(LeakState(report.state), "neutral"),
            "evidence": evidence(report),
            "is_frozen": report.key.state == KeyState.FROZEN,
            "is_active": report.key.state == KeyState.ACTIVE,
            "is_revoked": report.key.state == KeyState.REVOKED,
        },
    )


@admins_only
@require_POST
def leak_note(request: SignedInRequest, report_id: int) -> HttpResponseBase:
    report = _report_or_404(request, report_id)
    try:
        leak_reports.note(actor=request.user, report=report)
    except GreenroomError as error:
        return refuse(request, error, "leaks")
    messages.success(request, _("Noted. It is in the log with your name."))
    return redirect("leaks")


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def leak_policy(request: SignedInRequest, slug: str) -> HttpResponseBase:
    cohort = cohort_or_404(request, slug)
    policy = leaks.policy_of(cohort.pk)
    form = LeakPolicyForm(
        request.POST or None,
        initial={
            "line": policy.line,
            "more_networks": policy.more_networks,
            "is_shadow": policy.is_shadow,
        },
    )
    if request.method == "POST" and form.is_valid():
        done = form.attempt(
            lambda: leaks.set_policy(actor=request.user, cohort=cohort, **form.cleaned_data)
        )
        if done is not None:
            messages.success(request, _("Saved. It holds from the next request on."))
            return redirect("leaks")
    return show_form(request, "portal/programme/leak_policy.html", form, {"cohort": cohort})


def _report_or_404(request: SignedInRequest, report_id: int) -> LeakReport:
    return get_object_or_404(access.leaks_administered_by(request.user), pk=report_id)
