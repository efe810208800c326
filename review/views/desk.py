"""The desk: one clip, everything about it, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.lineage import origin_of
from generation.models import Clip
from portal.consents import consents_of
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, refuse
from review import access, appeal_queries, files, opinions, queries, rounds, undoables
from review.errors import ReviewWithdrawn
from review.forms import DecisionForm, PassOnForm, RevokeForm
from review.history import history_of
from review.models import Claim, Decision, Review
from review.note_pages import notes_context
from review.release import signing_of, standing_approval
from review.services import claims, decisions, passing, undoing
from review.states import Opinion, ReviewState, Verdict
from review.views.messages import conversation
from review.views.queue import filters_of, suffix
from review.views.refusals import form_for, refusals_for, typed_in


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Whether the person at the desk may decide, and if not, why."""

    claim: Claim | None = None
    refusal: GreenroomError | None = None


@require_safe
def desk(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Opening a waiting clip claims it."""
    undoing.finish_due()
    review = _find(request, review_id)
    return _page(request, review, _open(request, review))


def _find(
    request: SignedInRequest, review_id: int, *, among: QuerySet[Review] | None = None
) -> Review:
    reviews = access.visible_to(request.user) if among is None else among
    return get_object_or_404(queries.with_rows(reviews), pk=review_id)


def _queue_url(request: SignedInRequest) -> str:
    return f"{reverse('review:queue')}{suffix(filters_of(request))}"


def _open(request: SignedInRequest, review: Review) -> Hold:
    if review.state != ReviewState.WAITING or not access.may_judge(request.user, review):
        return Hold()
    try:
        return Hold(claim=claims.claim(actor=request.user, review=review))
    except GreenroomError as refusal:
        return Hold(refusal=refusal)


def _page(
    request: SignedInRequest,
    review: Review,
    hold: Hold,
    *,
    form: DecisionForm | None = None,
    revoke_form: RevokeForm | None = None,
    pass_form: PassOnForm | None = None,
) -> HttpResponse:
    """The desk; a bound form brings back what was typed, its refusal and its status."""
    clip = review.clip
    bound = form or revoke_form or pass_form
    given = _verdicts(review)
    mine = next((one for one in given if one.reviewer_id == request.user.pk), None)
    passed_on = list(review.passed_on.select_related("reviewer"))
    is_intact = clip.is_ready and files.is_intact(clip)
    kept = suffix(filters_of(request))
    may_say = review.is_waiting and hold.claim is not None
    undone = undoables.last_undone(request.user, review.pk) if may_say else None
    refusals = refusals_for(review.artist, form, may_open=may_say, undone=undone)
    approval = standing_approval(clip)
    context: dict[str, Any] = {
        "review": review,
        "clip": clip,
        "hold": hold,
        "error": form.refusal if form is not None else None,
        **typed_in(form),
        "approve_form": form_for(Verdict.APPROVE, form, undone),
        "undoable": undoables.undoable_by(request.user),
        "refusals": refusals,
        "refusing": any(refusal.is_open for refusal in refusals),
        "revoke_form": revoke_form or RevokeForm(auto_id="revoke_%s"),
        "may_revoke": review.state == ReviewState.APPROVED
        and access.may_revoke(request.user, review),
        "may_decide": access.may_decide(request.user, review),
        "may_judge": access.may_judge(request.user, review),
        "approvals": [one for one in given if one.verdict == Verdict.APPROVE],
        "opinions": given if opinions.differ(given) else [],
        "passed_on": passed_on,
        "said_by_me": mine,
        "passed_by_me": any(one.reviewer_id == request.user.pk for one in passed_on),
        "pass_form": pass_form or PassOnForm(auto_id="pass_%s"),
        "is_intact": is_intact,
        "unapprovable": not is_intact,
        "is_released": approval is not None,
        "signing": signing_of(approval) if approval is not None else None,
        "conversation": conversation(
            request.user, clip, reverse("review:team_messages", args=[review.pk])
        ),
        "appeal": appeal_queries.newest_of(review, request.user),
        **notes_context(request.user, clip),
        "history": history_of(clip),
        "asked_before": rounds.asked_before(review),
        "answer": rounds.answer_to(review),
        "origin": origin_of(clip, viewer=request.user),
        "origin_review": _review_of_source(request, clip),
        "consents": consents_of([review.artist_id])[review.artist_id],
        "others": queries.other_takes(review),
        "next_review": _next_free(request, review) if hold.claim is not None else None,
        "suffix": kept,
        "crumbs": [
            {"label": _("Review"), "url": f"{reverse('review:queue')}{kept}"},
            {"label": clip.label},
        ],
    }
    status = bound.status if bound is not None else 200
    return render(request, "review/desk.html", context, status=status)


def _next_free(request: SignedInRequest, review: Review) -> Review | None:
    """What *Next* would open now: its video is fetched ahead, it is claimed by nobody."""
    queue = filters_of(request).apply(access.decidable_by(request.user))
    found = queries.next_for(request.user, queue, review)
    return found if found is not None and found.clip.is_ready else None


def _verdicts(review: Review) -> list[Decision]:
    return list(review.decisions.select_related("reviewer"))


def _review_of_source(request: SignedInRequest, clip: Clip) -> Review | None:
    """The newest review of the clip that *clip* came from, when one can be met at the desk."""
    if clip.source_id is None:
        return None
    return access.visible_to(request.user).filter(clip=clip.source_id).order_by("-id").first()


@require_POST
def decide(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Approve, ask for changes or decline what was on the screen, then open the next clip."""
    review = _find(request, review_id, among=access.overseen_by(request.user))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, review, _open(request, review), form=form)
    said = form.cleaned_data
    try:
        given = undoing.say(
            actor=request.user,
            review=review,
            verdict=Verdict(said["verdict"]),
            seen_sha256=said["sha256"],
            seen_settings_sha256=said["settings_sha256"],
            reason=said["reason"],
            note=said["note"],
        )
    except ReviewWithdrawn as refusal:
        return refuse(request, refusal, _queue_url(request))
    except GreenroomError as refusal:
        form.refuse(refusal)
        review = _find(request, review_id)
        return _page(request, review, _open(request, review), form=form)
    if isinstance(given, Decision):
        review.refresh_from_db(fields=["state", "waits_for"])
        messages.success(request, _said(given, review))
    return _next(request, review)


