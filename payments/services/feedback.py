"""Writing feedback, filing it for good, and saying what became of it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.errors import FeedbackEmpty, FeedbackFiled
from payments.models import Feedback, Triage
from payments.pictures import reencoded
from payments.services.accrual import accrue_feedback
from payments.states import FeedbackState, TriageStatus
from portal.services import audit
from portal.services.notify import notify

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import Cohort, User


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the author typed; nothing in it is rated, and no opinion is worth more than another."""

    cohort: Cohort
    model_key: str
    clip: Clip | None = None
    tried: str = ""
    happened: str = ""
    change: str = ""
    opinion: str = ""
    minutes: int | None = None
    picture: UploadedFile[bytes] | None = None
    drop_picture: bool = False


def save_draft(
    *, actor: User, report: Report, token: uuid.UUID, feedback: Feedback | None = None
) -> Feedback:
    """Keep a report that is not finished; only its author sees it.

    Args:
        token: id of the form; the same form sent twice is one draft.
        feedback: the draft to write over, or None for a new one.

    Raises:
        FeedbackFiled: it has been filed in the meantime.
        NotAPicture, PictureTooLarge: the picture is refused; nothing is written.
    """
    return _write(actor=actor, report=report, token=token, feedback=feedback, file=False)


def file_feedback(
    *, actor: User, report: Report, token: uuid.UUID, feedback: Feedback | None = None
) -> Feedback:
    """File a report: from now on nobody changes it, and it earns by the cohort's rate card.

    The same form sent twice files once and gives the same report.

    Raises:
        FeedbackEmpty: nothing was written in any of the boxes.
        NotAPicture, PictureTooLarge: the picture is refused; nothing is written.
    """
    if not any((report.tried, report.happened, report.change, report.opinion)):
        raise FeedbackEmpty(field="tried")
    return _write(actor=actor, report=report, token=token, feedback=feedback, file=True)


@transaction.atomic
def delete_draft(*, actor: User, feedback: Feedback) -> None:
    """Throw a draft away.

    Raises:
        FeedbackFiled: it is no draft any more.
    """
    draft = Feedback.objects.select_for_update().get(pk=feedback.pk)
    if not draft.is_draft:
        raise FeedbackFiled()
    audit.record(actor=actor, action="feedback.draft_deleted", target=draft, cohort=draft.cohort)
    _forget_on_commit(draft.picture)
    draft.delete()


@transaction.atomic
def triage(*, actor: User, feedback: Feedback, status: TriageStatus, note: str = "") -> Triage:
    """Say what became of a filed report; its author sees it. The report itself stays as it is."""
    newest = feedback.triage.first()
    note = note.strip()
    if newest is not None and (newest.status, newest.note) == (status.value, note):
        return newest
    row = Triage.objects.create(feedback=feedback, status=status, note=note, by=actor)
    audit.record(
        actor=actor,
        action="feedback.triaged",
        target=feedback,
        cohort=feedback.cohort,
        before={"status": newest.status} if newest else None,
        after={"status": status.value},
        reason=note,
    )
    notify(
        user=feedback.author,
        kind="feedback.triaged",
        title=_("Your feedback: %(status)s"),
        text="%(note)s",
        url=reverse("payments:feedback_detail", args=[feedback.pk]),
        params={"status": status.label, "note": note},
        mail=False,
    )
    return row


def _write(
    *, actor: User, report: Report, token: uuid.UUID, feedback: Feedback | None, file: bool
) -> Feedback:
    # Decoding takes time, so it happens before any row is locked.
    picture = reencoded(report.picture) if report.picture is not None else None
    stored = ""
    if picture is not None:
        name = f"feedback/{uuid.uuid4().hex}.{picture.suffix}"
        stored = default_storage.save(name, ContentFile(picture.content))
    digest = hashlib.sha256(picture.content).hexdigest() if picture else ""
    try:
        with transaction.atomic():
            row = _locked_row(actor=actor, token=token, feedback=feedback, report=report)
            if not row.is_draft:
                if not file:
                    raise FeedbackFiled()
                _forget_on_commit(stored)
                return row
            _fill(row, report)
            if stored or report.drop_picture:
                _forget_on_commit(row.picture)
                row.picture, row.picture_sha256 = stored, digest
            if file:
                row.state = FeedbackState.FILED
                row.filed_at = timezone.now()
            row.save()
            audit.record(
                actor=actor,
                action="feedback.filed" if file else "feedback.draft_saved",
                target=row,
                cohort=row.cohort,
                after={"model_key": row.model_key, "picture_sha256": row.picture_sha256},
            )
            if file:
                accrue_feedback(actor=actor, feedback=row)
            return row
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise


def _locked_row(
    *, actor: User, token: uuid.UUID, feedback: Feedback | None, report: Report
) -> Feedback:
    """The row to write on, locked; two copies of one new form meet on the unique token."""
    if feedback is None:
        fresh, _created = Feedback.objects.get_or_create(
            author=actor,
            token=token,
            defaults={"cohort": report.cohort, "model_key": report.model_key},
        )
        feedback = fresh
    return Feedback.objects.select_for_update().get(pk=feedback.pk)


def _fill(row: Feedback, report: Report) -> None:
    row.cohort = report.cohort
    row.model_key = report.model_key
    row.clip = report.clip
    row.tried = report.tried
    row.happened = report.happened
    row.change = report.change
    row.opinion = report.opinion
    row.minutes = report.minutes


def _forget_on_commit(name: str) -> None:
    if name:
        forget: Callable[[], None] = lambda: default_storage.delete(name)  # noqa: E731
        transaction.on_commit(forget)
