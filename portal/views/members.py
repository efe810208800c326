"""Memberships: ended by staff, taken up again, left."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import access, registry
from portal.errors import GreenroomError
from portal.forms import ReasonForm
from portal.member_forms import LeaveForm, RemoveForm
from portal.services import members
from portal.views.base import (
    SignedInRequest,
    admins_only,
    artists_only,
    recent_proof,
    refuse,
    show_form,
)


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def member_remove(request: SignedInRequest, membership_id: int) -> HttpResponseBase:
    """What stops and what stays, and a reason for the artist."""
    found = get_object_or_404(
        access.memberships_administered_by(request.user), pk=membership_id, ended_at=None
    )
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        ended = form.attempt(
            lambda: members.remove(
                actor=request.user, membership=found, reason=form.cleaned_data["reason"]
            )
        )
        if ended is not None:
            messages.success(
                request,
                _("%(name)s is no longer a member, and has been told.") % {"name": found.user.name},
            )
            return redirect(f"{reverse('cohort', args=[found.cohort.slug])}#members")
    return show_form(
        request,
        "portal/programme/member_remove.html",
        form,
        {"membership": found, "stops": registry.ending_reach(found.cohort, found.user)},
    )


@admins_only
@require_POST
@recent_proof
def member_reinstate(request: SignedInRequest, membership_id: int) -> HttpResponseBase:
    found = get_object_or_404(access.memberships_administered_by(request.user), pk=membership_id)
    here = f"{reverse('cohort', args=[found.cohort.slug])}#members"
    form = ReasonForm(request.POST)
    try:
        members.reinstate(
            actor=request.user,
            membership=found,
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
        )
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(
        request, _("%(name)s is a member again, and has been told.") % {"name": found.user.name}
    )
    return redirect(here)


@artists_only
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def cohort_leave(request: SignedInRequest, membership_id: int) -> HttpResponseBase:
    """What ends and what stays, before an artist leaves a cohort."""
    found = get_object_or_404(
        request.user.memberships.select_related("cohort", "user"), pk=membership_id, ended_at=None
    )
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        left = form.attempt(
            lambda: members.leave(
                actor=request.user, membership=found, reason=form.cleaned_data["reason"]
            )
        )
        if left is not None:
            messages.success(
                request,
                _("You have left %(cohort)s. What you made there stays yours.")
                % {"cohort": found.cohort.name},
            )
            return redirect("profile")
    return show_form(
        request,
        "portal/cohort_leave.html",
        form,
        {"membership": found, "stops": registry.ending_reach(found.cohort, request.user)},
    )
