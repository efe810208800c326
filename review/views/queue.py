"""The queue: what waits, due first; live by polling."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from portal.models import User
from portal.numbers import tally
from portal.views.base import SignedInRequest
from review import access, appeal_access, appeal_queries, conversations, queries, undoables
from review.forms import BulkForm, QueueFilterForm, SavedFilterForm
from review.queries import Cursor, Filters, QueuePage
from review.services import undoing


@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    """The page, and with htmx its list alone: a 204 when nothing on it has changed."""
    user = request.user
    if not access.sees_desk(user):
        raise Http404
    if not request.GET and (default := queries.default_filter_of(user)) is not None:
        return redirect(f"{reverse('review:queue')}{suffix(Filters.of(default.query))}")
    return queue_page(request)


def queue_page(
    request: SignedInRequest,
    *,
    bulk_form: BulkForm | None = None,
    chosen: frozenset[str] = frozenset(),
) -> HttpResponse:
    """The queue as its address asks for it.

    Args:
        bulk_form: brings back what was to be decided about all that is *chosen*, and its refusal.
    """
    user = request.user
    undoing.finish_due()
    tab = request.GET.get("tab", "waiting")
    if tab not in queries.TABS:
        raise Http404
    filters = filters_of(request)
    everything = access.visible_to(user)
    narrowed = filters.apply(everything)
    page = queries.page_of(
        queries.in_tab(narrowed, tab, user),
        tab,
        after=Cursor.parse(request.GET.get("after", "")),
        before=Cursor.parse(request.GET.get("before", "")),
    )
    counts = queries.tab_counts(narrowed, user)
    unread = conversations.unread_counts(user, [review.clip_id for review in page.reviews])
    for review in page.reviews:
        review.unread = unread.get(review.clip_id, 0)  # type: ignore[attr-defined]
    tabs = tabs_of(tab, counts, filters, user)
    seen = _digest(page, [*(shown["badge"] for shown in tabs), repr(unread)])
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    context = {
        "tab": tab,
        "tabs": tabs,
        "reviews": page.reviews,
        "counts": counts,
        "may_decide": access.decides(user),
        "choosable": tab != "decided" and access.decides(user),
        "chosen": chosen,
        "suffix": suffix(filters),
        "next_url": _page_url(tab, filters, after=page.next) if page.next else "",
        "previous_url": _page_url(tab, filters, before=page.previous) if page.previous else "",
        "poll_url": _poll_url(request, seen),
        "narrowed": bool(filters.as_query()),
        "now": timezone.now(),
    }
    if request.headers.get("HX-Request") == "true" and "seen" in request.GET:
        return render(request, "review/partials/queue_list.html", context)
    context |= _saved(user, filters)
    context["bulk_form"] = bulk_form or BulkForm(auto_id="bulk_%s")
    context["bulk_url"] = _bulk_url(request)
    context["undoable"] = undoables.undoable_by(user)
    choices = queries.choices_for(user, filters)
    context["filter_form"] = QueueFilterForm(
        initial=filters.as_query(),
        choices={
            "cohort": choices.cohorts,
            "model": choices.models,
            "artist": choices.artists,
        },
    )
    status = 200 if bulk_form is None else bulk_form.status
    return render(request, "review/queue.html", context, status=status)


def filters_of(request: HttpRequest) -> Filters:
    """The filters in the address; what makes no sense narrows nothing."""
    # PostgreSQL's text holds no zero byte.
    given = {name: str(value).replace("\x00", "") for name, value in request.GET.items()}
    artist = given.get("artist", "")
    return Filters(
        cohort=given.get("cohort", "")[:80],
        model=given.get("model", "")[:80],
        artist=artist if artist.isascii() and artist.isdigit() and len(artist) < 10 else "",
    )


def suffix(filters: Filters) -> str:
    """``?cohort=…`` for links that keep the filters, or ""."""
    pairs = filters.as_query()
    return f"?{urlencode(pairs)}" if pairs else ""


def everything_url() -> str:
    """The queue without filters, also for who has a default one."""
    return f"{reverse('review:queue')}?tab=waiting"


def _saved(user: User, filters: Filters) -> dict[str, Any]:
    """The person's saved filters; the one in use is active."""
    saved = list(queries.filters_of(user))
    here = filters.as_query()
    return {
        "saved": [
            {
                "filter": one,
                "url": f"{reverse('review:queue')}{suffix(Filters.of(one.query))}",
                "active": one.query == here,
            }
            for one in saved
        ],
        "active_filter": next((one for one in saved if one.query == here), None),
        "save_form": SavedFilterForm(auto_id="filter_%s"),
        "everything_url": everything_url(),
    }


def tabs_of(
    active: str, counts: dict[str, int], filters: Filters, user: User
) -> list[dict[str, Any]]:
    """The parts of the queue; who decides appeals has one more."""
    labels = {
        "waiting": pgettext("reviews", "Waiting"),
        "free": pgettext("reviews", "Nobody’s yet"),
        "mine": pgettext("reviews", "Open with me"),
        "second": pgettext("reviews", "Second opinion"),
        "overdue": pgettext("reviews", "Overdue"),
        "decided": pgettext("reviews", "Decided"),
    }
    tabs: list[dict[str, Any]] = [
        {
            "label": labels[name],
            "url": _page_url(name, filters),
            "active": name == active,
            "badge": tally(counts[name]),
        }
        for name in queries.TABS
    ]
    if appeal_access.decides_appeals(user):
        tabs.append(
            {
                "label": pgettext("reviews", "Appeals"),
                "url": reverse("review:appeals"),
                "active": active == "appeals",
                "badge": tally(appeal_queries.count_for(user)),
            }
        )
    return tabs


def _page_url(
    tab: str, filters: Filters, *, after: Cursor | None = None, before: Cursor | None = None
) -> str:
    """Address of a tab, or of the page of it behind or in front of a row."""
    pairs = filters.as_query()
    if tab != "waiting" or not pairs:
        pairs = {"tab": tab, **pairs}
    if after is not None:
        pairs["after"] = str(after)
    if before is not None:
        pairs["before"] = str(before)
    base = reverse("review:queue")
    return f"{base}?{urlencode(pairs)}"


def _bulk_url(request: HttpRequest) -> str:
    """Where a selection is decided; the address keeps tab, filters and page."""
    query = request.META.get("QUERY_STRING", "")
    return f"{reverse('review:decide_all')}{f'?{query}' if query else ''}"


def _poll_url(request: HttpRequest, seen: str) -> str:
    pairs = {name: value for name, value in request.GET.items() if name != "seen"}
    return f"{reverse('review:queue')}?{urlencode({**pairs, 'seen': seen})}"


def _digest(page: QueuePage, counts: list[str]) -> str:
    """Changes when a row, a claim, a count or the minute does: times are said in minutes."""
    rows = [
        (
            review.pk,
            review.state,
            [(claim.pk, claim.reviewer_id) for claim in getattr(review, "claims_now", ())],
            len(getattr(review, "verdicts", ())),
            review.waits_for,
        )
        for review in page.reviews
    ]
    minute = timezone.now().strftime("%Y%m%d%H%M")
    return hashlib.sha256(repr((rows, counts, minute)).encode()).hexdigest()[:16]
