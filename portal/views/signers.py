"""Who signed a version of an agreement, as admins see it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal import signers
from portal.models import Agreement, AgreementVersion
from portal.services import signature_reminders
from portal.signer_forms import SignerFilterForm
from portal.views.base import SignedInRequest, programme_only

PAGE = 50


@programme_only
@require_safe
def agreement_signers(request: SignedInRequest, agreement_id: int, number: int) -> HttpResponse:
    """Signatures and who is waited for, by name, a page at a time."""
    version = _version_or_404(agreement_id, number)
    form = SignerFilterForm(request.GET, agreement=version.agreement)
    chosen = form.chosen()
    found = Paginator(signers.signers_of(version, chosen), PAGE)
    page = found.get_page(request.GET.get("page"))
    filters = {"standing": chosen.standing, "cohort": chosen.cohort.pk if chosen.cohort else ""}
    query = urlencode({name: value for name, value in filters.items() if value})
    return render(
        request,
        "portal/programme/agreement_signers.html",
        {
            "version": version,
            "form": form,
            "people": page.object_list,
            "count": found.count,
            "waiting": signers.waiting_for(version, chosen.cohort).count(),
            "cohort_id": filters["cohort"],
            "query": query,
            "next_url": f"?{query}&page={page.next_page_number()}" if page.has_next() else "",
            "previous_url": f"?{query}&page={page.previous_page_number()}"
            if page.has_previous()
            else "",
        },
    )


@programme_only
@require_safe
def agreement_signers_csv(
    request: SignedInRequest, agreement_id: int, number: int
) -> HttpResponseBase:
    """The same list as a file, all of its pages."""
    version = _version_or_404(agreement_id, number)
    chosen = SignerFilterForm(request.GET, agreement=version.agreement).chosen()
    rows = signers.csv_rows(version, signers.signers_of(version, chosen))
    filename = f"signatures-{version.agreement_id}-v{version.number}.csv"
    return StreamingHttpResponse(
        _lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


@programme_only
@require_POST
def agreement_remind(request: SignedInRequest, agreement_id: int) -> HttpResponseBase:
    """A mail to whoever has not signed the newest version, of one cohort or of all."""
    agreement = get_object_or_404(Agreement, pk=agreement_id)
    chosen = SignerFilterForm(request.POST, agreement=agreement).chosen()
    told = signature_reminders.remind(actor=request.user, agreement=agreement, cohort=chosen.cohort)
    if told:
        messages.success(
            request,
            ngettext("%(count)s person was reminded.", "%(count)s people were reminded.", told)
            % {"count": told},
        )
    else:
        messages.info(request, _("Nobody was reminded: whoever waits had a reminder within a day."))
    newest = agreement.versions.latest("number")
    page = reverse("agreement_signers", args=[agreement.pk, newest.number])
    return redirect(f"{page}?cohort={chosen.cohort.pk}" if chosen.cohort else page)


def _version_or_404(agreement_id: int, number: int) -> AgreementVersion:
    return get_object_or_404(
        AgreementVersion.objects.select_related("agreement"),
        agreement=agreement_id,
        number=number,
    )


def _lines(rows: Iterator[list[str]]) -> Iterator[str]:
    # Without its mark, spreadsheets take UTF-8 for the Windows code page.
    yield "\ufeff"
    for row in rows:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow(row)
        yield out.getvalue()
