"""The studio: the composer, the gallery, and their live parts."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from generation import vocabulary
from generation.access import clips_visible_to, cohorts_open_for, uses_studio
from generation.budgets import budgets_of
from generation.forms import ComposeForm, FilterForm
from generation.holds import shown_pauses
from generation.models import Clip
from generation.queries import Cursor, clips_matching, page_of
from generation.services import create
from generation.states import LIVE
from generation.views.cards import cards_of
from portal.models import Brief, Cohort, User
from portal.views.base import SignedInRequest

PAGE = 24
WATCHED_MOST = 100


def _for_artists(request: SignedInRequest) -> User:
    if not uses_studio(request.user):
        raise Http404
    return request.user


@require_GET
def studio(request: SignedInRequest) -> HttpResponse:
    artist = _for_artists(request)
    cohorts = list(cohorts_open_for(artist))
    form = ComposeForm(cohorts=cohorts, initial=_start(request)) if cohorts else None
    return _studio_page(request, form)


@require_POST
def clip_new(request: SignedInRequest) -> HttpResponse:
    """Generate: the new cards join the page as it is, or the page comes back with what is wrong."""
    artist = _for_artists(request)
    cohorts = list(cohorts_open_for(artist))
    if not cohorts:
        messages.error(request, _("None of your cohorts is open at the moment."))
        return redirect("generation:studio")
    form = ComposeForm(request.POST, cohorts=cohorts)
    made = None
    if form.is_valid():
        start = _start_clip(artist, form)
        made = form.attempt(lambda: create.create_clips(actor=artist, source=start, **form.wish()))
    live = is_live_request(request)
    if made is None:
        if live:
            return render(
                request, "generation/partials/composer.html", _composer(artist, form), status=422
            )
        return _studio_page(request, form, status=form.status)
    said = ngettext("%(count)d take is on its way.", "%(count)d takes are on their way.", len(made))
    if not live:
        messages.success(request, said % {"count": len(made)})
        return redirect("generation:studio")
    again = ComposeForm(cohorts=cohorts, initial=_typed(form))
    response = render(
        request,
        "generation/partials/composed.html",
        {
            **_composer(artist, again),
            "cards": cards_of(made[::-1], artist),
            "watch": watched(artist),
        },
    )
    return with_toast(response, said % {"count": len(made)})


@require_GET
def composer(request: SignedInRequest) -> HttpResponse:
    """The form again, for another cohort or model; what was typed stays."""
    artist = _for_artists(request)
    cohorts = list(cohorts_open_for(artist))
    if not cohorts:
        raise Http404
    form = ComposeForm(cohorts=cohorts, initial=_given(request))
    if not is_live_request(request):
        return _studio_page(request, form)
    return render(request, "generation/partials/composer.html", _composer(artist, form))


@require_GET
def words(request: SignedInRequest) -> HttpResponse:
    """A note on words of the prompt that the model does not know."""
    artist = _for_artists(request)
    cohorts = list(cohorts_open_for(artist))
    unknown: list[str] = []
    if cohorts:
        entry = ComposeForm(cohorts=cohorts, initial=_given(request)).entry
        if entry is not None:
            unknown = vocabulary.unknown_words(entry, request.GET.get("prompt", "")[:2000])
    return render(request, "generation/partials/words.html", {"unknown": unknown})


@require_GET
def live(request: SignedInRequest) -> HttpResponse:
    """The cards being watched, as they are now; those at rest leave the watch."""
    artist = _for_artists(request)
    keys = ids_of(request.GET.get("watch", ""))
    clips = list(clips_visible_to(artist).filter(pk__in=keys))
    return render(
        request,
        "generation/partials/live.html",
        {
            "cards": cards_of(clips, artist, swap=True),
            "watch": [str(clip.pk) for clip in clips if clip.is_live],
            "shown": _beside_the_form(artist, clips),
        },
    )


def watched(artist: User) -> list[str]:
    """Ids of the artist's clips that are on their way."""
    live_clips = Clip.objects.filter(artist=artist, state__in=LIVE).order_by("-created_at")
    return [str(key) for key in live_clips.values_list("pk", flat=True)[:WATCHED_MOST]]


