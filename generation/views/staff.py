"""The queue and the workers, as staff see and hold them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from generation import access
from generation import board as queue_board
from generation.catalogue import catalogue
from generation.forms import PauseForm
from generation.models import Worker
from generation.services import pauses, workers
from portal.access import cohorts_administered_by
from portal.duties import Duty
from portal.errors import GreenroomError
from portal.models import Cohort
from portal.views.base import SignedInRequest, only_for, refuse

VERBS = {"rest": workers.rest, "wake": workers.wake}


@only_for(Duty.QUEUE)
@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """What waits and what runs, by cohort and artist."""
    return _board_page(request)


@only_for(Duty.QUEUE)
@require_GET
def board_live(request: SignedInRequest) -> HttpResponse:
    """The board without its frame, for the page that is open."""
    return render(request, "generation/staff/partials/board.html", _board(request))


@only_for(Duty.QUEUE)
@require_POST
def pause(request: SignedInRequest) -> HttpResponseBase:
    """Hold back a cohort, a model, or everything."""
    cohort, model = _target(request)
    form = PauseForm(request.POST, auto_id=f"{_dialog_id(cohort, model)}-%s")
    made = None
    if form.is_valid():
        made = form.attempt(
            lambda: pauses.pause(
                actor=request.user,
                reason=form.cleaned_data["reason"],
                cohort=cohort,
                model_key=model,
            )
        )
    if made is None:
        return _board_page(request, form)
    messages.success(request, _("Paused. What renders now goes on; nothing else begins."))
    return redirect("queue:board")


@only_for(Duty.QUEUE)
@require_POST
def resume(request: SignedInRequest, pause_id: int) -> HttpResponseBase:
    found = get_object_or_404(access.pauses_kept_by(request.user), pk=pause_id)
    try:
        pauses.resume(actor=request.user, pause=found)
    except GreenroomError as error:
        return refuse(request, error, reverse("queue:board"))
    messages.success(request, _("It goes on where it stood."))
    return redirect("queue:board")


@only_for(Duty.WORKERS)
@require_GET
def worker_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "generation/staff/workers.html", {"workers": queue_board.workers()})


@only_for(Duty.WORKERS)
@require_GET
def worker_list_live(request: SignedInRequest) -> HttpResponse:
    return render(
        request, "generation/staff/partials/workers.html", {"workers": queue_board.workers()}
    )


@only_for(Duty.WORKERS)
@require_POST
def worker_verb(request: SignedInRequest, worker_id: int, verb: str) -> HttpResponseBase:
    """Send a worker to rest after its clip, or call it back."""
    if verb not in VERBS:
        raise Http404
    found = get_object_or_404(Worker, pk=worker_id)
    try:
        VERBS[verb](actor=request.user, worker=found)
    except GreenroomError as error:
        return refuse(request, error, reverse("queue:workers"))
    said = (
        _("It takes no clip after the one it is at.")
        if verb == "rest"
        else _("It takes clips again.")
    )
    messages.success(request, said)
    return redirect("queue:workers")


def _target(request: SignedInRequest) -> tuple[Cohort | None, str]:
    """What the form is of; what this person may not pause is not found."""
    slug, model = request.POST.get("cohort", ""), request.POST.get("model", "")
    if slug:
        return get_object_or_404(access.cohorts_queued_for(request.user), slug=slug), ""
    if not access.holds_workers(request.user) or (model and model not in catalogue()):
        raise Http404
    return None, model


def _dialog_id(cohort: Cohort | None, model: str) -> str:
    if cohort is not None:
        return f"pause-cohort-{cohort.slug}"
    return f"pause-model-{model}" if model else "pause-all"


def _board(request: SignedInRequest) -> dict[str, Any]:
    return {
        "board": queue_board.board_for(request.user),
        "may_pause_all": access.holds_workers(request.user),
        "administered": set(cohorts_administered_by(request.user).values_list("pk", flat=True)),
    }


def _board_page(request: SignedInRequest, refused: PauseForm | None = None) -> HttpResponse:
    context = _board(request)
    found: queue_board.Board = context["board"]
    dialogs = [_dialog(refused, cohort=row.cohort, name=row.cohort.name) for row in found.cohorts]
    if context["may_pause_all"]:
        dialogs.append(_dialog(refused, name=""))
        dialogs += [_dialog(refused, model=row.key, name=row.title) for row in found.models]
    context["dialogs"] = dialogs
    status = refused.status if refused is not None else 200
    return render(request, "generation/staff/board.html", context, status=status)


def _dialog(
    refused: PauseForm | None, *, name: str, cohort: Cohort | None = None, model: str = ""
) -> dict[str, Any]:
    """The dialog that asks why; it opens with the page when the answer was refused."""
    key = _dialog_id(cohort, model)
    auto_id = f"{key}-%s"
    came_back = refused is not None and refused.auto_id == auto_id
    initial = {"cohort": cohort.slug if cohort is not None else "", "model": model}
    return {
        "id": key,
        "name": name,
        "form": refused if came_back else PauseForm(initial=initial, auto_id=auto_id),
        "open": came_back,
    }
