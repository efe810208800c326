"""The conversation about a clip: a page for its artist, one for the team, one piece for both."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages as flash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generation.models import Clip
from portal.models import User
from portal.views.base import SignedInRequest
from review import access, conversations
from review.message_forms import MessageForm
from review.services import messages as services


def conversation(
    user: User, clip: Clip, action: str, *, form: MessageForm | None = None
) -> dict[str, Any]:
    """What ``review/partials/conversation.html`` shows to *user*, who has read it then."""
    unread = conversations.unread_counts(user, [clip.pk]).get(clip.pk, 0)
    shown = conversations.messages_of(clip)
    services.mark_read(actor=user, clip=clip)
    return {
        "messages": shown,
        "unread": unread,
        "form": form or MessageForm(auto_id="message_%s"),
        "action": action,
        "is_open": conversations.is_open(clip),
        "to_artist": clip.artist_id == user.pk,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def of_artist(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """The artist's side, from the first submission on."""
    clip = get_object_or_404(access.clip_of(request.user, clip_id).select_related("artist"))
    if not clip.reviews.exists():
        raise Http404
    crumbs = [
        {"label": _("Studio"), "url": reverse("generation:studio")},
        {"label": clip.label, "url": reverse("generation:clip", args=[clip.pk])},
        {"label": _("Review"), "url": reverse("review:standing", args=[clip.pk])},
        {"label": _("Conversation")},
    ]
    return _page(request, clip, reverse("review:messages", args=[clip.pk]), crumbs)


@require_http_methods(["GET", "HEAD", "POST"])
def of_team(request: SignedInRequest, review_id: int) -> HttpResponse:
    """The team's side, for who meets the clip at the desk."""
    reviews = access.visible_to(request.user).select_related("clip__artist")
    review = get_object_or_404(reviews, pk=review_id)
    crumbs = [
        {"label": _("Review"), "url": reverse("review:queue")},
        {"label": review.clip.label, "url": reverse("review:desk", args=[review.pk])},
        {"label": _("Conversation")},
    ]
    action = reverse("review:team_messages", args=[review.pk])
    return _page(request, review.clip, action, crumbs)


def _page(
    request: SignedInRequest, clip: Clip, action: str, crumbs: list[dict[str, str]]
) -> HttpResponse:
    """The page; with htmx the conversation alone. A refusal keeps what was typed."""
    is_piece = request.headers.get("HX-Request") == "true"
    form = MessageForm(request.POST, auto_id="message_%s") if request.method == "POST" else None
    if form is not None and form.is_valid():
        text = form.cleaned_data["text"]
        sent = form.attempt(lambda: services.send(actor=request.user, clip=clip, text=text))
        if sent is not None:
            if not is_piece:
                flash.success(request, _("Sent."))
                return redirect(f"{action}#conversation")
            form = None
    context = {
        "conversation": conversation(request.user, clip, action, form=form),
        "clip": clip,
        "crumbs": crumbs,
    }
    if is_piece:
        return render(request, "review/partials/conversation.html", context)
    status = form.status if form is not None else 200
    return render(request, "review/conversation.html", context, status=status)
