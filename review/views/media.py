"""Serving bytes: what the gate granted, in whole or in ranges."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.errors import FileMissing
from generation.media import store
from generation.media.pictures import checked_bytes
from generation.models import Clip, StartPicture
from generation.states import Variant
from portal import ranges
from review.credentials.errors import BeingSigned
from review.errors import FileDamaged
from review.files import StoredFile
from review.models import ShareLink
from review.release import (
    BEING_SIGNED,
    Grant,
    Ground,
    Refusal,
    may_see,
    may_see_picture,
    open_granted,
)
from review.services.downloads import record_download

if TYPE_CHECKING:
    from portal.models import User

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def media(request: HttpRequest, clip_id: UUID, variant: str) -> HttpResponseBase:
    """A clip's file for the person who is signed in; a 404 for everybody else."""
    clip = Clip.objects.select_related("artist").filter(pk=clip_id).first()
    if clip is None or variant not in Variant.values:
        return _nothing()
    user = request.user if request.user.is_authenticated else None
    answer = may_see(user, clip, Variant(variant))
    if _waits(answer):
        return _later()
    opened = _open(answer)
    if opened is None:
        return _nothing()
    grant, stored = opened
    if grant.variant == Variant.MASTER and user is not None:
        log_download(request, user, grant, stored)
    return serve(request, grant, stored)


@login_not_required
@require_safe
def shared_media(request: HttpRequest, token: str, variant: str) -> HttpResponseBase:
    """A clip's file through a share link, for anybody who has the link."""
    share = ShareLink.objects.live().select_related("clip__artist").filter(token=token).first()
    if share is None or variant not in Variant.values:
        return _nothing()
    answer = may_see(None, share.clip, Variant(variant), share=share)
    if _waits(answer):
        return _later()
    opened = _open(answer)
    return _nothing() if opened is None else serve(request, *opened)


@login_not_required
@require_safe
def start_picture(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    """The picture a clip starts from, for its artist and for who reviews the clip."""
    picture = StartPicture.objects.filter(pk=picture_id).first()
    user = request.user if request.user.is_authenticated else None
    if picture is None or not may_see_picture(user, picture):
        return _nothing()
    etag = f'"{picture.sha256[:40]}"'
    if _matches(request.headers.get("If-None-Match", ""), etag):
        return _picture_headers(HttpResponse(status=304), etag)
    try:
        with default_storage.open(str(picture.file), "rb") as file:
            content = checked_bytes(file, sha256=picture.sha256)
    except OSError:
        logger.exception("the picture %s cannot be served", picture.pk)
        return _nothing()
    return _picture_headers(HttpResponse(content, content_type="image/png"), etag)


def _picture_headers(response: HttpResponse, etag: str) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, noimageindex"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _open(answer: Grant | Refusal) -> tuple[Grant, StoredFile] | None:
    """What was refused, and what cannot be vouched for, is not there."""
    if isinstance(answer, Refusal):
        return None
    try:
        return answer, open_granted(answer)
    except (FileMissing, FileDamaged):
        return None


def _waits(answer: Grant | Refusal) -> bool:
    return isinstance(answer, Refusal) and answer.code == BEING_SIGNED


def _later() -> HttpResponse:
    """Whoever may have it learns that it comes; a browser asks again by itself."""
    response = HttpResponse(
        str(BeingSigned.default_message), content_type="text/plain; charset=utf-8", status=503
    )
    response["Cache-Control"] = "private, no-store"
    response["Retry-After"] = response["Refresh"] = str(BeingSigned.retry_after)
    return response


def _nothing() -> HttpResponse:
    """A short 404: a player or an image cannot show a page, so none is drawn for it."""
    said = _("There is nothing here.")
    response = HttpResponse(said, content_type="text/plain; charset=utf-8", status=404)
    response["Cache-Control"] = "private, no-store"
    return response


def log_download(request: HttpRequest, user: User, grant: Grant, stored: StoredFile) -> None:
    """Asking about a file is no fetch, and a resumed fetch is not a second one."""
    if request.method == "HEAD" or grant.decision is None:
        return
    if _matches(request.headers.get("If-None-Match", ""), stored.etag):
        return
    wanted = request.headers.get("Range", "").replace(" ", "")
    resumed = bool(wanted) and not wanted.startswith("bytes=0-")
    record_download(actor=user, decision=grant.decision, resumed=resumed)


def serve(request: HttpRequest, grant: Grant, stored: StoredFile) -> HttpResponseBase:
    """What was granted and opened: whole, in part, or that it is still the same."""
    etag = stored.etag
    if _matches(request.headers.get("If-None-Match", ""), etag):
        stored.handle.close()
        return _with_headers(HttpResponse(status=304), grant, stored)
    part = None
    wanted = request.headers.get("Range", "")
    if wanted and request.headers.get("If-Range", etag) == etag:
        try:
            part = ranges.parse(wanted, stored.size)
        except ranges.Unsatisfiable:
            stored.handle.close()
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{stored.size}"
            return _with_headers(refused, grant, stored)
    if settings.MEDIA_ACCEL_PREFIX:
        stored.handle.close()
        handed_over = HttpResponse()
        handed_over["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX.rstrip('/')}/{stored.name}"
        return _with_headers(handed_over, grant, stored)
    first, last = part or (0, stored.size - 1)
    status = 206 if part else 200
    response: HttpResponseBase
    if request.method == "HEAD":
        stored.handle.close()
        response = HttpResponse(status=status)
    else:
        response = StreamingHttpResponse(ranges.Part(stored.handle, first, last), status=status)
    response["Content-Length"] = str(last - first + 1)
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{stored.size}"
    return _with_headers(response, grant, stored)


def _matches(header: str, etag: str) -> bool:
    known = parse_etags(header) if header else []
    return "*" in known or any(tag.removeprefix("W/") == etag for tag in known)


def _with_headers(response: HttpResponseBase, grant: Grant, stored: StoredFile) -> HttpResponseBase:
    # Kept by no proxy, and asked about anew each time: a revocation holds from the next byte on.
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = stored.etag
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, noimageindex"
    response["Content-Type"] = store.content_type(grant.clip, grant.variant)
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if grant.variant == Variant.MASTER and grant.ground != Ground.SHARE:
        name = content_disposition_header(True, filename_for(grant.clip))
        if name:
            response["Content-Disposition"] = name
    return response


def filename_for(clip: Clip) -> str:
    """``ada-okafor-red-boat-1A2B3C4D.mp4``: artist, title, and the clip's short id."""
    suffix = store.stored_name(clip, Variant.MASTER).rpartition(".")[2]
    words = [slugify(clip.artist.name)[:40], slugify(clip.label)[:60], clip.short_id]
    return f"{'-'.join(word for word in words if word)}.{suffix}"
