"""The studio: the composer, the gallery, and their live parts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from generation import vocabulary
from generation.access import clips_visible_to, cohorts_open_for
from generation.budgets import budgets_of
from generation.forms import ComposeForm, FilterForm
from generation.holds import shown_pauses
from generation.models import Clip
from generation.queries import Cursor, clips_matching, page_of
from generation.services import create
from generation.views import composing
from generation.views.cards import cards_of
from generation.views.parts import (
    artist_or_404,
    closed_to,
    ids,
    is_live_request,
    with_toast,
)
from portal.access import memberships_of
from portal.models import Brief, User
from portal.views.base import SignedInRequest

PAGE = 24


@require_GET
def studio(request: SignedInRequest) -> HttpResponse:
    artist = artist_or_404(request)
    cohorts = cohorts_open_for(artist)
    form = (
        ComposeForm(artist=artist, cohorts=cohorts, initial=composing.from_link(request))
        if cohorts
        else None
    )
    return studio_page(request, form)


@require_POST
def clip_new(request: SignedInRequest) -> HttpResponse:
    """Generate: the new cards join the page as it is, or the page comes back with what is wrong."""
    artist = request.user
    cohorts = cohorts_open_for(artist)
    if not cohorts:
        artist_or_404(request)
        messages.error(request, _("None of your cohorts is open at the moment."))
        return redirect("generation:studio")
    form = composing.bound_form(request, artist, cohorts)
    made = None
    if form.is_valid():
        starts = composing.starts_of(artist, form)
        made = form.attempt(
            lambda: create.create_clips(
                actor=artist, **vars(starts), extend=starts.source is not None, **form.wish()
            )
        )
    live = is_live_request(request)
    if made is None:
        if live:
            return render(
                request,
                "generation/partials/composer.html",
                composing.context_of(artist, form),
                status=422,
            )
        return studio_page(request, form, status=form.status)
    said = ngettext("%(count)d take is on its way.", "%(count)d takes are on their way.", len(made))
    if not live:
        messages.success(request, said % {"count": len(made)})
        return redirect("generation:studio")
    again = ComposeForm(artist=artist, cohorts=cohorts, initial=composing.typed(form))
    response = render(
        request,
        "generation/partials/composed.html",
        {
            **composing.context_of(artist, again),
            "cards": cards_of(made[::-1], artist),
        },
    )
    return with_toast(response, said % {"count": len(made)})


@require_GET
def words(request: SignedInRequest) -> HttpResponse:
    """A note on words of the prompt that the model does not know."""
    artist = artist_or_404(request)
    cohorts = cohorts_open_for(artist)
    unknown: list[str] = []
    if cohorts:
        entry = ComposeForm(
            artist=artist, cohorts=cohorts, initial=composing.given(artist, request.GET)
        ).entry
        if entry is not None:
            unknown = vocabulary.unknown_words(entry, request.GET.get("prompt", "")[:2000])
    return render(request, "generation/partials/words.html", {"unknown": unknown})


@require_GET
def live(request: SignedInRequest) -> HttpResponse:
    """The cards of the clips that are asked for, as they are now; those of clips gone, go."""
    artist = artist_or_404(request)
    keys = ids(request.GET.get("watch", ""))
    clips = list(clips_visible_to(artist).filter(pk__in=keys))
    found = {clip.pk for clip in clips}
    return render(
        request,
        "generation/partials/live.html",
        {
            "cards": cards_of(clips, artist, swap=True),
            "gone": [key for key in keys if key not in found],
            "shown": _beside_the_form(artist, clips),
        },
    )


def studio_page(
    request: SignedInRequest,
    form: ComposeForm | None,
    *,
    status: int = 200,
    picture_error: str = "",
) -> HttpResponse:
    """The whole studio, around *form*."""
    artist = request.user
    mine = clips_visible_to(artist)
    briefs = Brief.objects.filter(clips__in=mine).distinct().order_by("-due_on", "pk")
    filters = FilterForm(request.GET, briefs=briefs)
    wanted = filters.values()
    page = page_of(
        clips_matching(mine, **wanted),
        after=Cursor.parse(request.GET.get("after", "")),
        size=PAGE,
    )
    cards = cards_of(page.clips, artist)
    context = {
        **(
            composing.context_of(artist, form, picture_error=picture_error)
            if form
            else {"form": None}
        ),
        **({} if form else closed_to(artist)),
        "owes_signature": any(owes for _cohort, owes in memberships_of(artist)),
        "filters": filters,
        "filtered": any(wanted.values()) or "after" in request.GET,
        "cards": cards,
        "next_url": _next_url(request, page.next),
    }
    return render(request, "generation/studio.html", context, status=status)


def _beside_the_form(artist: User, clips: list[Clip]) -> list[dict[str, Any]]:
    """What the page shows of the cohorts that *clips* are of: budgets and pauses."""
    cohorts = {clip.cohort_id: clip.cohort for clip in clips}
    return [
        {
            "cohort": cohort,
            "budgets": budgets_of(artist, cohort),
            "pauses": shown_pauses(cohort),
        }
        for cohort in cohorts.values()
    ]


def _next_url(request: SignedInRequest, cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    kept = {name: request.GET[name] for name in ("state", "brief", "q") if request.GET.get(name)}
    return "?" + urlencode({**kept, "after": str(cursor)})
