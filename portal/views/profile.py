"""A person's own name and language; passwords, passkeys and addresses are allauth's pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import access
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
    return show_form(request, "portal/profile.html", form, {"is_artist": access.is_artist(user)})
