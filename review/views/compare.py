"""Two clips in step by frame, side by side or by wipe."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.forms import GreenroomForm
from portal.views.base import SignedInRequest
from review import access
from review.compare import comparable, partners
from review.models import Review


class OtherForm(GreenroomForm):
    """Any clip by its number, as an address or a colleague gives it."""

    other = forms.UUIDField(
        label=gettext_lazy("Number of another clip"),
        error_messages={"invalid": gettext_lazy("That is no number of a clip.")},
    )


@require_safe
def compare(request: SignedInRequest, review_id: int, other_id: UUID | None = None) -> HttpResponse:
    """The clip of a review beside another; without one, what it can be compared with."""
    review: Review = get_object_or_404(
        access.visible_to(request.user).select_related("clip"), pk=review_id
    )
    clip = get_object_or_404(comparable(request.user), pk=review.clip_id)
    other = None
    if other_id is not None:
        other = get_object_or_404(comparable(request.user), pk=other_id)
    form = OtherForm(request.GET if "other" in request.GET else None)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data["other"]
        if comparable(request.user).filter(pk=wanted).exists():
            return redirect("review:compare_with", review.pk, wanted)
        form.add_error("other", _("You meet no finished clip of this number at the desk."))
    offered = partners(request.user, review)
    context = {
        "review": review,
        "clip": clip,
        "other": other if other is not None else next(iter(offered), None),
        "offered": offered,
        "form": form,
        "crumbs": [
            {"label": _("Review"), "url": reverse("review:queue")},
            {"label": clip.label, "url": reverse("review:desk", args=[review.pk])},
            {"label": _("Compare")},
        ],
    }
    return render(request, "review/compare.html", context, status=form.status)
