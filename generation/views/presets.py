"""Presets: the list, saving what the studio's form says, changing, sharing, deleting."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generation.access import cohorts_open_for, presets_of, presets_visible_to
from generation.catalogue import catalogue
from generation.models import Preset
from generation.preset_forms import NewPresetForm, PresetForm
from generation.services import presets
from generation.views import composing
from generation.views.parts import artist_or_404, is_live_request
from portal.errors import GreenroomError
from portal.states import Feature
from portal.views.base import SignedInRequest, refuse, show_form

FORMS = ("GET", "HEAD", "POST")


@require_GET
def preset_list(request: SignedInRequest) -> HttpResponse:
    artist = artist_or_404(request)
    found = presets_visible_to(artist).order_by("cohort__name", "name", "pk")
    known = catalogue()
    rows = [
        {
            "preset": preset,
            "model": known[preset.model_key].title if preset.model_key in known else "",
            "is_mine": preset.artist_id == artist.pk,
            "may_share": preset.cohort.offers(Feature.SHARED_PRESETS),
        }
        for preset in found
    ]
    return render(request, "generation/presets.html", {"rows": rows})


@require_http_methods(FORMS)
def preset_new(request: SignedInRequest) -> HttpResponse:
    """Name what the studio's form says; then back to the studio with it."""
    artist = artist_or_404(request)
    cohorts = cohorts_open_for(artist)
    if not cohorts:
        raise Http404
    if request.method != "POST":
        typed = composing.given(artist, request.GET)
        if is_live_request(request):
            # The studio's form is a part of its page: this one is a page of its own.
            answer = HttpResponse()
            answer["HX-Redirect"] = f"{request.path}?{urlencode(typed)}"
            return answer
        return _new_page(request, NewPresetForm(initial=typed))
    form = NewPresetForm(request.POST)
    if not form.is_valid():
        return _new_page(request, form)
    slug = form.cleaned_data["cohort"]
    cohort = next((cohort for cohort in cohorts if cohort.slug == slug), cohorts[0])
    made = form.attempt(
        lambda: presets.save(actor=artist, cohort=cohort, settings=form.settings, **form.words)
    )
    if made is None:
        return _new_page(request, form)
    messages.success(request, _("The preset is saved."))
    back = {"preset": made.pk, "prompt": form.cleaned_data["prompt"]}
    return redirect(f"{reverse('generation:studio')}?{urlencode(back)}")


def _new_page(request: SignedInRequest, form: NewPresetForm) -> HttpResponse:
    return show_form(request, "generation/preset_form.html", form)


@require_http_methods(FORMS)
def preset_edit(request: SignedInRequest, preset_id: int) -> HttpResponse:
    found = _own(request, preset_id)
    words = {field: getattr(found, field) for field in ("name", "about", "style")}
    form = PresetForm(request.POST or None, initial=words)
    if request.method == "POST" and form.is_valid():
        changed = form.attempt(
            lambda: presets.change(actor=request.user, preset=found, **form.cleaned_data)
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("generation:presets")
    return show_form(request, "generation/preset_form.html", form, {"preset": found})


@require_POST
def preset_verb(request: SignedInRequest, preset_id: int, verb: str) -> HttpResponse:
    """Share, unshare or delete a preset of one's own."""
    found = _own(request, preset_id)
    here = reverse("generation:presets")
    try:
        if verb == "delete":
            presets.delete(actor=request.user, preset=found)
            messages.success(request, _("The preset was deleted."))
        elif verb in {"share", "unshare"}:
            presets.share(actor=request.user, preset=found, is_shared=verb == "share")
        else:
            raise Http404
    except GreenroomError as error:
        return refuse(request, error, here)
    return redirect(here)


def _own(request: SignedInRequest, preset_id: int) -> Preset:
    return get_object_or_404(presets_of(artist_or_404(request)), pk=preset_id)
