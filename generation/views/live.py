"""What an open page asks again and again: how the clips on their way are."""

from __future__ import annotations

from django.http import Http404, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generation.access import clips_visible_to, uses_studio
from generation.views.parts import ids
from generation.waiting import on_their_way
from portal.views.base import SignedInRequest


@require_GET
@never_cache
def progress(request: SignedInRequest) -> JsonResponse:
    """The watched clips as data; those that are at rest, or gone, are not among them."""
    if not uses_studio(request.user):
        raise Http404
    keys = ids(request.GET.get("watch", ""))
    clips = list(clips_visible_to(request.user).filter(pk__in=keys))
    known = on_their_way(clips)
    return JsonResponse({"clips": [known[clip.pk].data() for clip in clips if clip.pk in known]})
