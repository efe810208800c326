"""Agreements as artists meet them: read, sign, look up again."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import access, consents
from portal.consent_errors import ConsentTextChanged
from portal.consent_forms import SignWithConsentsForm
from portal.errors import AgreementChanged, GreenroomError
from portal.models import AgreementVersion
from portal.services import agreements
from portal.text_changes import changes_between
from portal.views.base import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def sign_agreement(request: SignedInRequest) -> HttpResponseBase:
    """The next text this person has to sign, and the signature under it."""
    if request.method == "POST":
        return _sign(request)
    unsigned = access.unsigned_versions(request.user)
    if not unsigned:
        return redirect("my_agreements")
    return _page(request, unsigned[0], _blank(request, unsigned[0]))


def _sign(request: SignedInRequest) -> HttpResponseBase:
    form = SignWithConsentsForm(request.POST, standings=_standings(request))
    asked = request.POST.get("version", "")
    visible = access.agreement_versions_visible_to(request.user).filter(
        agreement__cohorts__memberships__user=request.user
    )
    version = get_object_or_404(visible, pk=int(asked) if asked.isdecimal() else 0)
    if not form.is_valid():
        return _page(request, version, form)
    try:
        agreements.sign(
            actor=request.user,
            version=version,
            sha256=form.cleaned_data["sha256"],
            name_typed=form.cleaned_data["name_typed"],
            allows=form.ticked,
        )
    except ConsentTextChanged as error:
        fresh = _blank(request, version, name_typed=form.cleaned_data["name_typed"])
        return _page(request, version, fresh, changed=error)
    except AgreementChanged as error:
        newest = version.agreement.versions.latest("number")
        fresh = _blank(request, newest, name_typed=form.cleaned_data["name_typed"])
        return _page(request, newest, fresh, changed=error)
    except GreenroomError as error:
        form.refuse(error)
        return _page(request, version, form)
    if access.unsigned_versions(request.user):
        return redirect("sign_agreement")
    messages.success(request, _("Signed. A copy stays with you under Agreements."))
    return redirect(_next_page(request))


def _blank(
    request: SignedInRequest, version: AgreementVersion, name_typed: str = ""
) -> SignWithConsentsForm:
    return SignWithConsentsForm(
        initial={"version": version.pk, "sha256": version.sha256, "name_typed": name_typed},
        standings=_standings(request),
    )


def _standings(request: SignedInRequest) -> list[consents.Standing]:
    return consents.consents_of([request.user])[request.user.pk]


def _page(
    request: SignedInRequest,
    version: AgreementVersion,
    form: SignWithConsentsForm,
    changed: GreenroomError | None = None,
) -> HttpResponse:
    signed_before = (
        request.user.signatures.filter(version__agreement=version.agreement_id)
        .order_by("-version__number")
        .select_related("version")
        .first()
    )
    return render(
        request,
        "portal/agreement_sign.html",
        {
            "version": version,
            "form": form,
            "changed": changed,
            "given": [standing for standing in _standings(request) if standing.given],
            "next": request.POST.get("next") or request.GET.get("next") or "",
            "signed_before": signed_before,
            "changes": changes_between(signed_before.version.body, version.body)
            if signed_before
            else [],
        },
        status=changed.status if changed else form.status,
    )


def _next_page(request: SignedInRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse(settings.ARTIST_START_URL)


@require_safe
def my_agreements(request: SignedInRequest) -> HttpResponse:
    """What this person signed, and what waits for them."""
    return render(
        request,
        "portal/agreements_mine.html",
        {
            "signatures": request.user.signatures.select_related("version__agreement").order_by(
                "-signed_at"
            ),
            "unsigned": access.unsigned_versions(request.user),
        },
    )


@never_cache
@require_safe
def signature_pdf(request: SignedInRequest, signature_id: int) -> HttpResponse:
    """What was signed, as a document: for who signed and for who runs the programme."""
    # The library of fonts takes longer to load than every other page.
    from portal.documents.signed import file_name, signed_pdf

    signature = get_object_or_404(access.signatures_visible_to(request.user), pk=signature_id)
    response = HttpResponse(signed_pdf(signature), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{file_name(signature)}"'
    return response


@require_safe
def agreement_version(request: SignedInRequest, version_id: int) -> HttpResponse:
    """One text to read, signed or not; ``?with=<number>`` adds what sets it apart from another."""
    visible = access.agreement_versions_visible_to(request.user)
    version = get_object_or_404(visible, pk=version_id)
    others = list(
        visible.filter(agreement=version.agreement_id).exclude(pk=version.pk).order_by("-number")
    )
    asked = request.GET.get("with", "")
    other = next((one for one in others if str(one.number) == asked), None)
    older, newer = sorted([version, other or version], key=lambda one: one.number)
    return render(
        request,
        "portal/agreement_version.html",
        {
            "version": version,
            "signature": request.user.signatures.filter(version=version).first(),
            "others": others,
            "other": other,
            "older": older,
            "newer": newer,
            "changes": changes_between(older.body, newer.body),
        },
    )
