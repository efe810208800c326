"""A frozen key as its owner sees it: why, with what evidence, and the ways back."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import access
from portal.errors import GreenroomError
from portal.models import AccessKey
from portal.services import leaks
from portal.states import KeyState
from portal.views.base import SignedInRequest, artists_only, refuse
from portal.views.leaks import evidence


@artists_only
@require_safe
def key_frozen(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    key = _own_or_404(request, key_id)
    if key.state != KeyState.FROZEN:
        messages.info(request, _("The key “%(key)s” is frozen no more.") % {"key": key.name})
        return redirect("keys")
    report = access.open_leaks_of(key).first()
    return render(
        request,
        "portal/key_frozen.html",
        {
            "key": key,
            "report": report,
            "evidence": evidence(report) if report is not None else [],
            "may_rotate": key.standing() == "frozen",
        },
    )


@artists_only
@never_cache
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def key_confirm(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    """ "That was me": whoever says so has proved lately that they are who is signed in."""
    key = _own_or_404(request, key_id)
    try:
        leaks.confirm(actor=request.user, key=key)
    except GreenroomError as error:
        return refuse(request, error, reverse("key_frozen", args=[key.pk]))
    messages.success(
        request,
        _("The key “%(key)s” works again, and as much use of it will stop nothing from now on.")
        % {"key": key.name},
    )
    return redirect("keys")


def _own_or_404(request: SignedInRequest, key_id: int) -> AccessKey:
    return get_object_or_404(access.keys_of(request.user), pk=key_id)
