"""People and their roles as admins see them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import duties, queries
from portal.errors import GreenroomError
from portal.forms import ReasonForm
from portal.models import RoleGrant, User
from portal.role_forms import RoleForm, StaffForm
from portal.services import people
from portal.states import Role
from portal.views.base import SignedInRequest, programme_only, recent_proof, refuse, show_form

PAGE = 50


@programme_only
@require_safe
def people_list(request: SignedInRequest) -> HttpResponse:
    search = request.GET.get("search", "").strip()
    page_text = request.GET.get("page", "1")
    page = max(1, int(page_text)) if page_text.isdecimal() and len(page_text) < 7 else 1
    found = list(queries.people(search=search)[(page - 1) * PAGE : page * PAGE + 1])
    return render(
        request,
        "portal/programme/people.html",
        {
            "people": found[:PAGE],
            "search": search,
            "page": page,
            "has_next": len(found) > PAGE,
        },
    )


@programme_only
@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def staff_new(request: SignedInRequest) -> HttpResponseBase:
    """An account for a colleague, who signs in by a mailed code."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        made = form.attempt(
            lambda: people.add_staff(
                actor=request.user,
                email=values["email"],
                name=values["name"],
                language=values["language"],
                **form.grant(),
            )
        )
        if made is not None:
            messages.success(
                request, _("%(name)s can sign in now and has been told.") % {"name": made.name}
            )
            return redirect("person", made.pk)
    return show_form(request, "portal/programme/staff_form.html", form)


@programme_only
@require_safe
def person(request: SignedInRequest, person_id: int) -> HttpResponse:
    found = get_object_or_404(queries.people(), pk=person_id)
    return _person_page(request, found, RoleForm())


@programme_only
@require_POST
@recent_proof
def role_grant(request: SignedInRequest, person_id: int) -> HttpResponseBase:
    found = get_object_or_404(queries.people(), pk=person_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _person_page(request, found, form)
    granted = form.attempt(
        lambda: people.grant_role(actor=request.user, user=found, **form.grant())
    )
    if granted is None:
        return _person_page(request, found, form)
    messages.success(request, _("Done. It is in the log with your name."))
    return redirect("person", found.pk)


@programme_only
@require_POST
@recent_proof
def role_revoke(request: SignedInRequest, grant_id: int) -> HttpResponseBase:
    grant = get_object_or_404(RoleGrant.live.select_related("user", "cohort"), pk=grant_id)
    here = reverse("person", args=[grant.user_id])
    form = ReasonForm(request.POST)
    try:
        people.revoke_role(
            actor=request.user,
            grant=grant,
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
        )
    except GreenroomError as error:
        return refuse(request, error, here)
    messages.success(request, _("Done. It is in the log with your name."))
    return redirect(here)


def _person_page(request: SignedInRequest, found: User, form: RoleForm) -> HttpResponse:
    return render(
        request,
        "portal/programme/person.html",
        {
            "person": found,
            "form": form,
            "grants": found.roles.select_related("cohort", "granted_by").order_by("pk"),
            "roles": Role,
            "duties": duties.table(),
            "memberships": queries.memberships_for(found),
            "signatures": found.signatures.select_related("version__agreement"),
            "history": queries.timeline(queries.history_of(found, limit=20)),
        },
        status=form.status,
    )
