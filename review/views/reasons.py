"""The published reasons."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.views.base import SignedInRequest
from review.reasons import REASONS
from review.states import Verdict


@require_safe
def published_reasons(request: SignedInRequest) -> HttpResponse:
    """Every reason for which a clip can be declined or an approval withdrawn."""
    context = {
        "reasons": [reason for reason in REASONS if Verdict.DECLINE in reason.verdicts],
        "later_reasons": [reason for reason in REASONS if Verdict.DECLINE not in reason.verdicts],
    }
    return render(request, "review/reasons.html", context)
