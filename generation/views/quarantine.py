"""Clips in quarantine: what happened to them, and what staff decide."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from generation import quarantine as reads
from generation.access import clips_kept_by
from generation.forms import GiveUpForm
from generation.models import Clip
from generation.services import quarantine as services
from generation.views.clips import settings_of
from portal.duties import Duty
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, refuse


@only_for(Duty.QUEUE)
@require_GET
def quarantine(request: SignedInRequest) -> HttpResponse:
    """Each clip with its settings, its tries and what can be done."""
    return _page(request)


@only_for(Duty.QUEUE)
@require_POST
def quarantine_release(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponseBase:
    """Back into the queue."""
    found = _kept(request, clip_id)
    try:
        services.release(actor=request.user, clip=found)
    except GreenroomError as error:
        return refuse(request, error, reverse("queue:quarantine"))
    messages.success(request, _("It waits at its old place again. Its artist has been told."))
    return redirect("queue:quarantine")


@only_for(Duty.QUEUE)
@require_POST
def quarantine_fail(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponseBase:
    """Give the clip up, with a note to its artist."""
    found = _kept(request, clip_id)
    form = GiveUpForm(request.POST, auto_id=f"{_dialog_id(found)}-%s")
    if not form.is_valid():
        return _page(request, form)
    try:
        services.give_up(actor=request.user, clip=found, note=form.cleaned_data["note"])
    except GreenroomError as error:
        return refuse(request, error, reverse("queue:quarantine"))
    messages.success(request, _("It failed. Its artist has your note."))
    return redirect("queue:quarantine")


def _kept(request: SignedInRequest, clip_id: uuid.UUID) -> Clip:
    return get_object_or_404(clips_kept_by(request.user), pk=clip_id)


def _dialog_id(clip: Clip) -> str:
    return f"fail-{clip.pk}"


def _page(request: SignedInRequest, refused: GiveUpForm | None = None) -> HttpResponse:
    found = reads.quarantine_for(request.user)
    rows = []
    for row in found.rows:
        key = _dialog_id(row.clip)
        auto_id = f"{key}-%s"
        came_back = refused is not None and refused.auto_id == auto_id
        rows.append(
            {
                "clip": row.clip,
                "tries": row.tries,
                "settings": settings_of(row.clip),
                "dialog": key,
                "form": refused if came_back else GiveUpForm(auto_id=auto_id),
                "open": came_back,
            }
        )
    context = {"rows": rows, "more": found.count - len(rows)}
    status = refused.status if refused is not None else 200
    return render(request, "generation/staff/quarantine.html", context, status=status)
