"""Access keys and canaries as admins see them, cohort by cohort."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import access, queries
from portal.errors import GreenroomError
from portal.key_forms import RevokeKeyForm
from portal.models import AccessKey
from portal.services import access_keys, canaries
from portal.views.base import SignedInRequest, admins_only, refuse
from portal.views.cohorts import cohort_or_404
from portal.views.keys import once_only, row_of

PAGE = 100


@admins_only
@require_safe
def programme_keys(request: SignedInRequest) -> HttpResponse:
    """Whose keys there are, where each stands, and the canaries."""
    now = timezone.now()
    slug = request.GET.get("cohort", "")
    keys = access.keys_administered_by(request.user)
    if slug:
        keys = keys.filter(cohort__slug=slug)
    rows = [row_of(key, now) for key in keys[: PAGE + 1]]
    canaries = queries.cohorts_with_canary(request.user)
    return render(
        request,
        "portal/programme/keys.html",
        {
            "rows": rows[:PAGE],
            "is_cut": len(rows) > PAGE,
            "page": PAGE,
            "canaries": [
                {"cohort": cohort, "canary": canary and row_of(canary, now)}
                for cohort, canary in canaries
            ],
            "cohorts": [cohort for cohort, _canary in canaries],
            "slug": slug,
        },
    )


@admins_only
@require_POST
def programme_key_revoke(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    found = _key_or_404(request, key_id)
    reason = _reason_in(request)
    if reason is None:
        return redirect("programme_keys")
    try:
        access_keys.revoke_key(actor=request.user, key=found, reason=reason)
    except GreenroomError as error:
        return refuse(request, error, "programme_keys")
    messages.success(request, _("Revoked. Its owner has been told, with your reason."))
    return redirect("programme_keys")


@admins_only
@require_POST
def programme_key_freeze(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    found = _key_or_404(request, key_id)
    reason = _reason_in(request)
    if reason is None:
        return redirect("programme_keys")
    try:
        access_keys.freeze_key(actor=request.user, key=found, reason=reason)
    except GreenroomError as error:
        return refuse(request, error, "programme_keys")
    messages.success(
        request, _("Frozen, and its clips are stopped. Its owner has been told, with your reason.")
    )
    return redirect("programme_keys")


@admins_only
@require_POST
def programme_key_thaw(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    found = _key_or_404(request, key_id)
    try:
        access_keys.thaw_key(actor=request.user, key=found)
    except GreenroomError as error:
        return refuse(request, error, "programme_keys")
    messages.success(request, _("The key works again. Its owner has been told."))
    return redirect("programme_keys")


@admins_only
@never_cache
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def canary_new(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Set a cohort's canary and show it once, to be put where nobody should look."""
    cohort = cohort_or_404(request, slug)
    try:
        made = canaries.set_canary(actor=request.user, cohort=cohort)
    except GreenroomError as error:
        return refuse(request, error, "programme_keys")
    return once_only(request, made)


def _reason_in(request: SignedInRequest) -> str | None:
    """What was typed, "" for nothing; None, once it has been said why, where it cannot be kept."""
    form = RevokeKeyForm(request.POST)
    reason: str = form.cleaned_data["reason"] if form.is_valid() else ""
    if "reason" in form.errors and form.data.get("reason", "").strip():
        messages.error(request, " ".join(str(error) for error in form.errors["reason"]))
        return None
    return reason


def _key_or_404(request: SignedInRequest, key_id: int) -> AccessKey:
    return get_object_or_404(access.keys_administered_by(request.user), pk=key_id)
