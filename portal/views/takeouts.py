"""A person's takeout: asked for, watched, and downloaded by that person alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import ranges, takeout_files, takeouts
from portal.errors import GreenroomError
from portal.models import Takeout
from portal.services import takeouts as service
from portal.takeout_states import TakeoutState
from portal.views.base import SignedInRequest, proof_first, recent_proof, refuse

SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def takeout(request: SignedInRequest) -> HttpResponseBase:
    """What stands, and the button that asks for one."""
    if request.method == "POST":
        try:
            service.ask(actor=request.user)
        except GreenroomError as error:
            return refuse(request, error, reverse("takeout"))
        messages.success(request, _("Asked for. We mail you when it is ready."))
        return redirect("takeout")
    return render(request, "portal/takeout.html", _context(request))


@require_safe
@never_cache
def takeout_live(request: SignedInRequest) -> HttpResponse:
    return render(request, "portal/partials/takeout.html", _context(request))


@require_safe
@proof_first
def takeout_file(request: SignedInRequest, takeout_id: int) -> HttpResponseBase:
    """The file, whole or in part; to everybody but its owner it does not exist."""
    found = get_object_or_404(
        Takeout,
        pk=takeout_id,
        person=request.user,
        state=TakeoutState.READY,
        expires_at__gt=timezone.now(),
    )
    return _serve(request, found)


def _context(request: SignedInRequest) -> dict[str, Any]:
    mine = list(Takeout.objects.filter(person=request.user)[:SHOWN])
    live = next((found for found in mine if found.is_live), None)
    next_ask = service.next_ask(request.user)
    return {
        "live": live,
        "live_part": takeouts.label_of(live.part) if live is not None else "",
        "ready": [found for found in mine if found.is_ready],
        "past": [found for found in mine if not found.is_live and not found.is_ready],
        "may_ask": live is None and next_ask is None,
        "next_ask": next_ask,
        "parts": takeouts.parts(),
        "days": settings.TAKEOUT_DAYS,
    }


def _serve(request: SignedInRequest, found: Takeout) -> HttpResponseBase:
    size, etag = found.size or 0, f'"{found.sha256[:40]}"'
    part = None
    wanted = request.headers.get("Range", "")
    if wanted and request.headers.get("If-Range", etag) == etag:
        try:
            part = ranges.parse(wanted, size)
        except ranges.Unsatisfiable:
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{size}"
            return _with_headers(refused, found, etag)
    first, last = part or (0, size - 1)
    if request.method != "HEAD" and first == 0:
        service.record_fetch(actor=request.user, takeout=found)
    if settings.MEDIA_ACCEL_PREFIX:
        handed_over = HttpResponse()
        handed_over["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX.rstrip('/')}/{found.file}"
        return _with_headers(handed_over, found, etag)
    return _with_headers(_bytes(request, found, first, last, bool(part)), found, etag)


def _bytes(
    request: HttpRequest, found: Takeout, first: int, last: int, is_part: bool
) -> HttpResponseBase:
    try:
        handle = takeout_files.opened(found.file)
    except OSError as error:
        raise Http404 from error
    status = 206 if is_part else 200
    response: HttpResponseBase
    if request.method == "HEAD":
        handle.close()
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(ranges.Part(handle, first, last), status=status)
    response["Content-Length"] = str(last - first + 1)
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{found.size}"
    return response


def _with_headers(response: HttpResponseBase, found: Takeout, etag: str) -> HttpResponseBase:
    day = f"{timezone.localtime(found.ready_at):%Y-%m-%d}"
    response["Cache-Control"] = "private, no-store"
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = "application/zip"
    response["Content-Disposition"] = f'attachment; filename="greenroom-takeout-{day}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
