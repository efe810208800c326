"""Another address to sign in with: asked for in the settings, confirmed at both ends."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.errors import GreenroomError, TooOften
from portal.forms import EmailChangeForm
from portal.limits import spend
from portal.models import EmailChange
from portal.services import email_changes
from portal.views.base import SignedInRequest, recent_proof, show_form

MOST_PER_HOUR = 5


@require_http_methods(["GET", "HEAD", "POST"])
@recent_proof
def email_change(request: SignedInRequest) -> HttpResponseBase:
    """Ask for another address; says the same whether it has an account or not."""
    form = EmailChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.attempt(lambda: _ask(request, form.cleaned_data["email"]))
        if asked is not None:
            messages.success(
                request,
                _("We mailed a link to %(old)s and one to %(new)s. Open both within a day.")
                % {"old": asked.old, "new": asked.new},
            )
            return redirect("email_change")
    waiting = email_changes.open_change(request.user)
    return show_form(request, "portal/email_change.html", form, {"waiting": waiting})


def _ask(request: SignedInRequest, email: str) -> EmailChange:
    if not spend(f"email:{request.user.pk}", most=MOST_PER_HOUR, seconds=3600).allowed:
        raise TooOften
    return email_changes.ask(actor=request.user, email=email)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """One end of it. Looking changes nothing: mail programs open links by themselves."""
    try:
        link = email_changes.find(token=token)
        said = ""
        if request.method == "POST":
            said = _post(request, link, token)
    except GreenroomError as error:
        return render(request, "portal/email_confirm.html", {"error": error}, status=error.status)
    return render(request, "portal/email_confirm.html", {"link": link, "said": said})


def _post(request: HttpRequest, link: email_changes.Link, token: str) -> str:
    if "stop" in request.POST:
        email_changes.stop(token=token)
        return _("Stopped. You go on signing in with %(old)s.") % {"old": link.change.old}
    change = email_changes.confirm(token=token)
    if change.done_at:
        return _("Done: you sign in with %(new)s from now on.") % {"new": change.new}
    other = change.new if link.at_old else change.old
    return _("Confirmed here. It changes once the link mailed to %(other)s is confirmed too.") % {
        "other": other
    }
