"""What a person says of themselves; passwords, passkeys and addresses are allauth's pages."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import access, queries
from portal.forms import ProfileForm
from portal.models import Profile, User
from portal.profile_forms import SelfForm
from portal.services import people, profiles
from portal.views.base import SignedInRequest, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponseBase:
    user = request.user
    is_artist = access.is_artist(user)
    own = Profile.objects.filter(user=user).first() if is_artist else None
    form: ProfileForm
    if is_artist:
        form = SelfForm(
            request.POST or None, request.FILES or None, initial=SelfForm.values_of(user, own)
        )
        if own is None or not own.portrait:
            form.without_portrait()
    else:
        form = ProfileForm(
            request.POST or None, initial={"name": user.name, "language": user.language}
        )
    if request.method == "POST" and form.is_valid():
        changed = form.attempt(lambda: _save(user, form))
        if changed is not None:
            with translation.override(changed.language):
                messages.success(request, _("Saved."))
            return redirect("profile")
    return show_form(
        request,
        "portal/profile.html",
        form,
        {
            "is_artist": is_artist,
            "memberships": queries.memberships_for(user),
            "own": own,
        },
    )


def _save(user: User, form: ProfileForm) -> User:
    if isinstance(form, SelfForm):
        return profiles.save(actor=user, said=form.said())
    return people.update_profile(actor=user, user=user, **form.cleaned_data)


@require_safe
def portrait(request: SignedInRequest, person_id: int) -> FileResponse:
    """The re-encoded picture, to its owner and to who runs the programme."""
    found = get_object_or_404(access.portraits_visible_to(request.user), pk=person_id)
    if not default_storage.exists(found.portrait):
        raise Http404
    response = FileResponse(default_storage.open(found.portrait), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def second_factor(request: SignedInRequest) -> HttpResponseBase:
    """Why staff need one, and the two ways to get it; onwards for whoever has one."""
    if access.lacks_second_factor(request.user):
        return render(request, "portal/second_factor.html")
    wanted = request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if here else "home")
