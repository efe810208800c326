"""The studio's form by itself: for another model, with a picture, without what it started from."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from generation.access import cohorts_open_for
from generation.forms import ComposeForm
from generation.services import pictures
from generation.views import composing
from generation.views.parts import artist_or_404, is_live_request
from generation.views.studio import studio_page
from portal.errors import GreenroomError
from portal.models import Cohort, User
from portal.views.base import SignedInRequest


@require_GET
def composer(request: SignedInRequest) -> HttpResponse:
    """The form again, for another cohort or model; what was typed stays."""
    artist = artist_or_404(request)
    cohorts = open_or_404(artist)
    form = ComposeForm(artist=artist, cohorts=cohorts, initial=composing.given(artist, request.GET))
    return answer(request, form)


@require_POST
def picture_new(request: SignedInRequest) -> HttpResponse:
    """Keep a picture as soon as it is chosen; the form comes back and shows it."""
    artist = artist_or_404(request)
    cohorts = open_or_404(artist)
    typed = composing.given(artist, request.POST)
    upload = request.FILES.get("picture_file")
    refusal: GreenroomError | None = None
    if upload is not None:
        try:
            typed["start_picture"] = pictures.keep(actor=artist, upload=upload).pk
        except GreenroomError as error:
            refusal = error
    form = ComposeForm(artist=artist, cohorts=cohorts, initial=typed)
    return answer(request, form, refusal=refusal)


def open_or_404(artist: User) -> list[Cohort]:
    cohorts = cohorts_open_for(artist)
    if not cohorts:
        raise Http404
    return cohorts


def answer(
    request: SignedInRequest, form: ComposeForm, *, refusal: GreenroomError | None = None
) -> HttpResponse:
    """The form for a live page, the whole studio for any other."""
    said = str(refusal.message) if refusal else ""
    if not is_live_request(request):
        status = refusal.status if refusal else 200
        return studio_page(request, form, status=status, picture_error=said)
    return render(
        request,
        "generation/partials/composer.html",
        composing.context_of(request.user, form, picture_error=said),
        # htmx puts a form with what is wrong into the page when the status says that it is one.
        status=422 if refusal else 200,
    )
