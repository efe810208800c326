"""An artist's own access keys: list, make, rotate, revoke."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, queries
from portal.errors import GreenroomError
from portal.key_forms import KeyForm, RotateForm
from portal.models import AccessKey, Cohort, User
from portal.services import access_keys
from portal.services.key_rows import NewKey
from portal.states import CohortState, Feature, KeyState, Scope
from portal.views.base import SignedInRequest, artists_only, refuse, show_form

PAST = 20
STANDINGS: dict[str, Any] = {
    "active": KeyState.ACTIVE.label,
    "replacing": gettext_lazy("Being replaced"),
    "frozen": KeyState.FROZEN.label,
    "expired": gettext_lazy("Expired"),
    "replaced": gettext_lazy("Replaced"),
    "revoked": KeyState.REVOKED.label,
}
TONES = {
    "active": "success",
    "replacing": "info",
    "frozen": "warning",
    "revoked": "danger",
}


def row_of(key: AccessKey, now: datetime) -> dict[str, Any]:
    """One key as the tables show it."""
    standing = key.standing(now)
    return {
        "key": key,
        "standing": standing,
        "label": STANDINGS[standing],
        "tone": TONES.get(standing, "neutral"),
        "scopes": [Scope(scope).label for scope in key.scopes],
        "is_over": standing in {"revoked", "replaced", "expired"},
        "rests": not key.cohort.offers(Feature.ACCESS_KEYS),
        "may_rotate": standing == "active",
        "may_revoke": standing in {"active", "replacing", "frozen"},
    }


def once_only(
    request: SignedInRequest, made: NewKey, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The one page that shows a key; the views that call it keep it out of every cache."""
    return render(
        request,
        "portal/key_once.html",
        {"key": made.row, "clear": made.clear, **(context or {})},
    )


@artists_only
@require_safe
def key_list(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    rows = [row_of(key, now) for key in access.keys_of(request.user)]
    return render(
        request,
        "portal/keys.html",
        {
            "rows": [row for row in rows if not row["is_over"]],
            "past": [row for row in rows if row["is_over"]][:PAST],
            "may_make": _open_cohorts(request.user).exists(),
        },
    )


@artists_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def key_new(request: SignedInRequest) -> HttpResponseBase:
    """The form; whoever sends it has proved lately that they are who is signed in."""
    is_sent = request.method == "POST"
    # A cohort that was paused meanwhile is refused with what was typed, not with a missing page.
    cohorts = _cohorts(request.user) if is_sent else _open_cohorts(request.user)
    if not cohorts:
        raise Http404
    form = KeyForm(request.POST or None, cohorts=cohorts)
    if is_sent and form.is_valid():
        made = form.attempt(
            lambda: access_keys.create_key(
                actor=request.user, cohort=form.cleaned_data["cohort"], terms=form.terms()
            )
        )
        if made is not None:
            return once_only(request, made)
    return show_form(request, "portal/key_form.html", form)


@artists_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def key_rotate(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    found = _own_or_404(request, key_id)
    form = RotateForm(request.POST or None, is_frozen=found.state == KeyState.FROZEN)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: access_keys.rotate_key(actor=request.user, key=found, overlap=form.hours)
        )
        if made is not None:
            found.refresh_from_db()
            return once_only(request, made, {"old": found})
    return show_form(request, "portal/key_rotate.html", form, {"key": found})


@artists_only
@require_POST
def key_revoke(request: SignedInRequest, key_id: int) -> HttpResponseBase:
    found = _own_or_404(request, key_id)
    try:
        access_keys.revoke_key(actor=request.user, key=found)
    except GreenroomError as error:
        return refuse(request, error, "keys")
    messages.success(
        request, _("The key “%(key)s” is revoked. Nobody can use it.") % {"key": found.name}
    )
    return redirect("keys")


def _own_or_404(request: SignedInRequest, key_id: int) -> AccessKey:
    return get_object_or_404(access.keys_of(request.user), pk=key_id)


def _cohorts(artist: User) -> QuerySet[Cohort]:
    return queries.members_cohorts(artist)


def _open_cohorts(artist: User) -> QuerySet[Cohort]:
    """Where *artist* may have a key made now."""
    found = _cohorts(artist).filter(state=CohortState.OPEN)
    return found.exclude(features_off__contains=[Feature.ACCESS_KEYS])
