"""Undoing a verdict before it takes effect."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, refuse
from review import access
from review.services import undoing
from review.views.queue import filters_of, suffix


@require_POST
def undo(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Take the verdict back and open the clip again; several of one press, the queue."""
    newest = access.said_by(request.user).filter(review=review_id).order_by("-id")[:1]
    pending = get_object_or_404(newest)
    kept = suffix(filters_of(request))
    queue = f"{reverse('review:queue')}{kept}"
    try:
        reviews = undoing.undo(actor=request.user, pending=pending)
    except GreenroomError as refusal:
        return refuse(request, refusal, queue)
    messages.success(request, _("Undone. Nobody was told."))
    if len(reviews) > 1:
        return redirect(queue)
    return redirect(f"{reverse('review:desk', args=[review_id])}{kept}")
