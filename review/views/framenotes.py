"""Notes on the frames of a clip: read, written, answered, resolved, taken along."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.models import Clip
from portal.errors import GreenroomError
from portal.middleware import refusal
from portal.views.base import SignedInRequest, refuse
from review import note_access
from review.drawings import LONGEST
from review.models import FrameNote
from review.note_errors import DrawingTooLarge
from review.note_forms import NoteForm, ReplyForm
from review.note_pages import exported, notes_context
from review.services import framenotes

# A form of ours is far below it, whatever is drawn; each bracket of a drawing is sent as three.
MOST_BYTES = 6 * LONGEST


def _clip(request: SignedInRequest, clip_id: UUID) -> Clip:
    return get_object_or_404(note_access.clips_for(request.user), pk=clip_id)


def _note(request: SignedInRequest, note_id: int) -> FrameNote:
    note = get_object_or_404(FrameNote.objects.select_related("clip"), pk=note_id)
    if not note_access.notes_for(request.user, note.clip).filter(pk=note_id).exists():
        raise Http404
    return note


def _url(clip_id: UUID) -> str:
    return f"{reverse('review:notes', args=[clip_id])}#notes"


# Django reads the form to find its token and answers a huge one with a bare 400: the length is
# looked at first, then the token is.
@csrf_exempt
def notes(request: SignedInRequest, clip_id: UUID) -> HttpResponseBase:
    """The notes of a clip; posting writes one."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return refusal(request, DrawingTooLarge())
    return _notes(request, clip_id)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def _notes(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    clip = _clip(request, clip_id)
    if request.method == "POST" and not note_access.may_write(request.user, clip):
        raise Http404
    form = NoteForm(request.POST if request.method == "POST" else None, auto_id="note_%s")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        written = form.attempt(
            lambda: framenotes.write(
                actor=request.user,
                clip=clip,
                first_frame=said["first"] - 1,
                last_frame=said["last"] - 1,
                text=said["text"],
                drawing=said["drawing"],
                is_for_artist=said["for_artist"],
            )
        )
        if written is not None:
            messages.success(request, _("The note is pinned to its frame."))
            return redirect(_url(clip.pk))
    context = {
        **notes_context(request.user, clip, form),
        "variant": "preview" if clip.artist_id == request.user.pk else "original",
        "crumbs": _crumbs(request, clip),
    }
    return render(request, "review/notes.html", context, status=form.status)


def _crumbs(request: SignedInRequest, clip: Clip) -> list[dict[str, str]]:
    here = {"label": _("Notes on frames")}
    review = clip.reviews.order_by("-id").first()
    if clip.artist_id == request.user.pk or review is None:
        return [
            {"label": _("Studio"), "url": reverse("generation:studio")},
            {"label": clip.label, "url": reverse("generation:clip", args=[clip.pk])},
            here,
        ]
    return [
        {"label": _("Review"), "url": reverse("review:queue")},
        {"label": clip.label, "url": reverse("review:desk", args=[review.pk])},
        here,
    ]


@require_POST
def answer(request: SignedInRequest, note_id: int) -> HttpResponse:
    """Answer a note one reads."""
    note = _note(request, note_id)
    form = ReplyForm(request.POST)
    try:
        framenotes.reply(actor=request.user, note=note, text=form.data.get("text", ""))
    except GreenroomError as error:
        return refuse(request, error, _url(note.clip_id))
    return redirect(_url(note.clip_id))


@require_POST
def resolve(request: SignedInRequest, note_id: int) -> HttpResponse:
    """Dealt with, or with ``again`` not after all."""
    note = _note(request, note_id)
    if not note_access.may_write(request.user, note.clip):
        raise Http404
    framenotes.resolve(actor=request.user, note=note, is_resolved="again" not in request.POST)
    return redirect(_url(note.clip_id))


@require_safe
def download(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """Every note one reads, as JSON."""
    clip = _clip(request, clip_id)
    response = JsonResponse(exported(request.user, clip), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="notes-{clip.short_id}.json"'
    return response
