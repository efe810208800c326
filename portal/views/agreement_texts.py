"""Agreements as admins publish them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import queries
from portal.forms import AgreementForm, VersionForm
from portal.models import Agreement
from portal.services import agreements
from portal.views.base import SignedInRequest, programme_only, show_form


@programme_only
@require_safe
def agreement_list(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "portal/programme/agreements.html",
        {"agreements": queries.agreements_with_newest()},
    )


@programme_only
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_new(request: SignedInRequest) -> HttpResponseBase:
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(lambda: agreements.create(actor=request.user, **form.cleaned_data))
        if made is not None:
            messages.success(request, _("Published. Cohorts can use it now."))
            return redirect("agreement", made.agreement_id)
    return show_form(request, "portal/programme/agreement_form.html", form)


@programme_only
@require_safe
def agreement(request: SignedInRequest, agreement_id: int) -> HttpResponse:
    """One agreement with all its versions."""
    found = get_object_or_404(Agreement, pk=agreement_id)
    return render(
        request,
        "portal/programme/agreement.html",
        {
            "agreement": found,
            "versions": queries.versions_of(found),
            "newest": found.versions.latest("number"),
            "cohorts": found.cohorts.all(),
        },
    )


@programme_only
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_publish(request: SignedInRequest, agreement_id: int) -> HttpResponseBase:
    """A newer text; the artists of its cohorts will be asked to sign it."""
    found = get_object_or_404(Agreement, pk=agreement_id)
    newest = found.versions.latest("number")
    form = VersionForm(
        request.POST or None, initial={"body_en": newest.body_en, "body_fr": newest.body_fr}
    )
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: agreements.publish_version(
                actor=request.user, agreement=found, **form.cleaned_data
            )
        )
        if made is not None:
            messages.success(request, _("Published. The artists have been told."))
            return redirect("agreement", found.pk)
    return show_form(
        request,
        "portal/programme/agreement_form.html",
        form,
        {"agreement": found, "number": newest.number + 1},
    )
