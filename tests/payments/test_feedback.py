"""A report is its author's, and once filed it is nobody's to change."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments import access
from payments.errors import FeedbackEmpty, FeedbackFiled, NotAPicture
from payments.models import Feedback, Triage, WorkItem
from payments.services.feedback import (
    Report,
    delete_draft,
    file_feedback,
    save_draft,
    triage,
)
from payments.states import RateKind, TriageStatus
from portal.models import AuditEntry, Cohort, Notification, User
from portal.states import Role
from tests.factories.payments import make_artist, make_feedback, make_rate
from tests.factories.portal import make_cohort, make_person
from tests.payments.pictures import png_upload, upload

pytestmark = pytest.mark.django_db


def report(cohort: Cohort, *, tried: str = "A boat", **typed: Any) -> Report:
    return Report(cohort=cohort, model_key="starter", tried=tried, **typed)


class TestDrafts:
    def test_a_draft_is_kept_and_earns_nothing(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort, RateKind.FEEDBACK)
        draft = save_draft(actor=artist, report=report(cohort, minutes=12), token=uuid.uuid4())

        draft.refresh_from_db()
        assert (draft.state, draft.tried, draft.minutes) == ("draft", "A boat", 12)
        assert not WorkItem.objects.exists()

    def test_a_draft_is_written_over_and_filed(self, cohort: Cohort, artist: User) -> None:
        token = uuid.uuid4()
        draft = save_draft(actor=artist, report=report(cohort, tried=""), token=token)
        filed = file_feedback(
            actor=artist, report=report(cohort, tried="A better text"), token=token, feedback=draft
        )

        assert filed.pk == draft.pk
        filed.refresh_from_db()
        assert (filed.state, filed.tried) == ("filed", "A better text")
        assert filed.filed_at is not None

    def test_a_draft_can_be_thrown_away_with_its_picture(
        self, cohort: Cohort, artist: User, django_capture_on_commit_callbacks: object
    ) -> None:
        draft = save_draft(
            actor=artist, report=report(cohort, picture=png_upload()), token=uuid.uuid4()
        )
        stored = draft.picture
        assert default_storage.exists(stored)

        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            delete_draft(actor=artist, feedback=draft)

        assert not Feedback.objects.exists()
        assert not default_storage.exists(stored)


class TestFiling:
    def test_filing_earns_and_is_audited(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        filed = file_feedback(actor=artist, report=report(cohort), token=uuid.uuid4())

        assert WorkItem.objects.get().feedback == filed
        assert AuditEntry.objects.get(action="feedback.filed").actor == artist

    def test_the_same_form_twice_is_one_report(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort, RateKind.FEEDBACK)
        token = uuid.uuid4()
        first = file_feedback(actor=artist, report=report(cohort), token=token)
        second = file_feedback(actor=artist, report=report(cohort, tried="Later"), token=token)

        assert first == second
        assert Feedback.objects.get().tried == "A boat"
        assert WorkItem.objects.count() == 1

    def test_an_empty_report_is_refused(self, cohort: Cohort, artist: User) -> None:
        with pytest.raises(FeedbackEmpty):
            file_feedback(actor=artist, report=report(cohort, tried=""), token=uuid.uuid4())
        assert not Feedback.objects.exists()

    def test_an_opinion_alone_is_a_report(self, cohort: Cohort, artist: User) -> None:
        opinion = "This programme is advertising."
        filed = file_feedback(
            actor=artist, report=report(cohort, tried="", opinion=opinion), token=uuid.uuid4()
        )

        assert filed.headline == opinion

    def test_a_broken_picture_writes_nothing(self, cohort: Cohort, artist: User) -> None:
        before = set(default_storage.listdir("")[0])
        with pytest.raises(NotAPicture):
            file_feedback(
                actor=artist,
                report=report(cohort, picture=upload(b"MZ not a picture")),
                token=uuid.uuid4(),
            )
        assert not Feedback.objects.exists()
        assert set(default_storage.listdir("")[0]) == before

    def test_the_picture_kept_is_a_new_one(self, cohort: Cohort, artist: User) -> None:
        filed = file_feedback(
            actor=artist, report=report(cohort, picture=png_upload()), token=uuid.uuid4()
        )

        with default_storage.open(filed.picture) as stored:
            content = stored.read()
        assert content.startswith(b"\x89PNG")
        assert hashlib.sha256(content).hexdigest() == filed.picture_sha256

    def test_a_filed_report_is_not_saved_or_deleted(self, cohort: Cohort, artist: User) -> None:
        filed = make_feedback(artist, cohort)
        with pytest.raises(FeedbackFiled):
            save_draft(actor=artist, report=report(cohort), token=filed.token, feedback=filed)
        with pytest.raises(FeedbackFiled):
            delete_draft(actor=artist, feedback=filed)


class TestDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE payments_feedback SET tried = 'I love it'",
            "UPDATE payments_feedback SET state = 'draft', filed_at = NULL",
            "UPDATE payments_feedback SET author_id = author_id",
            "DELETE FROM payments_feedback",
        ],
    )
    def test_nobody_changes_a_filed_report(
        self, cohort: Cohort, artist: User, statement: str
    ) -> None:
        make_feedback(artist, cohort, tried="This tool is exploitative")
        with (
            pytest.raises(DatabaseError, match="pgtrigger: Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert Feedback.objects.get().tried == "This tool is exploitative"

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"filed_at": None}, "feedback_filed_at_a_time"),
            ({"tried": ""}, "feedback_filed_says_something"),
        ],
    )
    def test_a_filed_report_has_words_and_a_time(
        self, cohort: Cohort, artist: User, change: dict[str, object], constraint: str
    ) -> None:
        filed = make_feedback(artist, cohort)
        fields = {
            "author": artist,
            "cohort": cohort,
            "model_key": "starter",
            "state": "filed",
            "tried": "A boat",
            "filed_at": filed.filed_at,
        }
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Feedback.objects.create(**{**fields, **change})

    def test_what_became_of_it_is_added_never_changed(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        row = triage(actor=admin, feedback=make_feedback(artist, cohort), status=TriageStatus.READ)
        for change in (lambda: row.save(), lambda: row.delete()):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()
        assert Triage.objects.count() == 1


class TestTriage:
    def test_the_author_is_told_and_the_report_stays(
        self, cohort: Cohort, artist: User, admin: User
    ) -> None:
        filed = make_feedback(artist, cohort)
        updated = filed.updated_at
        triage(actor=admin, feedback=filed, status=TriageStatus.READ)
        triage(actor=admin, feedback=filed, status=TriageStatus.PLANNED, note="In the next model")

        filed.refresh_from_db()
        assert filed.updated_at == updated
        shown = Feedback.objects.with_status().get()
        assert shown.status == "planned"  # type: ignore[attr-defined]  # of with_status
        notice = Notification.objects.filter(user=artist, kind="feedback.triaged").first()
        assert notice is not None
        assert (notice.title, notice.text) == ("Your feedback: Planned", "In the next model")

    def test_the_same_twice_is_told_once(self, cohort: Cohort, artist: User, admin: User) -> None:
        filed = make_feedback(artist, cohort)
        for _click in range(2):
            triage(actor=admin, feedback=filed, status=TriageStatus.READ)

        assert Triage.objects.count() == 1
        assert Notification.objects.filter(kind="feedback.triaged").count() == 1


def test_who_sees_which_report(
    cohort: Cohort, artist: User, other_artist: User, admin: User, reviewer: User
) -> None:
    filed = make_feedback(artist, cohort)
    draft = save_draft(actor=artist, report=report(cohort), token=uuid.uuid4())
    elsewhere = make_person("Elsa", role=Role.ADMIN, cohort=make_cohort())
    alumna = make_artist(make_cohort())

    def seen(person: User) -> set[int]:
        return set(access.feedback_visible_to(person).values_list("pk", flat=True))

    assert seen(artist) == {filed.pk, draft.pk}
    assert seen(admin) == {filed.pk}
    assert seen(other_artist) == seen(reviewer) == seen(elsewhere) == seen(alumna) == set()
