"""What anybody may see: a shared clip, or that it is shared no longer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generation.states import Variant
from review.credentials.errors import BeingSigned
from review.models import ShareLink
from review.release import BEING_SIGNED, Refusal, may_see
from review.services.shares import count_view


@login_not_required
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The public page of a clip: 410 once its link or its approval is gone.

    503 while it is contained, or its content credential is being written.
    """
    link = (
        ShareLink.objects.select_related("clip__artist", "clip__cohort").filter(token=token).first()
    )
    if link is None:
        return _quiet(render(request, "review/shared_unknown.html", status=404))
    answer = may_see(None, link.clip, Variant.MASTER, share=link)
    if isinstance(answer, Refusal) and answer.code == BEING_SIGNED:
        soon = _quiet(render(request, "review/shared_soon.html", status=503))
        soon["Retry-After"] = soon["Refresh"] = str(BeingSigned.retry_after)
        return soon
    if isinstance(answer, Refusal):
        # What is shut for a while comes back at the same address, so it is not gone.
        for_now = answer.code == "contained"
        return _quiet(
            render(
                request,
                "review/shared_closed.html",
                {"for_now": for_now},
                status=503 if for_now else 410,
            )
        )
    # The artist looking after their own page is no visit, and neither is a question about it.
    if request.method == "GET" and request.user.pk != link.clip.artist_id:
        count_view(link=link)
    clip = link.clip
    media = {
        variant: reverse("review:shared_media", args=[link.token, variant])
        for variant in (Variant.MASTER.value, Variant.COVER.value)
    }
    context = {
        "link": link,
        "clip": clip,
        "master_url": media["master"],
        "cover_url": media["cover"],
        "site": settings.BASE_URL,
    }
    return _quiet(render(request, "review/shared.html", context))


def _quiet(response: HttpResponse) -> HttpResponse:
    """In no index and no cache: a closed link is closed at once."""
    response["X-Robots-Tag"] = "noindex, noimageindex"
    response["Cache-Control"] = "private, no-store"
    # The address is the key to the page, so it is not passed on to others.
    response["Referrer-Policy"] = "no-referrer"
    return response