@require_POST
def pass_on(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Leave the clip to another reviewer or to a lead, then open the next one."""
    review = _find(request, review_id, among=access.overseen_by(request.user))
    form = PassOnForm(request.POST, auto_id="pass_%s")
    if form.is_valid():
        form.attempt(
            lambda: passing.pass_on(
                actor=request.user,
                review=review,
                to=Opinion(form.cleaned_data["to"]),
                note=form.cleaned_data["note"],
            )
        )
    if isinstance(form.refusal, ReviewWithdrawn):
        return refuse(request, form.refusal, _queue_url(request))
    if form.errors:
        return _page(request, review, _open(request, review), pass_form=form)
    messages.success(request, _("Passed on: %(clip)s.") % {"clip": review.clip.label})
    return _next(request, review)


def _said(decision: Decision, review: Review) -> str:
    if review.is_waiting and decision.verdict != Verdict.APPROVE:
        return _(
            "Your opinion is recorded: %(clip)s. A colleague approved it, so a lead decides."
        ) % {"clip": review.clip.label}
    if review.is_waiting:
        return _("Approved by you: %(clip)s. It waits for another person’s approval.") % {
            "clip": review.clip.label
        }
    texts = {
        Verdict.APPROVE: _("Approved: %(clip)s. %(artist)s has been told."),
        Verdict.CHANGES: _("Changes asked for: %(clip)s. %(artist)s has been told which."),
        Verdict.DECLINE: _("Declined: %(clip)s. %(artist)s has been told why."),
    }
    return texts[Verdict(decision.verdict)] % {
        "clip": review.clip.label,
        "artist": review.artist,
    }


@require_POST
def skip(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Give this clip back undecided and open the next one."""
    review = _find(request, review_id, among=access.overseen_by(request.user))
    claims.release(actor=request.user, review=review)
    return _next(request, review)


@require_POST
def leave(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Give this clip back and return to the queue."""
    review = _find(request, review_id, among=access.overseen_by(request.user))
    claims.release(actor=request.user, review=review)
    return redirect(_queue_url(request))


@require_POST
def start(request: SignedInRequest) -> HttpResponse:
    """Open the first clip of the queue that nobody has."""
    if not access.sees_desk(request.user):
        raise Http404
    return _next(request, None)


def _next(request: SignedInRequest, after: Review | None) -> HttpResponse:
    undoing.finish_due()
    filters = filters_of(request)
    claim = claims.claim_next(
        actor=request.user,
        among=filters.apply(access.decidable_by(request.user)),
        after=after,
    )
    kept = suffix(filters)
    if claim is None:
        messages.info(request, _("Nothing else waits for a decision."))
        return redirect(_queue_url(request))
    return redirect(f"{reverse('review:desk', args=[claim.review_id])}{kept}")


@require_POST
def renew(request: SignedInRequest, review_id: int) -> HttpResponse:
    """The page is still open. Answers a line that says whether the clip is still one's own."""
    review = get_object_or_404(access.overseen_by(request.user), pk=review_id)
    try:
        hold = Hold(claim=claims.renew(actor=request.user, review=review))
    except GreenroomError as refusal:
        hold = Hold(refusal=refusal)
    return render(request, "review/partials/hold.html", {"hold": hold, "review": review})


@require_POST
def revoke(request: SignedInRequest, review_id: int) -> HttpResponse:
    """Take an approval back."""
    review = _find(request, review_id)
    form = RevokeForm(request.POST, auto_id="revoke_%s")
    if form.is_valid():
        form.attempt(
            lambda: decisions.revoke(
                actor=request.user,
                review=review,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
            )
        )
    if form.errors:
        return _page(request, review, Hold(), revoke_form=form)
    messages.success(request, _("The approval is withdrawn, its links are closed."))
    return redirect("review:desk", review.pk)
