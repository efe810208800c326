"""A cohort's report: right, the same for everyone in it, and about nobody."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO

import pgtrigger
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from generation.models import GpuAccount
from payments.hours import TimeOnRecord, time_on_record
from payments.models import CohortReport, Remittance
from payments.report_errors import ReportWithdrawn, TooFewChanged
from payments.services.accrual import adjust
from payments.services.feedback import Report, file_feedback
from payments.services.remittances import settle_all
from payments.services.reports import make, make_due, publish, withdraw
from payments.session_states import Confirmer
from payments.states import RateKind
from portal.models import AuditEntry, Cohort, User
from portal.states import CohortState
from tests.factories.generation import make_ready_clip
from tests.factories.payments import (
    make_artist,
    make_rate,
    make_sent,
    make_session,
    make_session_rate,
)
from tests.factories.portal import browser_of, make_cohort
from tests.factories.review import decline, submit
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


def report_by(author: User, cohort: Cohort, minutes: int | None) -> None:
    written = Report(cohort=cohort, model_key="starter", tried="A boat", minutes=minutes)
    file_feedback(actor=author, report=written, token=uuid.uuid4())


@pytest.fixture
def artists(cohort: Cohort, admin: User, second_admin: User) -> list[User]:
    """Six: five were paid 25.00 for an hour or more, all are owed 25.00; one got 3.00 extra."""
    people = [make_artist(cohort) for _ in range(6)]
    make_rate(cohort, RateKind.FEEDBACK, 25_00)
    for number, person in enumerate(people[:5]):
        report_by(person, cohort, 60 + 15 * number)
    payout = make_sent(admin, second_admin, cohort)
    settle_all(actor=admin, payout=payout, bank_reference="Statement 47")
    for person in people:
        report_by(person, cohort, None)
    adjust(
        actor=admin,
        artist=people[5],
        cohort=cohort,
        amount_minor=3_00,
        currency="EUR",
        reason="Forgotten",
    )
    return people


def words(document: bytes) -> str:
    pages = PdfReader(BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages).replace("\xa0", " ")


def test_its_figures_are_those_of_the_rows(
    artists: list[User], cohort: Cohort, admin: User, reviewer: User
) -> None:
    for person in artists[:4]:
        decline(submit(make_ready_clip(artist=person, cohort=cohort)), reviewer)
    for person in artists:
        GpuAccount.objects.update_or_create(
            artist=person, cohort=cohort, defaults={"charged_seconds": 1_800}
        )
    later = timedelta(days=3)
    with as_owner(), pgtrigger.ignore():
        Remittance.objects.update(closed_at=timezone.now() + later)
    found = make(actor=admin, cohort=cohort).figures

    assert (found["artists"], found["minutes"], found["gpu_seconds"]) == (6, 450, 10_800)
    [money] = found["money"]
    assert money == {
        "currency": "EUR",
        "earned": 278_00,
        # One adjustment is one person's, and the reports are what the total leaves of it.
        "kinds": {
            **{"brief_clip": 0, "testing_session": 0, "top_up": 0},
            **{"feedback": None, "adjustment": None},
        },
        "stands": {"paid": 125_00, "on_way": 0, "owed": 153_00},
        # 25.00 in 90 minutes.
        "hourly": {"median": 1_700, "low": None, "high": None},
    }
    assert found["to_pay"] == pytest.approx(later.total_seconds(), abs=60)
    assert found["owed_for"] == pytest.approx(0, abs=60)
    # Four artists were declined, or waited for a decision.
    assert found["to_decision"] is None
    assert found["declines"]["total"] is None
    assert set(found["declines"]["reasons"].values()) == {None}


def test_it_does_not_follow_what_one_person_got(
    artists: list[User], cohort: Cohort, admin: User
) -> None:
    first = make(actor=admin, cohort=cohort)
    report_by(artists[0], cohort, 10)
    with pytest.raises(TooFewChanged):
        make(actor=admin, cohort=cohort)
    answer = browser_of(admin).post(f"/cohorts/{cohort.slug}/report/make/", follow=True)
    assert "fewer than five people" in answer.content.decode()
    for person in artists[1:]:
        report_by(person, cohort, 10)
    second = make(actor=admin, cohort=cohort)

    assert second.figures["money"][0]["earned"] == 278_00 + 6 * 25_00
    first.refresh_from_db()
    assert first.figures["money"][0]["earned"] == 278_00


def test_everyone_in_the_cohort_reads_it_and_the_world_once_it_is_published(
    artists: list[User], cohort: Cohort, admin: User
) -> None:
    report = make(actor=admin, cohort=cohort)
    here = f"/cohorts/{cohort.slug}/report/"
    page = browser_of(artists[0]).get(here).content.decode()
    assert "€278.00" in page
    assert "withheld" in page
    assert "Make a new one" not in page
    assert here in browser_of(artists[0]).get("/earnings/").content.decode()

    outside = f"/reports/{cohort.slug}/{report.pk}"
    stranger = Client()
    assert stranger.get(f"{outside}/").status_code == 404
    for _click in range(2):
        assert browser_of(admin).post(f"/reports/{report.pk}/publish/")["Location"] == here
    answer = stranger.get(f"{outside}/")
    assert "€278.00" in answer.content.decode()
    assert answer["Cache-Control"] == "private, max-age=300"
    pdf = stranger.get(f"{outside}.pdf")
    assert "Earned €278.00" in words(pdf.content)
    assert "Feedback report withheld" in words(pdf.content)
    assert pdf["Cache-Control"] == "public, max-age=300"
    assert stranger.get(f"{outside}.pdf").content == pdf.content
    kept = stranger.get(f"{outside}.pdf", headers={"If-None-Match": pdf["ETag"]})
    assert kept.status_code == 304
    assert stranger.get(f"/reports/elsewhere/{report.pk}/").status_code == 404

    # What was published stays as it is, whatever is made, and whoever speaks SQL.
    for person in artists:
        report_by(person, cohort, None)
    make(actor=admin, cohort=cohort)
    assert "€278.00" in stranger.get(f"{outside}/").content.decode()
    row = CohortReport.objects.filter(pk=report.pk)
    changes: list[dict[str, object]] = [
        {"figures": {}},
        {"published_at": None, "published_by": None},
    ]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()

    browser_of(admin).post(f"/reports/{report.pk}/withdraw/")
    assert stranger.get(f"{outside}/").status_code == 404
    headers = {"If-None-Match": pdf["ETag"]}
    assert stranger.get(f"{outside}.pdf", headers=headers).status_code == 404
    with pytest.raises(ReportWithdrawn):
        publish(actor=admin, report=report)
    withdraw(actor=admin, report=report)
    said = AuditEntry.objects.filter(action__startswith="report.", target_id=str(report.pk))
    assert sorted(entry.action for entry in said) == [
        *("report.made", "report.published", "report.withdrawn"),
    ]


def test_each_cohort_gets_one_a_month(artists: list[User], cohort: Cohort, admin: User) -> None:
    make_cohort("Nobody is here", actor=admin)
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.PAUSED)

    assert make_due() == 1
    assert make_due() == 0
    with as_owner(), pgtrigger.ignore():
        CohortReport.objects.update(made_at=timezone.now() - timedelta(days=32))
    assert make_due() == 1


def test_time_is_that_of_reports_and_of_confirmed_sessions(cohort: Cohort) -> None:
    make_rate(cohort, RateKind.FEEDBACK, 25_00)
    make_session_rate(cohort, 20_00, Confirmer.NOBODY)
    ada, lucien = make_artist(cohort), make_artist(cohort)
    report_by(ada, cohort, 30)
    make_session(ada, cohort, minutes=90)
    make_session(lucien, cohort, minutes=60)
    make_session_rate(cohort, 20_00, Confirmer.ADMINS)
    make_session(lucien, cohort, ago=timedelta(hours=5), minutes=45)
    assert sorted(time_on_record(cohort), key=lambda one: -one.minutes) == [
        TimeOnRecord(artist_id=ada.pk, minutes=120, pay_minor={"EUR": 55_00}),
        TimeOnRecord(artist_id=lucien.pk, minutes=60, pay_minor={"EUR": 20_00}),
    ]
