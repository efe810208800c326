"""Agreements as admins publish them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import queries
from portal.forms import AgreementForm, VersionForm
from portal.models import Agreement, AgreementVersion
from portal.models.agreement import blocks_of
from portal.services import agreements
from portal.signers import live_memberships
from portal.text_changes import changes_between
from portal.views.base import SignedInRequest, programme_only, show_form

# What a form that is not to publish yet asks for.
PREVIEW, EDIT = "preview", "edit"


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
    if request.POST.get("step") == PREVIEW and form.is_valid():
        return _preview(request, form, None)
    if request.POST.get("step") != EDIT and form.is_bound and form.is_valid():
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
    if request.POST.get("step") == PREVIEW and form.is_valid():
        return _preview(request, form, newest)
    if request.POST.get("step") != EDIT and form.is_bound and form.is_valid():
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


def _preview(
    request: SignedInRequest, form: VersionForm, newest: AgreementVersion | None
) -> HttpResponse:
    """What artists would read, what sets it apart from *newest*, and how many would be asked."""
    texts = {name: form.cleaned_data[f"body_{name}"] for name in ("en", "fr")}
    older = {"en": newest.body_en, "fr": newest.body_fr} if newest is not None else {}
    return render(
        request,
        "portal/programme/agreement_preview.html",
        {
            "agreement": newest.agreement if newest is not None else None,
            "title": newest.agreement.title if newest is not None else form.cleaned_data["title"],
            "number": newest.number + 1 if newest is not None else 1,
            "newest": newest,
            "asked": live_memberships(newest.agreement).values("user").distinct().count()
            if newest is not None
            else 0,
            "typed": form.cleaned_data,
            "texts": [
                {
                    "language": language,
                    "blocks": blocks_of(text),
                    "changes": changes_between(older[language], text) if older else [],
                }
                for language, text in texts.items()
            ],
        },
    )
