"""The artist's side: submit, take back, see where a clip stands, share it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.models import Clip
from portal.errors import GreenroomError
from portal.states import Feature
from portal.views.base import SignedInRequest, refuse
from review import access, clocks, queries, rounds
from review.errors import ClipNotReady
from review.facts import said_signing
from review.forms import ShareForm, SubmitForm
from review.history import history_of
from review.models import Review, ShareLink
from review.release import signing_of, standing_approval
from review.services import shares, submissions
from review.states import APPEALABLE, ReviewState, Verdict
from review.views.messages import conversation


def _own_clip(request: SignedInRequest, clip_id: UUID) -> Clip:
    clips = access.clip_of(request.user, clip_id).select_related("cohort", "artist", "brief")
    return get_object_or_404(clips)


def _newest_review(clip: Clip) -> Review | None:
    return clip.reviews.order_by("-id").first()


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """Ask for a release, with a note if one likes."""
    clip = _own_clip(request, clip_id)
    answerable = list(rounds.answerable(clip)[: rounds.OFFERED])
    form = SubmitForm(
        request.POST if request.method == "POST" else None,
        answerable=answerable,
        initial={"follows": _meant(request, clip)},
    )
    newest = _newest_review(clip)
    if request.method == "POST":
        if form.is_valid():
            review = form.attempt(
                lambda: submissions.submit(
                    actor=request.user,
                    clip=clip,
                    note=form.cleaned_data["note"],
                    follows=_chosen(answerable, form.cleaned_data.get("follows", "")),
                )
            )
            if review is not None:
                messages.success(
                    request, _("Submitted. You will be told as soon as it is decided.")
                )
                return redirect("review:standing", clip.pk)
    elif not clip.is_ready:
        return refuse(request, ClipNotReady(), reverse("generation:clip", args=[clip.pk]))
    elif newest is not None and newest.state != ReviewState.WITHDRAWN:
        return redirect("review:standing", clip.pk)
    context = {
        "clip": clip,
        "form": form,
        "due_at": clocks.due(clip.cohort, timezone.now(), hours=clip.cohort.review_hours),
        "crumbs": _crumbs(clip, _("Submit for release")),
    }
    return render(request, "review/submit.html", context, status=form.status)


def _meant(request: SignedInRequest, clip: Clip) -> str:
    """What the form begins with: the review named in the address, or that of a relative."""
    if named := request.GET.get("follows", ""):
        return named
    meant = rounds.meant_by(clip)
    return "" if meant is None else str(meant.pk)


def _chosen(answerable: list[Review], key: str) -> Review | None:
    return next((review for review in answerable if str(review.pk) == key), None)


@require_safe
def standing(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """Where a clip stands, until when, and why."""
    clip = _own_clip(request, clip_id)
    review = _newest_review(clip)
    if review is None:
        return redirect("review:submit", clip.pk)
    decision = review.decisions.select_related("appeal", "granted_appeal").order_by("-id").first()
    asked = review.state == ReviewState.CHANGES
    context = {
        "clip": clip,
        "review": review,
        "decision": decision,
        "reason": decision.published_reason if decision else None,
        "signing": _signing_of(clip, review),
        "appeal": getattr(decision, "appeal", None) or getattr(decision, "granted_appeal", None),
        "may_appeal": decision is not None
        and decision.verdict in APPEALABLE
        and clip.is_ready
        and not hasattr(decision, "appeal"),
        "conversation": conversation(
            request.user, clip, reverse("review:messages", args=[clip.pk])
        ),
        "approvals": review.decisions.filter(verdict=Verdict.APPROVE).count(),
        "ahead": queries.ahead_of(review) if review.is_waiting else 0,
        "answer": rounds.answer_to(review) if asked else None,
        "next_takes": rounds.next_takes(review) if asked else [],
        "change_url": _change_url(clip) if asked and clip.is_ready else "",
        "history": history_of(clip, to_artist=True),
        "crumbs": _crumbs(clip, _("Review")),
    }
    return render(request, "review/standing.html", context)


def _change_url(clip: Clip) -> str:
    """The composer with the clip to remix, or its settings where remixes are switched off."""
    way = "remix" if clip.cohort.offers(Feature.REMIX) else "from"
    return f"{reverse('generation:studio')}?{way}={clip.pk}"


def _signing_of(clip: Clip, review: Review) -> dict[str, object] | None:
    """Whether the signed master is there, for an approved clip."""
    if review.state != ReviewState.APPROVED:
        return None
    approval = standing_approval(clip)
    signing = signing_of(approval) if approval is not None else None
    is_signed = signing is not None and signing.is_signed
    problem = signing.problem if signing is not None else ""
    return {"is_signed": is_signed, "problem": problem, "words": said_signing(problem)}


@require_POST
def withdraw(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """Take a clip back before it is decided."""
    clip = _own_clip(request, clip_id)
    review = get_object_or_404(clip.reviews.order_by("-id")[:1])
    back = reverse("generation:clip", args=[clip.pk])
    try:
        submissions.withdraw(actor=request.user, review=review)
    except GreenroomError as refusal:
        return refuse(request, refusal, back)
    messages.success(request, _("Taken back. Only you can see it now."))
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: SignedInRequest, clip_id: UUID) -> HttpResponse:
    """Links to an approved clip: make, copy, count, close."""
    clip = _own_clip(request, clip_id)
    is_released = standing_approval(clip) is not None
    posted = request.POST if request.method == "POST" else None
    form = ShareForm(posted, initial={"title": clip.label})
    if request.method == "POST" and form.is_valid():
        link = form.attempt(
            lambda: shares.create_link(
                actor=request.user, clip=clip, title=form.cleaned_data["title"]
            )
        )
        if link is not None:
            messages.success(request, _("The page is open. Copy its link."))
            return redirect("review:sharing", clip.pk)
    links = list(access.links_of(request.user, clip))
    if not links and not is_released and request.method != "POST":
        return redirect("review:standing", clip.pk)
    context = {
        "clip": clip,
        "form": form,
        "is_released": is_released,
        "may_share": clip.cohort.offers(Feature.SHARE_LINKS),
        "open_links": [link for link in links if link.revoked_at is None],
        "closed_links": [link for link in links if link.revoked_at is not None],
        "crumbs": _crumbs(clip, _("Share")),
    }
    return render(request, "review/sharing.html", context, status=form.status)


@require_POST
def close_link(request: SignedInRequest, clip_id: UUID, link_id: int) -> HttpResponse:
    """Close one link for good."""
    clip = _own_clip(request, clip_id)
    link: ShareLink = get_object_or_404(access.links_of(request.user, clip), pk=link_id)
    shares.close_link(actor=request.user, link=link)
    messages.success(request, _("The link is closed. Whoever opens it now finds nothing."))
    return redirect("review:sharing", clip.pk)


def _crumbs(clip: Clip, here: str) -> list[dict[str, str]]:
    return [
        {"label": _("Studio"), "url": reverse("generation:studio")},
        {"label": clip.label, "url": reverse("generation:clip", args=[clip.pk])},
        {"label": here},
    ]
