"""A script to begin with: the artist's key, the address and what their cohort may use, in one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from generation.access import cohorts_open_for
from generation.api.payloads import seconds_of
from generation.catalogue import Entry, offered
from generation.script_forms import ScriptKeyForm
from generation.views.parts import closed_to
from portal import access
from portal.api_docs.examples import base_url
from portal.api_docs.examples import script as script_for
from portal.models import Cohort, User
from portal.services import access_keys
from portal.services.access_keys import KeyTerms
from portal.services.key_rows import NewKey
from portal.states import Feature, Scope
from portal.views.base import SignedInRequest, artists_only
from portal.views.keys import row_of

LIFETIME = timedelta(days=90)


@artists_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def script(request: SignedInRequest) -> HttpResponseBase:
    """The page; posted to, it makes a key that sees and makes clips, and shows it this once."""
    artist = request.user
    cohorts = cohorts_open_for(artist)
    chosen = _chosen(request, cohorts)
    form = ScriptKeyForm(request.POST or None)
    made: NewKey | None = None
    if request.method == "POST" and chosen is not None and form.is_valid():
        terms = KeyTerms(
            name=form.cleaned_data["name"],
            scopes=[Scope.CLIPS_READ, Scope.CLIPS_WRITE],
            lifetime=LIFETIME,
        )
        cohort = chosen
        made = form.attempt(
            lambda: access_keys.create_key(actor=artist, cohort=cohort, terms=terms)
        )
    context = {
        "cohorts": cohorts,
        "cohort": chosen,
        **({} if cohorts else closed_to(artist)),
        "form": form,
        "made": made,
        "may_have_key": chosen is not None and chosen.offers(Feature.ACCESS_KEYS),
        "base_url": base_url(),
        **(_of_cohort(request, artist, chosen, made) if chosen is not None else {}),
    }
    return _page(request, context, status=form.status)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    return render(request, "generation/script.html", context, status=status)


def _chosen(request: HttpRequest, cohorts: Sequence[Cohort]) -> Cohort | None:
    wanted = request.POST.get("cohort") or request.GET.get("cohort", "")
    found = (cohort for cohort in cohorts if cohort.slug == wanted)
    return next(found, cohorts[0] if cohorts else None)


def _of_cohort(
    request: HttpRequest, artist: User, cohort: Cohort, made: NewKey | None
) -> dict[str, Any]:
    entries = offered(cohort)
    begins = [entry for entry in entries if not entry.needs_start]
    wanted = request.POST.get("model") or request.GET.get("model", "")
    entry = next((e for e in begins if e.key == wanted), begins[0] if begins else None)
    keys = _keys(artist, cohort, timezone.now())
    return {
        "models": [_model(known, is_chosen=known is entry) for known in entries],
        "entry": entry,
        "samples": script_for(
            model=entry.key,
            size=str(entry.sizes[0]),
            seconds=seconds_of(entry.lengths[0], entry.fps),
            key=made.clear if made is not None else "",
        )
        if entry is not None
        else [],
        "keys": [row for row in keys if not row["is_over"]],
        "standing": _standing(keys),
    }


def _model(entry: Entry, *, is_chosen: bool) -> dict[str, Any]:
    return {
        "entry": entry,
        "seconds": [seconds_of(frames, entry.fps) for frames in entry.lengths],
        "is_chosen": is_chosen,
    }


def _keys(artist: User, cohort: Cohort, now: datetime) -> list[dict[str, Any]]:
    mine = access.keys_of(artist).filter(cohort=cohort).order_by("-created_at", "-pk")
    return [row_of(key, now) for key in mine]


def _standing(rows: Sequence[dict[str, Any]]) -> str:
    """Of the keys together: whether one works, else what the newest's trouble is."""
    if not rows:
        return "none"
    if any(row["standing"] in {"active", "replacing"} for row in rows):
        return "works"
    return "frozen" if any(row["standing"] == "frozen" for row in rows) else "over"
