"""Containments: what is shut, what a new one would touch, and the undo of each."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access
from portal.containment import Target
from portal.containment_forms import ContainForm
from portal.errors import GreenroomError
from portal.models import Containment
from portal.services import containment
from portal.services.containment import Preview
from portal.views.base import SignedInRequest, admins_only, refuse, show_form

PAST = 50


@admins_only
@require_safe
def containments(request: SignedInRequest) -> HttpResponse:
    """What is contained now, and the latest that ended."""
    listed = access.containments_administered_by(request.user)
    live = Containment.objects.live()
    return render(
        request,
        "portal/programme/containments.html",
        {
            "live": listed.filter(pk__in=live.values("pk")),
            "past": listed.exclude(pk__in=live.values("pk"))[:PAST],
        },
    )


@admins_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def contain(request: SignedInRequest) -> HttpResponseBase:
    """The form; then what it would touch; then, sent again for the same target, it holds."""
    form = ContainForm(request.POST or None, actor=request.user, initial=request.GET.dict())
    shown: Preview | None = None
    seen = ""
    if request.method == "POST" and form.is_valid():
        target = form.target
        seen = _name_of(target)
        is_seen = request.POST.get("step") == "contain" and request.POST.get("seen") == seen
        if is_seen:
            made = form.attempt(
                lambda: containment.contain(
                    actor=request.user,
                    target=target,
                    until=form.until,
                    reason=form.cleaned_data["reason"],
                    words_en=form.cleaned_data["words_en"],
                    words_fr=form.cleaned_data["words_fr"],
                )
            )
            if made is not None:
                messages.success(
                    request, _("Contained: %(name)s. You can undo it here.") % {"name": made}
                )
                return redirect("containments")
        else:
            shown = form.attempt(lambda: containment.preview(target=target))
    return show_form(
        request, "portal/programme/contain.html", form, {"preview": shown, "seen": seen}
    )


@admins_only
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def containment_lift(request: SignedInRequest, containment_id: int) -> HttpResponseBase:
    found = get_object_or_404(access.containments_administered_by(request.user), pk=containment_id)
    try:
        containment.lift(actor=request.user, containment=found)
    except GreenroomError as error:
        return refuse(request, error, "containments")
    messages.success(
        request, _("Undone: %(name)s. What waited goes on where it stood.") % {"name": found}
    )
    return redirect("containments")


def _name_of(target: Target) -> str:
    """What tells whether the form still names what the preview was of."""
    named = target.key_id or target.person_id or target.cohort_id or target.model_key
    return f"{target.stage.value}:{named}"