def is_live_request(request: HttpRequest) -> bool:
    """Whether a part of the page asks, not the browser for a whole one."""
    return request.headers.get("HX-Request") == "true"


def with_toast(response: HttpResponse, text: str, tone: str = "success") -> HttpResponse:
    # JSON in ASCII: a header carries no other letters.
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": tone}})
    # A boosted form would put its verb's address into the address bar.
    response["HX-Push-Url"] = "false"
    return response


def _studio_page(
    request: SignedInRequest, form: ComposeForm | None, *, status: int = 200
) -> HttpResponse:
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
        **(_composer(artist, form) if form else {"form": None}),
        "closed_cohorts": [] if form else _closed(artist),
        "filters": filters,
        "filtered": any(wanted.values()) or "after" in request.GET,
        "cards": cards,
        "watch": [str(card.id) for card in cards if card.is_live],
        "next_url": _next_url(request, page.next),
    }
    return render(request, "generation/studio.html", context, status=status)


def _composer(artist: User, form: ComposeForm) -> dict[str, Any]:
    entry = form.entry
    typed = str(form["prompt"].value() or "")
    return {
        "form": form,
        "entry": entry,
        "cohort": form.chosen_cohort,
        "start": _start_clip(artist, form) if entry and entry.needs_start else None,
        "budgets": budgets_of(artist, form.chosen_cohort),
        "pauses": shown_pauses(form.chosen_cohort),
        "known": vocabulary.known(entry) if entry else [],
        "suggestions": vocabulary.suggestions(entry, seed=len(typed)) if entry else [],
        "unknown": vocabulary.unknown_words(entry, typed) if entry else [],
    }


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


def _start_clip(artist: User, form: ComposeForm) -> Clip | None:
    """The clip that the form's clips start from, when it names one that can be seen."""
    keys = ids_of(str(form["source"].value() or ""))
    return clips_visible_to(artist).ready().filter(pk__in=keys).first() if keys else None


def _closed(artist: User) -> list[Cohort]:
    return list(Cohort.objects.filter(memberships__user=artist).order_by("-ends_on"))


_FIELDS = (
    *("cohort", "prompt", "model_key", "size", "frames", "takes", "seed", "brief"),
    "source",
)


def _given(request: SignedInRequest) -> dict[str, Any]:
    return {name: request.GET[name] for name in _FIELDS if name in request.GET}


def _typed(form: ComposeForm) -> dict[str, Any]:
    """What to show after Generate: the same wish, for the next idea to start from."""
    return {name: form.data[name] for name in _FIELDS if name in form.data}


def _start(request: SignedInRequest) -> dict[str, Any]:
    """From a link: the settings of a clip (``from``), a clip to start from, or values by name."""
    starts = ids_of(request.GET.get("source", ""))
    if starts:
        start = get_object_or_404(clips_visible_to(request.user).ready(), pk=starts[0])
        return {
            "cohort": start.cohort.slug,
            "prompt": start.prompt,
            "model_key": request.GET.get("model_key", ""),
            "source": start.pk,
        }
    keys = ids_of(request.GET.get("from", ""))
    if not keys:
        return {name: value for name, value in _given(request).items() if name != "brief"}
    clip = get_object_or_404(clips_visible_to(request.user), pk=keys[0])
    return {
        "cohort": clip.cohort.slug,
        "prompt": clip.prompt,
        "model_key": clip.model_key,
        "size": f"{clip.width}x{clip.height}",
        "frames": clip.frames,
        "seed": clip.seed,
        "brief": clip.brief_id,
        "source": clip.source_id if clip.manifest.get("input") else None,
    }


def ids_of(text: str) -> list[uuid.UUID]:
    """The UUIDs of a comma-separated list; anything else in it is passed over."""
    found = []
    for part in text.split(",")[:WATCHED_MOST]:
        try:
            found.append(uuid.UUID(part))
        except ValueError:
            continue
    return found


def _next_url(request: SignedInRequest, cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    kept = {name: request.GET[name] for name in ("state", "brief", "q") if request.GET.get(name)}
    return "?" + urlencode({**kept, "after": str(cursor)})
