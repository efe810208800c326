"""A person's own name and language; passwords, passkeys and addresses are allauth's pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import access, queries
from portal.forms import ProfileForm
from portal.services import people
from portal.views.base import SignedInRequest, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponseBase:
    user = request.user
    form = ProfileForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        changed = form.attempt(
            lambda: people.update_profile(actor=user, user=user, **form.cleaned_data)
        )
        if changed is not None:
            with translation.override(changed.language):
                messages.success(request, _("Saved."))
            return redirect("profile")
    return show_form(
        request,
        "portal/profile.html",
        form,
        {"is_artist": access.is_artist(user), "memberships": queries.memberships_for(user)},
    )


@require_safe
def second_factor(request: SignedInRequest) -> HttpResponseBase:
    """Why staff need one, and the two ways to get it; onwards for whoever has one."""
    if access.lacks_second_factor(request.user):
        return render(request, "portal/second_factor.html")
    wanted = request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if here else "home")
