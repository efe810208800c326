"""Notices to the person who reads them."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe

from portal.models import Notification
from portal.services import notifications
from portal.views.base import SignedInRequest

PAGE = 30


@require_safe
def notification_list(request: SignedInRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    found = request.user.notifications.all()
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    page = list(found[: PAGE + 1])
    older = f"?{urlencode({'before': page[PAGE - 1].pk})}" if len(page) > PAGE else ""
    return render(
        request,
        "portal/notifications.html",
        {
            "notices": page[:PAGE],
            "older_url": older,
            "is_first_page": not before,
            "has_unread": request.user.notifications.filter(read_at=None).exists(),
        },
    )


@require_POST
def notification_open(request: SignedInRequest, notification_id: int) -> HttpResponseBase:
    """Mark a notice read and go where it points."""
    notice = get_object_or_404(Notification, pk=notification_id, user=request.user)
    notifications.mark_read(actor=request.user, notification=notice)
    if url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("notifications")


@require_POST
def notifications_read_all(request: SignedInRequest) -> HttpResponseBase:
    notifications.mark_all_read(actor=request.user)
    return redirect("notifications")
