"""Briefs as admins write them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal import access
from portal.errors import GreenroomError
from portal.forms import BriefForm
from portal.models import Brief
from portal.services import briefs
from portal.views.base import SignedInRequest, admins_only, refuse, show_form
from portal.views.cohorts import cohort_or_404

VERBS = {"close": False, "reopen": True}


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def brief_new(request: SignedInRequest, slug: str) -> HttpResponseBase:
    cohort = cohort_or_404(request, slug)
    form = BriefForm(request.POST or None, initial={"due_on": cohort.ends_on})
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: briefs.create_brief(actor=request.user, cohort=cohort, **form.cleaned_data)
        )
        if made is not None:
            messages.success(request, _("The artists of this cohort have been told."))
            return redirect("cohort", slug)
    return show_form(request, "portal/programme/brief_form.html", form, {"cohort": cohort})


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def brief_edit(request: SignedInRequest, brief_id: int) -> HttpResponseBase:
    brief = _brief_or_404(request, brief_id)
    fields = ("title", "text", "due_on", "takes_wanted")
    form = BriefForm(
        request.POST or None, initial={field: getattr(brief, field) for field in fields}
    )
    if request.method == "POST" and form.is_valid():
        changed = form.attempt(
            lambda: briefs.update_brief(actor=request.user, brief=brief, **form.cleaned_data)
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("cohort", brief.cohort.slug)
    return show_form(
        request,
        "portal/programme/brief_form.html",
        form,
        {"cohort": brief.cohort, "brief": brief},
    )


@admins_only
@require_POST
def brief_open(request: SignedInRequest, brief_id: int, verb: str) -> HttpResponseBase:
    """Close a brief for new clips, or open it again."""
    if verb not in VERBS:
        raise Http404
    brief = _brief_or_404(request, brief_id)
    here = reverse("cohort", args=[brief.cohort.slug])
    try:
        briefs.set_open(actor=request.user, brief=brief, is_open=VERBS[verb])
    except GreenroomError as error:
        return refuse(request, error, here)
    return redirect(here)


def _brief_or_404(request: SignedInRequest, brief_id: int) -> Brief:
    return get_object_or_404(access.briefs_administered_by(request.user), pk=brief_id)
