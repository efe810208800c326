"""Appeals: the artist's page to make one, the leads' list, and the page that answers one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.models import Clip
from portal.duties import Duty
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, refuse
from review import access, appeal_access, appeal_queries, files, queries
from review.appeal_errors import AppealWithdrawn, NothingToAppeal
from review.appeal_forms import AnswerForm, AppealForm
from review.history import history_of
from review.models import Appeal, Review
from review.services import appeals as services
from review.states import APPEALABLE, AppealState
from review.views.queue import filters_of, tabs_of


def _own_review(request: SignedInRequest, clip_id: UUID) -> tuple[Clip, Review]:
    clips = access.clip_of(request.user, clip_id).select_related("cohort", "artist")
    clip = get_object_or_404(clips)
    review = get_object_or_404(clip.reviews.select_related("cohort").order_by("-id")[:1])
    return clip, review


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """The artist's words, and until when they are answered."""
    clip, review = _own_review(request, clip_id)
    decision = review.decisions.select_related("appeal").order_by("-id").first()
    standing = reverse("review:standing", args=[clip.pk])
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.is_valid():
            made = form.attempt(
                lambda: services.appeal(
                    actor=request.user, review=review, text=form.cleaned_data["text"]
                )
            )
            if made is not None:
                messages.success(
                    request, _("Your appeal is on its way. You will be told what becomes of it.")
                )
                return redirect(standing)
    elif decision is None or decision.verdict not in APPEALABLE:
        return refuse(request, NothingToAppeal(), standing)
    elif hasattr(decision, "appeal"):
        return redirect(standing)
    context = {
        "clip": clip,
        "review": review,
        "decision": decision,
        "form": form,
        "hours": review.cohort.appeal_hours,
        "crumbs": [
            {"label": _("Studio"), "url": reverse("generation:studio")},
            {"label": clip.label, "url": reverse("generation:clip", args=[clip.pk])},
            {"label": _("Review"), "url": standing},
            {"label": _("Appeal")},
        ],
    }
    return render(request, "review/appeal_make.html", context, status=form.status)


@require_POST
def withdraw(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """Let the decision stand."""
    clip, review = _own_review(request, clip_id)
    appeal = get_object_or_404(review.appeals.order_by("-id")[:1])
    standing = reverse("review:standing", args=[clip.pk])
    try:
        services.withdraw(actor=request.user, appeal=appeal)
    except GreenroomError as refusal:
        return refuse(request, refusal, standing)
    messages.success(request, _("Your appeal is withdrawn. The decision stands."))
    return redirect(standing)


@only_for(Duty.WITHDRAW)
@require_safe
def appeals(request: SignedInRequest) -> HttpResponse:
    """What this lead could decide, due first, and what ended lately."""
    user = request.user
    number = request.GET.get("after", "")
    last = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        last = appeal_access.visible_to(user).filter(pk=int(number)).first()
    page, has_more = appeal_queries.page_for(user, after=last)
    filters = filters_of(request)
    narrowed = filters.apply(access.visible_to(user))
    context = {
        "tabs": tabs_of("appeals", queries.tab_counts(narrowed, user), filters, user),
        "appeals": page,
        "next_url": f"{reverse('review:appeals')}?after={page[-1].pk}" if has_more else "",
        "closed": appeal_queries.closed_for(user) if last is None else [],
    }
    return render(request, "review/appeals.html", context)


def _appeal_or_404(request: SignedInRequest, appeal_id: int) -> Appeal:
    found = appeal_access.visible_to(request.user).select_related(
        *("review__clip__brief", "review__cohort", "review__artist"),
        *("artist", "cohort", "decision__reviewer", "decided_by"),
    )
    return get_object_or_404(found, pk=appeal_id)


@only_for(Duty.WITHDRAW)
@require_safe
def appeal(request: SignedInRequest, appeal_id: int) -> HttpResponse:
    """The clip, the decision, the appeal, and the answer."""
    return _page(request, _appeal_or_404(request, appeal_id), AnswerForm())


def _page(request: SignedInRequest, appeal: Appeal, form: AnswerForm) -> HttpResponse:
    clip = appeal.review.clip
    is_intact = clip.is_ready and files.is_intact(clip)
    context = {
        "appeal": appeal,
        "review": appeal.review,
        "clip": clip,
        "decision": appeal.decision,
        "reason": appeal.decision.published_reason,
        "form": form,
        "may_decide": appeal.is_open and appeal_access.may_decide(request.user, appeal),
        "is_intact": is_intact,
        "not_intact": not is_intact,
        "history": history_of(clip),
        "crumbs": [
            {"label": _("Review"), "url": reverse("review:queue")},
            {"label": _("Appeals"), "url": reverse("review:appeals")},
            {"label": clip.label},
        ],
    }
    return render(request, "review/appeal.html", context, status=form.status)


@only_for(Duty.WITHDRAW)
@require_POST
def answer(request: SignedInRequest, appeal_id: int) -> HttpResponse:
    """Uphold or overturn; what was typed comes back with a refusal."""
    found = _appeal_or_404(request, appeal_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            decided = services.decide(
                actor=request.user,
                appeal=found,
                outcome=AppealState(said["outcome"]),
                answer=said["answer"],
                seen_sha256=said["sha256"],
                seen_settings_sha256=said["settings_sha256"],
            )
        except AppealWithdrawn as refusal:
            return refuse(request, refusal, reverse("review:appeals"))
        except GreenroomError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _said(decided))
            return redirect("review:appeals")
    return _page(request, _appeal_or_404(request, appeal_id), form)


def _said(appeal: Appeal) -> str:
    texts = {
        AppealState.UPHELD: _("The decision stands. %(artist)s has been told why."),
        AppealState.OVERTURNED: _("Overturned: the clip is approved. %(artist)s has been told."),
    }
    return texts[AppealState(appeal.state)] % {"artist": appeal.artist}
