"""Invitations as admins send, renew and withdraw them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, invitation_history, queries
from portal.errors import GreenroomError
from portal.forms import InviteForm, ReasonForm
from portal.models import Cohort, Invitation
from portal.services import invitations
from portal.views.base import SignedInRequest, admins_only, refuse, show_form
from portal.views.cohorts import cohort_or_404


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: SignedInRequest, slug: str) -> HttpResponseBase:
    cohort = cohort_or_404(request, slug)
    form = InviteForm(request.POST or None, initial=_before(request, cohort))
    if request.method == "POST" and form.is_valid():
        sent = form.attempt(
            lambda: invitations.invite(actor=request.user, cohort=cohort, **form.cleaned_data)
        )
        if sent is not None:
            messages.success(
                request, _("The invitation to %(email)s is on its way.") % {"email": sent.email}
            )
            return redirect("cohort", slug)
    return show_form(
        request,
        "portal/programme/invite.html",
        form,
        {"cohort": cohort, "seats_left": queries.seats_left(cohort)},
    )


@admins_only
@require_safe
def invitation_record(request: SignedInRequest, invitation_id: int) -> HttpResponseBase:
    """One invitation with everything that happened to it."""
    found = _invitation_or_404(request, invitation_id)
    return render(
        request,
        "portal/programme/invitation.html",
        {
            "invitation": found,
            "cohort": found.cohort,
            "newest": queries.newest_of(found),
            "history": invitation_history.timeline_of(found),
        },
    )


@admins_only
@require_POST
def invitation_send(request: SignedInRequest, invitation_id: int) -> HttpResponseBase:
    """Send what somebody asked for."""
    found = _invitation_or_404(request, invitation_id)
    here = reverse("invitation_record", args=[found.pk])
    try:
        invitations.send_requested(actor=request.user, invitation=found)
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(
        request, _("The invitation to %(email)s is on its way.") % {"email": found.email}
    )
    return redirect(here)


@admins_only
@require_POST
def invitation_resend(request: SignedInRequest, invitation_id: int) -> HttpResponseBase:
    found = _invitation_or_404(request, invitation_id)
    here = reverse("cohort", args=[found.cohort.slug])
    try:
        invitations.resend(actor=request.user, invitation=found)
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(
        request,
        _("A new link is on its way to %(email)s. The old one no longer works.")
        % {"email": found.email},
    )
    return redirect(here)


@admins_only
@require_POST
def invitation_revoke(request: SignedInRequest, invitation_id: int) -> HttpResponseBase:
    found = _invitation_or_404(request, invitation_id)
    here = reverse("cohort", args=[found.cohort.slug])
    form = ReasonForm(request.POST)
    try:
        invitations.revoke(
            actor=request.user,
            invitation=found,
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
        )
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(
        request, _("The invitation to %(email)s is withdrawn.") % {"email": found.email}
    )
    return redirect(here)


def _before(request: SignedInRequest, cohort: Cohort) -> dict[str, str]:
    """What is known of somebody who is invited anew, from the address of the page."""
    earlier = None
    if email := request.GET.get("email", "").strip().lower():
        earlier = cohort.invitations.filter(email=email).first()
    if earlier is None:
        return {"language": request.user.language}
    return {"email": earlier.email, "name": earlier.name, "language": earlier.language}


def _invitation_or_404(request: SignedInRequest, invitation_id: int) -> Invitation:
    return get_object_or_404(
        access.invitations_administered_by(request.user).select_related(
            "cohort", "invited_by", "requested_by", "accepted_by"
        ),
        pk=invitation_id,
    )
