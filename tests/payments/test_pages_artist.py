"""What an artist sees and does: feedback, earnings, payment details."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from payments.models import Feedback, PayeeDetails, WorkItem
from payments.services.feedback import Report, save_draft
from payments.states import CapPeriod, RateKind
from portal.models import Cohort, User
from review.states import ReviewState
from tests.factories.generation import make_ready_clip
from tests.factories.payments import (
    GB_IBAN,
    finish,
    make_draft,
    make_feedback,
    make_rate,
    make_sent,
    make_work,
)
from tests.factories.portal import make_brief
from tests.factories.review import approve, decline, make_reviewer, submit
from tests.payments.pictures import png_upload, upload

pytestmark = pytest.mark.django_db


def typed(cohort: Cohort, **fields: object) -> dict[str, object]:
    return {
        "token": str(uuid.uuid4()),
        "cohort": cohort.pk,
        "model_key": "starter",
        "tried": "A boat at night",
        "action": "file",
        **fields,
    }


class TestWriting:
    def test_the_form_says_what_it_pays_and_that_nobody_must(
        self, cohort: Cohort, artist_client: Client
    ) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00, cap_count=4, cap_period=CapPeriod.MONTH)
        page = artist_client.get("/work/feedback/new/").content.decode()

        assert "A filed report pays €25.00." in page
        assert "At most 4 in a month." in page
        assert "You take part in this programme whether or not you write." in page

    def test_filing(self, cohort: Cohort, artist: User, artist_client: Client) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        response = artist_client.post(
            "/work/feedback/new/", typed(cohort, minutes="30", picture=png_upload())
        )

        report = Feedback.objects.get()
        assert response["Location"] == f"/work/feedback/{report.pk}/"
        assert (report.author, report.state, report.minutes) == (artist, "filed", 30)
        assert WorkItem.objects.get().amount_minor == 25_00
        page = artist_client.get(f"/work/feedback/{report.pk}/").content.decode()
        assert "A boat at night" in page
        assert "Nobody can change or delete it." in page

    def test_a_double_click_files_once(self, cohort: Cohort, artist_client: Client) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        form = typed(cohort)
        first = artist_client.post("/work/feedback/new/", form)
        second = artist_client.post("/work/feedback/new/", form)

        assert first["Location"] == second["Location"]
        assert WorkItem.objects.count() == 1

    @pytest.mark.parametrize(
        ("content", "status", "said"),
        [
            (b"MZ this is a program", 415, "not a picture we can open"),
            (bytes(5 * 1024 * 1024 + 1), 413, "larger than 5 MB"),
        ],
    )
    def test_a_refused_picture_keeps_what_was_typed(
        self, cohort: Cohort, artist_client: Client, content: bytes, status: int, said: str
    ) -> None:
        response = artist_client.post(
            "/work/feedback/new/", typed(cohort, tried="My long text", picture=upload(content))
        )

        assert response.status_code == status
        page = response.content.decode()
        assert said in page
        assert "My long text" in page
        assert not Feedback.objects.exists()

    def test_an_empty_report_is_not_filed(self, cohort: Cohort, artist_client: Client) -> None:
        response = artist_client.post("/work/feedback/new/", typed(cohort, tried="  "))

        assert response.status_code == 400
        assert "at least one of the boxes" in response.content.decode()

    def test_a_draft_goes_on_and_is_filed_once(self, cohort: Cohort, artist_client: Client) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        kept = artist_client.post("/work/feedback/new/", typed(cohort, action="draft"))
        draft = Feedback.objects.get()
        assert kept["Location"] == f"/work/feedback/{draft.pk}/edit/"
        assert "A boat at night" in artist_client.get(kept["Location"]).content.decode()

        filed = typed(cohort, tried="Finished", token=str(draft.token))
        for _click in range(2):
            artist_client.post(f"/work/feedback/{draft.pk}/edit/", filed)

        draft.refresh_from_db()
        assert (draft.state, draft.tried) == ("filed", "Finished")
        assert WorkItem.objects.count() == 1

    def test_a_draft_is_thrown_away(
        self, cohort: Cohort, artist: User, artist_client: Client
    ) -> None:
        report = Report(cohort=cohort, model_key="starter", tried="A boat")
        draft = save_draft(actor=artist, report=report, token=uuid.uuid4())
        artist_client.post(f"/work/feedback/{draft.pk}/delete/")

        assert not Feedback.objects.exists()

    @pytest.mark.parametrize(
        "change", [{"clip": str(uuid.uuid4())}, {"cohort": "0"}, {"model_key": "other"}]
    )
    def test_what_is_not_ones_own_is_no_choice(
        self, cohort: Cohort, artist_client: Client, change: dict[str, str]
    ) -> None:
        response = artist_client.post("/work/feedback/new/", {**typed(cohort), **change})

        assert response.status_code == 400
        assert not Feedback.objects.exists()


class TestPicture:
    def test_only_who_reads_the_report_gets_it(
        self,
        cohort: Cohort,
        artist: User,
        artist_client: Client,
        other_artist_client: Client,
        reviewer_client: Client,
        admin_client: Client,
    ) -> None:
        artist_client.post("/work/feedback/new/", typed(cohort, picture=png_upload()))
        url = f"/work/feedback/{Feedback.objects.get().pk}/picture/"

        for client in (artist_client, admin_client):
            response = client.get(url)
            assert response["Content-Type"] == "image/png"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert b"".join(response).startswith(b"\x89PNG")
        for client in (other_artist_client, reviewer_client):
            assert client.get(url).status_code == 404


class TestEarnings:
    def test_before_the_first_work(self, artist_client: Client) -> None:
        page = artist_client.get("/earnings/").content.decode()

        assert "Nothing earned yet" in page
        assert "Download as CSV" not in page

    def test_owed_in_payout_and_paid(
        self,
        cohort: Cohort,
        artist: User,
        admin: User,
        second_admin: User,
        artist_client: Client,
    ) -> None:
        make_work(artist, cohort, 11_00)
        paid = make_sent(admin, second_admin, cohort)
        make_work(artist, cohort, 12_00)
        make_draft(admin, cohort)
        make_work(artist, cohort, 13_00)
        page = artist_client.get("/earnings/").content.decode()

        for words in ("€11.00", "€12.00", "€13.00", paid.reference, "Where should we send"):
            assert words in page

    def test_french_money_for_a_french_reader(
        self, cohort: Cohort, other_artist: User, other_artist_client: Client
    ) -> None:
        make_work(other_artist, cohort, 1234_50)

        assert "1\u00a0234,50\u00a0€" in other_artist_client.get("/earnings/").content.decode()

    def test_a_clip_declined_by_review_is_paid_like_an_approved_one(
        self, cohort: Cohort, artist: User, artist_client: Client
    ) -> None:
        make_rate(cohort, amount_minor=40_00)
        reviewer = make_reviewer()
        for decide in (decline, approve):
            clip = make_ready_clip(artist=artist, cohort=cohort, brief=make_brief(cohort))
            finish(clip)
            decide(submit(clip), reviewer)

        clips = [work.clip for work in WorkItem.objects.order_by("pk")]
        states = [clip.reviews.get().state for clip in clips if clip is not None]
        assert states == [ReviewState.DECLINED, ReviewState.APPROVED]
        assert list(WorkItem.objects.values_list("amount_minor", flat=True)) == [40_00, 40_00]

    def test_the_csv_has_these_bytes(
        self, cohort: Cohort, artist: User, artist_client: Client
    ) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        make_feedback(artist, cohort, tried="=SUM(A1)")
        at = timezone.localtime(WorkItem.objects.get().accrued_at).isoformat(timespec="seconds")
        response = artist_client.get("/earnings/export.csv")

        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response.content.decode() == (
            "date,work,about,cohort,rate,amount,currency,state,note\r\n"
            f"{at},feedback,'=SUM(A1),Spring residency,25.00,25.00,EUR,owed,\r\n"
        )

    def test_a_statement_shows_own_lines_only(
        self,
        cohort: Cohort,
        artist: User,
        other_artist: User,
        admin: User,
        second_admin: User,
        artist_client: Client,
    ) -> None:
        make_work(artist, cohort, 11_00)
        make_work(other_artist, cohort, 77_00)
        payout = make_sent(admin, second_admin, cohort)
        page = artist_client.get(f"/earnings/payouts/{payout.pk}/").content.decode()

        assert "€11.00" in page
        assert "77.00" not in page
        csv = artist_client.get(f"/earnings/payouts/{payout.pk}/?format=csv").content.decode()
        assert "11.00,EUR,in_transit" in csv
        assert "77.00" not in csv

    def test_a_month(
        self, cohort: Cohort, artist: User, admin: User, second_admin: User, artist_client: Client
    ) -> None:
        make_work(artist, cohort, 11_00)
        make_sent(admin, second_admin, cohort)
        make_work(artist, cohort, 12_00)
        today = timezone.localdate()
        url = f"/earnings/statements/{today.year}/{today.month}/"
        page = artist_client.get(url).content.decode()

        for words in ("+€23.00", "−€11.00", "€12.00"):
            assert words in page
        for wrong in ("/earnings/statements/2026/13/", "/earnings/statements/1/1/"):
            assert artist_client.get(wrong).status_code == 404


class TestPayee:
    def test_an_account_is_saved_and_not_shown_again(
        self, artist: User, artist_client: Client
    ) -> None:
        response = artist_client.post(
            "/earnings/payee/",
            {"method": "iban", "holder": "Ada Okafor", "iban": "GB29 NWBK 6016 1331 9268 19"},
        )

        assert response["Location"] == "/earnings/"
        assert PayeeDetails.objects.get(artist=artist).account == GB_IBAN
        for url in ("/earnings/", "/earnings/payee/"):
            page = artist_client.get(url).content.decode()
            assert "GB29 •••• 6819" in page
            assert GB_IBAN not in page

    def test_a_wrong_iban_is_explained_and_kept_in_the_form(self, artist_client: Client) -> None:
        response = artist_client.post(
            "/earnings/payee/",
            {"method": "iban", "holder": "Ada Okafor", "iban": "GB29 NWBK 6016 1331 9268 18"},
        )

        assert response.status_code == 400
        page = response.content.decode()
        assert "not a valid IBAN" in page
        assert "GB29 NWBK 6016 1331 9268 18" in page
        assert not PayeeDetails.objects.exists()
