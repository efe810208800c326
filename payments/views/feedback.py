"""Feedback: the artist writes and files, admins read and say what became of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import access
from payments.errors import FeedbackFiled
from payments.forms import FeedbackFilterForm, FeedbackForm, TriageForm
from payments.models import Feedback
from payments.models.feedback import FeedbackQuerySet
from payments.services import feedback as services
from payments.services.accrual import current_rate
from payments.states import FeedbackState, RateKind, TriageStatus
from portal import registry
from portal.errors import GreenroomError
from portal.models import Cohort, User
from portal.views.base import SignedInRequest, refuse, show_form

PAGE = 30


@require_safe
def feedback_list(request: SignedInRequest) -> HttpResponse:
    """An artist's own reports; for admins, what their cohorts' artists filed."""
    writes = access.gives_feedback(request.user) or request.user.feedback.exists()
    reads = access.reads_feedback(request.user)
    if reads and not (writes and "mine" in request.GET):
        return _inbox(request, writes=writes)
    if not writes:
        raise Http404
    own = access.own_feedback(request.user).with_status().order_by("-updated_at")
    reports = Paginator(own, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "payments/feedback_list.html",
        {
            "reports": _titled(reports.object_list),
            "page": reports,
            "may_write": access.gives_feedback(request.user),
            "tabs": _tabs(mine=True) if reads else [],
        },
    )


def _tabs(*, mine: bool) -> list[dict[str, object]]:
    base = reverse("payments:feedback")
    return [
        {"label": _("From artists"), "url": base, "active": not mine},
        {"label": _("My own"), "url": f"{base}?mine", "active": mine},
    ]


def _inbox(request: SignedInRequest, *, writes: bool) -> HttpResponse:
    filed = access.feedback_visible_to(request.user).filter(state=FeedbackState.FILED)
    models = list(filed.order_by("model_key").values_list("model_key", flat=True).distinct())
    form = FeedbackFilterForm(
        request.GET, cohorts=access.cohorts_heard_by(request.user), models=models
    )
    found = _narrowed(filed.with_status(), form).select_related("author", "cohort")
    reports = Paginator(found.order_by("-filed_at"), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "payments/feedback_inbox.html",
        {
            "reports": _titled(reports.object_list),
            "page": reports,
            "filters": form,
            "count": reports.paginator.count,
            "filtered": any(request.GET.get(name) for name in form.fields),
            "query": _query_without_page(request),
            "tabs": _tabs(mine=False) if writes else [],
        },
    )


def _narrowed(found: FeedbackQuerySet, form: FeedbackFilterForm) -> FeedbackQuerySet:
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("cohort"):
        found = found.filter(cohort=chosen["cohort"])
    if chosen.get("model"):
        found = found.filter(model_key=chosen["model"])
    status = chosen.get("status")
    if status == "new":
        found = found.filter(status__isnull=True)  # type: ignore[misc]  # of with_status
    elif status:
        found = found.filter(status=status)  # type: ignore[misc]  # of with_status
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: SignedInRequest, feedback_id: int | None = None) -> HttpResponse:
    """The form for a new report or a draft; the button pressed says whether it is filed."""
    draft = None
    if feedback_id is not None:
        draft = get_object_or_404(access.own_feedback(request.user), pk=feedback_id)
        if not draft.is_draft:
            return refuse(request, FeedbackFiled(), _detail_url(draft))
    cohorts = _cohorts_of(request.user)
    if not cohorts:
        raise Http404
    if request.method == "POST":
        form = FeedbackForm(
            request.POST, request.FILES, author=request.user, cohorts=cohorts, feedback=draft
        )
        saved = form.attempt(lambda: _save(request, form, draft)) if form.is_valid() else None
        if saved is not None:
            return _after_saving(request, saved)
    else:
        initial = FeedbackForm.values_of(draft) if draft else _fresh(request, cohorts)
        form = FeedbackForm(initial=initial, author=request.user, cohorts=cohorts, feedback=draft)
    return show_form(
        request,
        "payments/feedback_form.html",
        form,
        {
            "draft": draft,
            "rates": [
                (cohort, rate)
                for cohort in cohorts
                if (rate := current_rate(cohort=cohort, kind=RateKind.FEEDBACK))
            ],
        },
    )


def _save(request: SignedInRequest, form: FeedbackForm, draft: Feedback | None) -> Feedback:
    save = services.file_feedback if request.POST.get("action") == "file" else services.save_draft
    return save(
        actor=request.user,
        report=form.report(),
        token=form.cleaned_data["token"],
        feedback=draft,
    )


def _after_saving(request: SignedInRequest, saved: Feedback) -> HttpResponse:
    if saved.is_draft:
        messages.success(request, _("Your draft is kept. Only you can see it."))
        return redirect("payments:feedback_edit", saved.pk)
    messages.success(request, _("Thank you: your report is filed, in your words, for good."))
    return redirect("payments:feedback_detail", saved.pk)


def _fresh(request: SignedInRequest, cohorts: QuerySet[Cohort]) -> dict[str, object]:
    """A new form, about the clip the artist came from when there is one."""
    initial: dict[str, object] = {"token": uuid.uuid4(), "cohort": cohorts[0].pk}
    try:
        clip_id = uuid.UUID(request.GET.get("clip", ""))
    except ValueError:
        return initial
    clip = request.user.clips.filter(pk=clip_id, deleted_at__isnull=True).first()
    if clip is not None:
        initial |= {"clip": clip.pk, "model_key": clip.model_key, "cohort": clip.cohort_id}
    return initial


@require_safe
def detail(request: SignedInRequest, feedback_id: int) -> HttpResponse:
    feedback = _visible_or_404(request, feedback_id)
    if feedback.is_draft:
        return redirect("payments:feedback_edit", feedback.pk)
    return _show(request, feedback, TriageForm(initial={"outcome": TriageStatus.READ}))


def _show(request: SignedInRequest, feedback: Feedback, form: TriageForm) -> HttpResponse:
    is_author = feedback.author_id == request.user.pk
    return show_form(
        request,
        "payments/feedback_detail.html",
        form,
        {
            "feedback": feedback,
            "model_title": _title_of(feedback.model_key),
            "triage": feedback.triage.select_related("by"),
            "may_triage": _may_triage(request.user, feedback),
            "is_author": is_author,
            "work": feedback.work_items.with_state().first() if is_author else None,
        },
    )


@require_POST
def delete(request: SignedInRequest, feedback_id: int) -> HttpResponse:
    feedback = get_object_or_404(access.own_feedback(request.user), pk=feedback_id)
    try:
        services.delete_draft(actor=request.user, feedback=feedback)
    except GreenroomError as error:
        return refuse(request, error, _detail_url(feedback))
    messages.success(request, _("The draft is gone."))
    return redirect("payments:feedback")


@require_POST
def triage(request: SignedInRequest, feedback_id: int) -> HttpResponse:
    feedback = _visible_or_404(request, feedback_id)
    if not _may_triage(request.user, feedback):
        raise Http404
    form = TriageForm(request.POST)
    if not form.is_valid():
        return _show(request, feedback, form)
    services.triage(
        actor=request.user,
        feedback=feedback,
        status=TriageStatus(form.cleaned_data["outcome"]),
        note=form.cleaned_data["note"],
    )
    messages.success(request, _("The author sees it now."))
    return redirect("payments:feedback_detail", feedback.pk)


@require_safe
def picture(request: SignedInRequest, feedback_id: int) -> FileResponse:
    """The re-encoded picture, to whoever may read the report."""
    feedback = get_object_or_404(access.feedback_visible_to(request.user), pk=feedback_id)
    if not feedback.picture or not default_storage.exists(feedback.picture):
        raise Http404
    suffix = feedback.picture.rpartition(".")[2]
    response = FileResponse(
        default_storage.open(feedback.picture),
        filename=f"feedback-{feedback.pk}.{suffix}",
        content_type="image/png" if suffix == "png" else "image/jpeg",
    )
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _visible_or_404(request: SignedInRequest, feedback_id: int) -> Feedback:
    visible = access.feedback_visible_to(request.user).select_related("author", "cohort", "clip")
    return get_object_or_404(visible, pk=feedback_id)


def _may_triage(user: User, feedback: Feedback) -> bool:
    """Admins of the cohort, for filed reports that are not their own."""
    return (
        not feedback.is_draft
        and feedback.author_id != user.pk
        and access.reads_feedback(user)
        and access.cohorts_heard_by(user).filter(pk=feedback.cohort_id).exists()
    )


def _cohorts_of(user: User) -> QuerySet[Cohort]:
    return Cohort.objects.filter(memberships__user=user).order_by("-starts_on", "name")


def _detail_url(feedback: Feedback) -> str:
    return reverse("payments:feedback_detail", args=[feedback.pk])


def _title_of(model_key: str) -> str:
    return str(dict(registry.model_choices()).get(model_key, model_key))


def _titled(reports: object) -> list[dict[str, object]]:
    titles = dict(registry.model_choices())
    labels = dict(TriageStatus.choices)
    return [
        {
            "report": report,
            "model": titles.get(report.model_key, report.model_key),
            "status_label": labels.get(report.status),
        }
        for report in reports  # type: ignore[attr-defined]
    ]


def _query_without_page(request: SignedInRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
