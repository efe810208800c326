"""All invitations of a cohort: search, choose, resend, withdraw, take away as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal import queries
from portal.invitation_forms import InvitationFilterForm
from portal.invitation_list import csv_rows, invitations_in, invitations_matching
from portal.models import Cohort
from portal.services import invitation_selection
from portal.services.invitation_selection import Outcome
from portal.states import InvitationState
from portal.views.base import SignedInRequest, admins_only, recent_proof
from portal.views.cohorts import cohort_or_404

PAGE = 50
# Each is one transaction of a few milliseconds, while a person waits.
MOST_AT_ONCE = 500
_STANDING = (InvitationState.REQUESTED, InvitationState.INVITED, InvitationState.OPENED)
ANSWERS_TO = {
    "resend": (*_STANDING, InvitationState.EXPIRED, InvitationState.REVOKED),
    "revoke": _STANDING,
}
VERBS = {"resend": invitation_selection.resend_all, "revoke": invitation_selection.revoke_all}


@admins_only
@require_safe
def invitation_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """Newest first, a page at a time below the last one seen."""
    cohort = cohort_or_404(request, slug)
    form = InvitationFilterForm(request.GET)
    chosen = form.chosen()
    found = list(invitations_in(cohort, chosen)[: PAGE + 1])
    matching = {
        f"{verb}_count": invitations_matching(cohort, chosen, states).count()
        for verb, states in ANSWERS_TO.items()
    }
    filters = {"state": chosen.state, "q": chosen.search}
    query = urlencode({name: value for name, value in filters.items() if value})
    older = ""
    if len(found) > PAGE:
        older = f"?{query}{'&' if query else ''}before={found[PAGE - 1].pk}"
    return render(
        request,
        "portal/programme/invitations.html",
        {
            "cohort": cohort,
            "form": form,
            "invitations": found[:PAGE],
            "query": query,
            "older_url": older,
            "is_first_page": chosen.before is None,
            "seats_left": queries.seats_left(cohort),
            "most_at_once": MOST_AT_ONCE,
            **matching,
        },
    )


@admins_only
@require_safe
def invitation_export(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """What the filters find, without page limit."""
    cohort = cohort_or_404(request, slug)
    found = invitations_in(cohort, InvitationFilterForm(request.GET).chosen())
    return StreamingHttpResponse(
        _lines(csv_rows(found.iterator(chunk_size=500))),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="invitations-{cohort.slug}.csv"',
        },
    )


@admins_only
@require_POST
@recent_proof
def invitation_many(request: SignedInRequest, slug: str, verb: str) -> HttpResponseBase:
    """Resend or withdraw those that are ticked, or all that the filters find."""
    if verb not in VERBS:
        raise Http404
    cohort = cohort_or_404(request, slug)
    if "all" in request.POST:
        return _all_that_match(request, cohort, verb)
    ids = {
        int(text)
        for text in request.POST.getlist("invitation")
        if text.isascii() and text.isdigit() and len(text) < 19
    }
    here = f"{reverse('invitations', args=[cohort.slug])}?{request.GET.urlencode()}"
    if not ids:
        messages.error(request, _("Tick at least one invitation first."))
        return redirect(here)
    chosen = cohort.invitations.filter(pk__in=sorted(ids)[:PAGE]).select_related("cohort")
    outcome = VERBS[verb](actor=request.user, chosen=chosen)
    _say(request, verb, outcome)
    return redirect(here)


def _all_that_match(request: SignedInRequest, cohort: Cohort, verb: str) -> HttpResponseBase:
    """As many as the page said, or none: what came since nobody has looked at."""
    here = f"{reverse('invitations', args=[cohort.slug])}?{request.GET.urlencode()}"
    chosen = InvitationFilterForm(request.GET).chosen()
    found = list(invitations_matching(cohort, chosen, ANSWERS_TO[verb])[: MOST_AT_ONCE + 1])
    if len(found) > MOST_AT_ONCE:
        messages.error(
            request,
            _("These are more than %(most)d at once. Narrow the filter.") % {"most": MOST_AT_ONCE},
        )
    elif request.POST["all"] != str(len(found)):
        messages.error(
            request,
            _("The list has changed: %(n)d match now. Look at it, then press again.")
            % {"n": len(found)},
        )
    else:
        _say(request, verb, VERBS[verb](actor=request.user, chosen=found))
    return redirect(here)


def _say(request: SignedInRequest, verb: str, outcome: Outcome) -> None:
    if outcome.done:
        n = outcome.done
        if verb == "resend":
            said = ngettext("%(n)d new link is on its way.", "%(n)d new links are on their way.", n)
        else:
            said = ngettext("%(n)d invitation is withdrawn.", "%(n)d invitations are withdrawn.", n)
        messages.success(request, said % {"n": n})
    for refusal, times in outcome.refusals.items():
        messages.error(request, f"{times} × {refusal}")


def _lines(rows: Iterator[list[str]]) -> Iterator[str]:
    # Without its mark, spreadsheets take UTF-8 for the Windows code page.
    yield "\ufeff"
    for row in rows:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow(row)
        yield out.getvalue()
