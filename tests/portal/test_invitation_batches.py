"""Many invitations from a table: looked at first, sent row by row, each once."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import queries
from portal.errors import CohortNotOpen, IllegalTransition
from portal.invitation_errors import BatchExpired, BatchHasNoWork, TooManyBatches
from portal.invitation_plan import Fate, plan_of, progress_of
from portal.models import (
    AuditEntry,
    Cohort,
    Invitation,
    InvitationBatch,
    InvitationBatchRow,
    OutgoingMail,
    RoleGrant,
    User,
)
from portal.services import cohorts, invitation_batches, invitations, people
from portal.states import BatchState, CohortState
from tests.factories.portal import browser_of, join, make_cohort, make_invitation, make_person

TABLE = b"""email,name,language
nour@example.org,Nour,fr
sol@example.org,Sol,
nour@example.org,Again,
nobody,,
"""


def bring(cohort: Cohort, actor: User, content: bytes = TABLE) -> InvitationBatch:
    return invitation_batches.bring(actor=actor, cohort=cohort, name="artists.csv", content=content)


def table(count: int) -> bytes:
    return b"email\n" + b"".join(b"p%d@example.org\n" % number for number in range(count))


def fates(batch: InvitationBatch) -> list[str]:
    return [planned.fate.value for planned in plan_of(batch).rows]


def send(batch: InvitationBatch, actor: User) -> None:
    invitation_batches.start(actor=actor, batch=batch)
    while invitation_batches.go_on():
        pass
    batch.refresh_from_db()


class TestPreview:
    def test_says_what_will_happen_and_sends_nothing(
        self, cohort: Cohort, admin: User, artist: User
    ) -> None:
        make_invitation(cohort, actor=admin, email="sol@example.org")
        before = OutgoingMail.objects.count()
        batch = bring(cohort, admin, TABLE + f"{artist.email},,\n".encode())
        assert fates(batch) == ["send", "already_invited", "repeated", "wrong", "member"]
        assert [str(planned.detail) for planned in plan_of(batch).rows] == [
            "",
            "",
            "Row 1 has the same address.",
            "The address has no @.",
            "",
        ]
        assert OutgoingMail.objects.count() == before
        assert batch.state == "draft"

    def test_seats_run_out_in_order_and_a_tick_taken_away_frees_one(self, admin: User) -> None:
        small = make_cohort(actor=admin, seats=2)
        batch = bring(small, admin, table(3))
        assert fates(batch) == ["send", "send", "no_seat"]
        invitation_batches.choose(actor=admin, batch=batch, shown=[1, 2, 3], ticked=[2, 3])
        assert fates(batch) == ["left_out", "send", "send"]

    def test_a_tick_on_who_is_invited_renews(self, cohort: Cohort, admin: User) -> None:
        old = make_invitation(cohort, actor=admin, email="sol@example.org")
        batch = bring(cohort, admin)
        invitation_batches.choose(actor=admin, batch=batch, shown=[2], ticked=[2])
        assert fates(batch)[1] == "resend"
        send(batch, admin)
        row = batch.rows.get(number=2)
        assert row.invitation is not None
        assert row.invitation.replaces == old

    def test_what_cannot_be_invited_cannot_be_ticked(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        invitation_batches.choose(actor=admin, batch=batch, shown=[3, 4], ticked=[3, 4])
        assert fates(batch)[2:] == ["repeated", "wrong"]

    def test_it_takes_as_many_queries_for_many_rows_as_for_few(
        self, cohort: Cohort, admin: User
    ) -> None:
        few, many = bring(cohort, admin, table(3)), bring(cohort, admin, table(300))
        with CaptureQueriesContext(
            connection,
        ) as first:
            plan_of(few)
        with CaptureQueriesContext(connection) as second:
            plan_of(many)
        assert len(first) == len(second)

    def test_a_draft_ends_and_forgets_its_people(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        InvitationBatch.objects.filter(pk=batch.pk).update(
            keep_until=timezone.now() - timedelta(seconds=1)
        )
        with pytest.raises(BatchExpired):
            invitation_batches.start(actor=admin, batch=batch)
        assert invitation_batches.expire_due() == 1
        assert invitation_batches.expire_due() == 0
        batch.refresh_from_db()
        assert (batch.state, batch.rows.count()) == ("expired", 0)
        page = browser_of(admin).get(f"/programme/invitation-batches/{batch.pk}/")
        assert "This draft has ended" in page.content.decode()

    def test_so_many_drafts_and_no_more(
        self, cohort: Cohort, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(invitation_batches, "MOST_DRAFTS", 1)
        bring(cohort, admin)
        with pytest.raises(TooManyBatches):
            bring(cohort, admin)


class TestSend:
    def test_each_row_once_with_its_result(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        send(batch, admin)
        assert fates(batch) == ["sent", "sent", "repeated", "wrong"]
        nour = Invitation.objects.get(email="nour@example.org")
        assert (nour.name, nour.language, nour.invited_by) == ("Nour", "fr", admin)
        assert OutgoingMail.objects.filter(target_type="portal.invitation").count() == 2
        assert (batch.state, batch.ended_at is not None) == ("finished", True)
        assert list(
            AuditEntry.objects.filter(target_type="portal.invitationbatch")
            .order_by("id")
            .values_list("action", flat=True)
        ) == [
            "invitation_batch.brought",
            "invitation_batch.started",
            "invitation_batch.finished",
        ]

    def test_a_hundred_and_twenty_in_looks_of_fifty(self, admin: User) -> None:
        large = make_cohort(actor=admin, seats=107)
        batch = bring(large, admin, table(120))
        assert (plan_of(batch).going, plan_of(batch).counts[Fate.NO_SEAT]) == (107, 13)
        invitation_batches.start(actor=admin, batch=batch)
        assert invitation_batches.go_on() == 50
        [progress] = progress_of([batch])
        assert (progress.settled, progress.started, progress.due) == (63, 120, 57)
        while invitation_batches.go_on():
            pass
        assert Invitation.objects.filter(cohort=large).count() == 107
        assert OutgoingMail.objects.filter(target_type="portal.invitation").count() == 107
        assert queries.seats_left(large) == 0

    def test_a_double_click_starts_once(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        invitation_batches.start(actor=admin, batch=batch)
        with pytest.raises(IllegalTransition):
            invitation_batches.start(actor=admin, batch=batch)

    def test_nothing_to_send(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin, b"email\nnobody\n")
        with pytest.raises(BatchHasNoWork):
            invitation_batches.start(actor=admin, batch=batch)

    def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_done(
        self, cohort: Cohort, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = bring(cohort, admin)
        invitation_batches.start(actor=admin, batch=batch)

        def die(*args: object, **kwargs: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("portal.services.invitation_rows.mail_link", die)
            with pytest.raises(KeyboardInterrupt):
                invitation_batches.go_on()
        assert not Invitation.objects.filter(cohort=cohort).exists()
        assert invitation_batches.go_on() == 2
        assert OutgoingMail.objects.filter(target_type="portal.invitation").count() == 2

    def test_what_changed_since_is_said_at_the_row(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        invitation_batches.start(actor=admin, batch=batch)
        make_invitation(cohort, actor=admin, email="nour@example.org")
        invitation_batches.go_on()
        first = plan_of(InvitationBatch.objects.get()).rows[0]
        assert first.fate.value == "refused"
        assert "already on its way" in str(first.detail)
        assert Invitation.objects.filter(email="nour@example.org").count() == 1

    def test_stopped_half_way_and_gone_on_with(
        self, cohort: Cohort, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(invitation_batches, "ROWS_A_LOOK", 1)
        batch = bring(cohort, admin)
        invitation_batches.start(actor=admin, batch=batch)
        assert invitation_batches.go_on() == 1
        invitation_batches.stop(actor=admin, batch=batch)
        assert invitation_batches.go_on() == 0
        assert fates(InvitationBatch.objects.get())[:2] == ["sent", "to_come"]
        invitation_batches.resume(actor=admin, batch=batch)
        while invitation_batches.go_on():
            pass
        assert fates(InvitationBatch.objects.get())[:2] == ["sent", "sent"]

    def test_a_paused_cohort_stops_it_and_says_why(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        invitation_batches.start(actor=admin, batch=batch)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        assert invitation_batches.go_on() == 0
        batch.refresh_from_db()
        assert (batch.state, batch.held_by) == ("stopped", "cohort_not_open")
        with pytest.raises(CohortNotOpen):
            invitation_batches.resume(actor=admin, batch=batch)
        page = browser_of(admin).get(f"/programme/invitation-batches/{batch.pk}/")
        assert "not open at the moment" in page.content.decode()

    def test_who_may_invite_no_more_sends_no_more(
        self, cohort: Cohort, admin: User, second_admin: User
    ) -> None:
        batch = bring(cohort, second_admin)
        invitation_batches.start(actor=second_admin, batch=batch)
        for grant in RoleGrant.live.filter(user=second_admin):
            people.revoke_role(actor=admin, grant=grant)
        assert invitation_batches.go_on() == 0
        batch.refresh_from_db()
        assert (batch.state, batch.held_by) == ("stopped", "not_allowed")

    def test_an_accepted_one_shows_in_the_record(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        send(batch, admin)
        row = batch.rows.get(number=1)
        assert row.invitation is not None
        invitations.revoke(actor=admin, invitation=row.invitation)
        page = browser_of(admin).get(f"/programme/invitation-batches/{batch.pk}/")
        assert "Revoked" in page.content.decode()


class TestDatabase:
    def test_an_address_stands_once(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        with pytest.raises(IntegrityError, match="invitation_row_address_once"):
            InvitationBatchRow.objects.create(batch=batch, number=9, email="NOUR@example.org")

    def test_a_row_with_a_problem_is_never_due(self, cohort: Cohort, admin: User) -> None:
        rows = bring(cohort, admin).rows.filter(number=4)
        with (
            pytest.raises(IntegrityError, match="invitation_row_due_is_sound"),
            transaction.atomic(),
        ):
            rows.update(is_due=True)
        with pytest.raises(ProgrammingError, match="Cannot update"):
            rows.update(problem="")

    def test_what_is_finished_stays_finished(self, cohort: Cohort, admin: User) -> None:
        batch = bring(cohort, admin)
        send(batch, admin)
        with pytest.raises(ProgrammingError, match="Invalid transition"):
            InvitationBatch.objects.filter(pk=batch.pk).update(state=BatchState.SENDING)

    def test_a_row_has_one_result(self, cohort: Cohort, admin: User) -> None:
        rows = bring(cohort, admin).rows.filter(number=1)
        with pytest.raises(IntegrityError, match="invitation_row_settled_once"):
            rows.update(refusal="No")


class TestPages:
    @pytest.fixture
    def browser(self, admin: User) -> Client:
        return browser_of(admin)

    def upload(self, browser: Client, cohort: Cohort, content: bytes) -> HttpResponse:
        return browser.post(  # type: ignore[return-value]
            f"/programme/cohorts/{cohort.slug}/invite/table/",
            {"file": SimpleUploadedFile("artists.csv", content)},
        )

    def test_bring_look_send(self, browser: Client, cohort: Cohort) -> None:
        done = self.upload(browser, cohort, TABLE)
        assert done.status_code == 302
        url = done["Location"]
        page = browser.get(url).content.decode()
        assert "Send 2 invitations" in page
        assert "Row 1 has the same address." in page
        assert browser.post(f"{url}send/").status_code == 302
        page = browser.get(url).content.decode()
        assert 'hx-trigger="every 2s"' in page
        assert "0 of 2" in page
        invitation_batches.go_on()
        page = browser.get(f"{url}live/").content.decode()
        assert "2 of 2" in page
        assert 'hx-trigger="every 2s"' not in page

    def test_ticks_are_kept_and_counted(self, browser: Client, cohort: Cohort) -> None:
        url = self.upload(browser, cohort, TABLE)["Location"]
        piece = browser.post(
            f"{url}choose/", {"shown": ["1", "2"], "row": ["2"]}, headers={"HX-Request": "true"}
        )
        assert "Send 1 invitation" in piece.content.decode()
        assert "Send 1 invitation" in browser.get(url).content.decode()
        assert browser.post(f"{url}choose/", {"shown": ["1", "x"]}).status_code == 302

    @pytest.mark.parametrize(
        ("content", "status", "said"),
        [
            (b"", 400, "nothing in this file"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 400, "This is no text"),
            (b"name\nNour\n", 400, "no column “email”"),
            (b"email\n" + b"a@b.org\n" * 10_000, 413, "at most 2,000 rows"),
            (b"email\n" + b"x" * 1024 * 1024, 413, "at most 1 MB"),
        ],
    )
    def test_what_is_no_table_is_said_on_the_form(
        self, browser: Client, cohort: Cohort, content: bytes, status: int, said: str
    ) -> None:
        page = self.upload(browser, cohort, content)
        assert (page.status_code, said in page.content.decode()) == (status, True)
        assert not InvitationBatch.objects.exists()

    def test_problems_as_csv_hold_no_formula(self, browser: Client, cohort: Cohort) -> None:
        content = b"email,name,note\n=1+1,Nour,@x\nsol@example.org,Sol,-1\n"
        url = self.upload(browser, cohort, content)["Location"]
        text = browser.get(f"{url}rows.csv?only=problems").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert rows == [
            ["row", "email", "name", "language", "note", "result", "detail"],
            [
                *("1", "'=1+1", "Nour", "en", "'@x", "Cannot be invited"),
                "The address begins like a formula of a spreadsheet.",
            ],
        ]
        whole = browser.get(f"{url}rows.csv").content.decode()
        assert "sol@example.org,Sol,en,'-1,Will be invited" in whole

    def test_the_problems_alone(self, browser: Client, cohort: Cohort) -> None:
        url = self.upload(browser, cohort, TABLE)["Location"]
        page = browser.get(f"{url}?only=problems").content.decode()
        assert ("nobody" in page, "sol@example.org" in page) == (True, False)

    def test_discarded_it_is_gone(self, browser: Client, cohort: Cohort) -> None:
        url = self.upload(browser, cohort, TABLE)["Location"]
        assert browser.post(f"{url}discard/").status_code == 302
        assert browser.get(url).status_code == 404

    def test_an_admin_of_another_cohort_sees_nothing(self, cohort: Cohort, admin: User) -> None:
        from portal.states import Role

        elsewhere = make_person(role=Role.ADMIN, cohort=make_cohort(actor=admin))
        batch = bring(cohort, admin)
        other = browser_of(elsewhere)
        assert other.get(f"/programme/invitation-batches/{batch.pk}/").status_code == 404
        assert other.post(f"/programme/invitation-batches/{batch.pk}/send/").status_code == 404

    def test_a_member_by_another_address(self, cohort: Cohort, admin: User) -> None:
        person = make_person("Nour", email="nour@example.org")
        join(person, cohort)
        assert fates(bring(cohort, admin))[0] == "member"
