"""Deciding what was chosen in the queue, all of it alike."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from portal.views.base import SignedInRequest
from review import access
from review.forms import BulkForm
from review.services import bulk, undoing
from review.services.bulk import Chosen
from review.states import Verdict
from review.views.queue import queue_page


@require_POST
def decide_all(request: SignedInRequest) -> HttpResponse:
    """A refusal gives the selection and the words back, and names what stood in the way."""
    if not access.sees_desk(request.user):
        raise Http404
    keys = list(dict.fromkeys(request.POST.getlist("chosen")))
    form = BulkForm(request.POST, auto_id="bulk_%s")
    done = None
    if form.is_valid():
        chosen = _chosen(request, keys)
        done = form.attempt(
            lambda: bulk.decide_all(
                actor=request.user,
                chosen=chosen,
                verdict=Verdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
            )
        )
    if done is None:
        return queue_page(request, bulk_form=form, chosen=frozenset(keys))
    if not undoing.seconds():
        said = ngettext("%(count)d clip decided.", "%(count)d clips decided.", done)
        messages.success(request, said % {"count": done})
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{reverse('review:queue')}{f'?{query}' if query else ''}")


def _chosen(request: SignedInRequest, keys: list[str]) -> list[Chosen]:
    """What the boxes of rows carry: the review's number and the hashes that its row stood for."""
    parts = [key.split(":") for key in keys]
    if any(len(part) != 3 or not part[0].isdecimal() or len(part[0]) > 18 for part in parts):
        raise Http404
    met = access.visible_to(request.user).select_related("clip", "cohort", "artist")
    found = met.in_bulk([int(part[0]) for part in parts])
    if len(found) != len({int(part[0]) for part in parts}):
        raise Http404
    return [
        Chosen(review=found[int(number)], sha256=sha256, settings_sha256=settings_sha256)
        for number, sha256, settings_sha256 in parts
    ]
