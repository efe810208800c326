"""The deletion of an account: asked for by its owner, or by an admin they wrote to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import deletions
from portal.deletion_forms import DeletionByStaffForm, DeletionForm
from portal.errors import GreenroomError
from portal.models import Deletion, User
from portal.services import deletions as service
from portal.views.base import SignedInRequest, programme_only, recent_proof, refuse, show_form

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def deletion(request: SignedInRequest) -> HttpResponseBase:
    """What goes, what stays and why, before anybody asks; then how it stands."""
    person = request.user
    waiting = deletions.waiting_of(person)
    form = DeletionForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        asked = form.attempt(lambda: service.ask(actor=person, person=person))
        if asked is not None:
            messages.success(request, _("Asked for. We have mailed you how to take it back."))
            return redirect("deletion")
    context = {**_preview(person), "waiting": waiting, "is_staff_member": person.roles.exists()}
    return show_form(request, "portal/deletion.html", form, context)


@require_POST
@recent_proof
def deletion_undo(request: SignedInRequest) -> HttpResponseBase:
    waiting = deletions.waiting_of(request.user)
    if waiting is not None:
        try:
            service.undo(actor=request.user, deletion=waiting)
        except GreenroomError as error:
            return refuse(request, error, reverse("deletion"))
        messages.success(request, _("Your account stays."))
    return redirect("deletion")


@programme_only
@require_safe
def deletion_list(request: SignedInRequest) -> HttpResponse:
    """Those that wait, with what stands against each now, and the latest that ended."""
    every = Deletion.objects.select_related("person", "asked_by", "ended_by")
    now = timezone.now()
    rows = [
        {"deletion": found, "holds": deletions.holds(found.person), "is_due": found.due_at <= now}
        for found in every.waiting().order_by("due_at", "pk")[:SHOWN]
    ]
    return render(
        request,
        "portal/programme/deletions.html",
        {
            "held": [row for row in rows if row["is_due"] and row["holds"]],
            "waiting": [row for row in rows if not (row["is_due"] and row["holds"])],
            "ended": every.exclude(pk__in=every.waiting().values("pk")).order_by("-ended_at")[
                :SHOWN
            ],
        },
    )


@programme_only
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def deletion_for(request: SignedInRequest, person_id: int) -> HttpResponseBase:
    """For somebody who asked by letter."""
    found = get_object_or_404(User, pk=person_id, deleted_at=None)
    form = DeletionByStaffForm(request.POST if request.method == "POST" else None, person=found)
    if request.method == "POST" and form.is_valid():
        asked = form.attempt(
            lambda: service.ask(
                actor=request.user, person=found, reason=form.cleaned_data["reason"]
            )
        )
        if asked is not None:
            messages.success(request, _("Begun. %(name)s has been told.") % {"name": found.name})
            return redirect("deletions")
    return show_form(
        request,
        "portal/programme/deletion_for.html",
        form,
        {"person": found, "waiting": deletions.waiting_of(found), **_preview(found)},
    )


@programme_only
@require_POST
@recent_proof
def deletion_lift(request: SignedInRequest, deletion_id: int) -> HttpResponseBase:
    """An admin takes it back, for who asked them to."""
    found = get_object_or_404(Deletion.objects.waiting(), pk=deletion_id)
    try:
        service.undo(actor=request.user, deletion=found)
    except GreenroomError as error:
        return refuse(request, error, reverse("deletions"))
    messages.success(request, _("Taken back. The person has been told."))
    return redirect("deletions")


def _preview(person: User) -> dict[str, Any]:
    return {
        "goes": deletions.what_goes(person),
        "stays": deletions.what_stays(person),
        "holds": deletions.holds(person),
        "days": settings.DELETION_DAYS,
        "due_at": timezone.now() + timedelta(days=settings.DELETION_DAYS),
    }
