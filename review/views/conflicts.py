"""Conflicts of interest: one's own, and to leads and admins their colleagues'."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.duties import Duty
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, recent_proof, refuse
from review import conflict_access
from review.conflict_forms import ConflictForm
from review.services import conflicts as services

# The newest are shown: what ended long ago stays in the log.
SHOWN = 200


@only_for(Duty.LOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def conflicts(request: SignedInRequest) -> HttpResponse:
    """The list, and the form that adds to it."""
    form = ConflictForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        declared = form.attempt(
            lambda: services.declare(
                actor=request.user,
                person=form.who,
                artist=said["artist"],
                reason=said["reason"],
            )
        )
        if declared is not None:
            messages.success(
                request,
                _("On record: %(person)s decides nothing about clips of %(artist)s.")
                % {"person": declared.person, "artist": declared.artist},
            )
            return redirect("review:conflicts")
    found = conflict_access.visible_to(request.user).select_related(
        "person", "artist", "declared_by", "ended_by"
    )
    context = {
        "form": form,
        "live": found.live()[:SHOWN],
        "ended": found.filter(ended_at__isnull=False)[:SHOWN],
        "may_end": set(conflict_access.endable_by(request.user).values_list("pk", flat=True)),
        "crumbs": [
            {"label": _("Review"), "url": reverse("review:queue")},
            {"label": _("Conflicts of interest")},
        ],
    }
    return render(request, "review/conflicts.html", context, status=form.status)


@recent_proof
@require_POST
def end(request: SignedInRequest, conflict_id: int) -> HttpResponse:
    """It is over: the reviews are met again."""
    conflict = get_object_or_404(conflict_access.visible_to(request.user), pk=conflict_id)
    if not conflict_access.may_end(request.user, conflict):
        raise Http404
    back = reverse("review:conflicts")
    try:
        services.end(actor=request.user, conflict=conflict)
    except GreenroomError as refusal:
        return refuse(request, refusal, back)
    messages.success(request, _("Ended. Their clips are in the queue again."))
    return redirect(back)
