"""A person's own consents: read, give, take back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal import consents, registry
from portal.errors import GreenroomError
from portal.services import consents as consent_services
from portal.states import ConsentKind
from portal.views.base import SignedInRequest, refuse


@require_safe
def my_consents(request: SignedInRequest) -> HttpResponse:
    """What this person allows, what each means, and every step they took."""
    return render(
        request,
        "portal/consents.html",
        {
            "standings": consents.consents_of([request.user])[request.user.pk],
            "history": consents.history_of(request.user),
            "panels": registry.consent_panels(request.user),
        },
    )


@require_POST
def consent_change(request: SignedInRequest, kind: str, verb: str) -> HttpResponseBase:
    """Say yes to one consent (``give``) or take it back (``withdraw``)."""
    if kind not in ConsentKind.values or verb not in {"give", "withdraw"}:
        raise Http404
    chosen = ConsentKind(kind)
    here = reverse("consents")
    if verb == "withdraw":
        consent_services.withdraw(actor=request.user, kind=chosen)
        messages.success(request, _("Taken back. It counts from the next thing anybody does."))
        return redirect(here)
    try:
        consent_services.give(
            actor=request.user, kind=chosen, sha256=request.POST.get("sha256", "")
        )
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(request, _("Noted, with today’s date. You can take it back here at any time."))
    return redirect(here)
