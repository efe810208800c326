"""One clip: its page, and what its artist does with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from generation.access import clips_visible_to
from generation.catalogue import catalogue
from generation.forms import RenameForm
from generation.lineage import made_from, origin_of
from generation.models import Clip
from generation.services import clips as clip_services
from generation.services import create
from generation.states import Variant
from generation.views.cards import cards_of, media_url
from generation.views.parts import is_live_request, with_toast
from portal import queries as portal_queries
from portal.clip_panels import clip_panels
from portal.consents import consents_of
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, refuse


@require_GET
def clip(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    return _clip_page(request, _own(request, clip_id), RenameForm())


@require_GET
def clip_live(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    """The clip's page without its frame, while the clip is on its way."""
    found = _own(request, clip_id)
    return render(request, "generation/partials/clip.html", _context(request, found))


@require_POST
def clip_rename(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    found = _own(request, clip_id)
    form = RenameForm(request.POST)
    renamed = None
    if form.is_valid():
        title = form.cleaned_data["title"]
        renamed = form.attempt(
            lambda: clip_services.rename(actor=request.user, clip=found, title=title)
        )
    if renamed is None:
        if is_live_request(request):
            return refuse(request, _refusal_of(form), _back(request))
        return _clip_page(request, found, form, status=form.status)
    if not is_live_request(request):
        messages.success(request, _("The clip has its new name."))
        return redirect(_back(request))
    response = render(
        request,
        "generation/partials/title.html",
        {"card": cards_of([renamed], request.user, swap=True)[0]},
    )
    return with_toast(response, _("The clip has its new name."))


@require_POST
def clip_rerun(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    def call(found: Clip) -> Clip:
        return create.rerun(actor=request.user, clip=found, request_id=_token(request))

    return _act(request, clip_id, call, said=_("The same again is on its way."))


@require_POST
def clip_vary(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    def call(found: Clip) -> Clip:
        return create.vary(actor=request.user, clip=found, request_id=_token(request))

    return _act(request, clip_id, call, said=_("A take with another seed is on its way."))


@require_POST
def clip_run_again(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    def call(found: Clip) -> Clip:
        return create.run_again(actor=request.user, clip=found)

    return _act(request, clip_id, call, said=_("The clip waits for a GPU again."))


@require_POST
def clip_first(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    def call(found: Clip) -> Clip:
        return clip_services.put_first(actor=request.user, clip=found)

    return _act(request, clip_id, call, said=_("This clip comes before your others now."))


@require_POST
def clip_cancel(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    def call(found: Clip) -> Clip:
        return clip_services.cancel(actor=request.user, clip=found)

    return _act(request, clip_id, call, said=_("The clip was cancelled."))


@require_POST
def clip_delete(request: SignedInRequest, clip_id: uuid.UUID) -> HttpResponse:
    found = _own(request, clip_id)
    try:
        clip_services.delete(actor=request.user, clip=found)
    except GreenroomError as error:
        return refuse(request, error, _back(request))
    if is_live_request(request):
        response = render(request, "generation/partials/gone.html", {"clip_id": found.pk})
        return with_toast(response, _("The clip was deleted."))
    messages.success(request, _("The clip was deleted."))
    return redirect("generation:studio")


def _act(
    request: SignedInRequest,
    clip_id: uuid.UUID,
    call: Callable[[Clip], Clip],
    *,
    said: str,
) -> HttpResponse:
    """One service on an own clip; then the page again, or just the card that changed or is new."""
    found = _own(request, clip_id)
    try:
        changed = call(found)
    except GreenroomError as error:
        return refuse(request, error, _back(request))
    if not is_live_request(request):
        messages.success(request, said)
        return redirect(_back(request))
    is_new = changed.pk != found.pk
    [card] = cards_of([changed], request.user, swap=not is_new)
    response = render(request, "generation/partials/acted.html", {"card": card, "is_new": is_new})
    return with_toast(response, said)


def _own(request: SignedInRequest, clip_id: uuid.UUID) -> Clip:
    return get_object_or_404(clips_visible_to(request.user), pk=clip_id)


def _token(request: SignedInRequest) -> uuid.UUID:
    """The form's token, so that a double click makes one clip.

    On a live page the button itself lets only one click through, and the card stays as it is:
    its token would make the next wish look like the last.
    """
    if is_live_request(request):
        return uuid.uuid4()
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid.uuid4()


def _back(request: SignedInRequest) -> str:
    """The page of ours that the form was on, else the studio."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return referer
    return "generation:studio"


def _refusal_of(form: RenameForm) -> GreenroomError:
    return form.refusal or GreenroomError(str(next(iter(form.errors.values()))[0]))


def _clip_page(
    request: SignedInRequest, found: Clip, form: RenameForm, *, status: int = 200
) -> HttpResponse:
    if not form.is_bound:
        form.initial["title"] = found.title
    context = {**_context(request, found), "rename_form": form}
    return render(request, "generation/clip.html", context, status=status)


def _context(request: SignedInRequest, found: Clip) -> dict[str, Any]:
    [card] = cards_of([found], request.user)
    return {
        "card": card,
        "panels": clip_panels(request, found),
        "clip": found,
        "filmstrip_url": media_url(found, Variant.FILMSTRIP),
        "settings": settings_of(found),
        "origin": origin_of(found, viewer=request.user),
        "made_from_it": made_from(found, viewer=request.user),
        "consents": consents_of([found.artist_id])[found.artist_id],
        "provenance": _provenance(found),
        "attempts": list(found.attempts.order_by("number")),
        "history": portal_queries.timeline(portal_queries.history_of(found)),
    }


def settings_of(found: Clip) -> list[dict[str, Any]]:
    """What was asked for, as ``<c-definition-list>`` shows it."""
    entry = catalogue().get(found.model_key)
    rows = [
        (_("Model"), entry.title if entry else found.model_key, False),
        (_("Size"), f"{found.width} × {found.height}", True),
        (
            _("Length"),
            _("%(frames)d frames at %(fps)d a second")
            % {"frames": found.file_frames, "fps": found.fps},
            True,
        ),
        (_("Seed"), found.seed, True),
        (_("Steps"), found.steps, True),
        (_("Guidance"), f"{found.guidance.normalize():f}", True),
        (_("Take"), found.take, True),
        (_("Cohort"), found.cohort.name, False),
    ]
    if found.strength is not None:
        rows.append((_("Made anew"), f"{found.strength.normalize():f}", True))
    if found.adapter_key and found.adapter_weight is not None:
        adapter = entry.adapter(found.adapter_key) if entry else None
        title = adapter.title if adapter else found.adapter_key
        rows.append((_("Adapter"), f"{title} × {found.adapter_weight.normalize():f}", False))
    if found.brief is not None:
        rows.append((_("Brief"), found.brief.title, False))
    if found.gpu_seconds is not None:
        told = _("%(seconds)s s") % {"seconds": number_format(found.gpu_seconds, 1)}
        rows.append((_("GPU time"), told, True))
    return [{"label": label, "value": value, "num": number} for label, value, number in rows]


_MANIFEST_TITLES = {
    "pipeline": gettext_lazy("Pipeline"),
    "weights": gettext_lazy("Weights"),
    "weights_revision": gettext_lazy("Revision of the weights"),
    "dtype": gettext_lazy("Number type"),
    "device": gettext_lazy("Device"),
    "worker": gettext_lazy("Worker"),
}


def _provenance(found: Clip) -> list[dict[str, Any]]:
    """What made the clip, for whoever wants to make it again."""
    manifest: dict[str, Any] = found.manifest
    if not manifest:
        return []
    rows: list[tuple[Any, Any]] = [
        (title, manifest.get(name)) for name, title in _MANIFEST_TITLES.items()
    ]
    scheduler = manifest.get("scheduler") or {}
    rows.insert(3, (_("Scheduler"), scheduler.get("class", "")))
    versions = manifest.get("versions") or {}
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    rows.append((_("Versions"), told))
    return [{"label": label, "value": value} for label, value in rows if value]
