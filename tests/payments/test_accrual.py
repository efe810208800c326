from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from payments.errors import AlreadyCorrected, BadRate, ReasonMissing
from payments.models import Entry, WorkItem
from payments.queries import balances_of, liability_of
from payments.services.accrual import (
    NO_RATE,
    OVER_CAP,
    accrue_brief_clip,
    accrue_feedback,
    adjust,
    correct_work,
)
from payments.states import CapPeriod, RateKind
from portal.models import AuditEntry, Cohort, Notification, OutgoingMail, User
from tests.factories.generation import make_clip
from tests.factories.payments import (
    finish,
    make_admin,
    make_artist,
    make_feedback,
    make_finished_clip,
    make_rate,
    make_work,
)
from tests.factories.portal import make_brief, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort()


@pytest.fixture
def artist(cohort: Cohort) -> User:
    return make_artist(cohort, "Ada")


class TestBriefClip:
    def test_a_finished_clip_earns_by_the_rate_card(self, cohort: Cohort, artist: User) -> None:
        rate = make_rate(cohort, amount_minor=40_00)
        brief = make_brief(cohort)
        clip = make_finished_clip(artist, cohort, brief)

        work = WorkItem.objects.get()

        assert (work.kind, work.artist, work.cohort) == ("brief_clip", artist, cohort)
        assert (work.brief, work.clip, work.rate) == (brief, clip, rate)
        assert (work.amount_minor, work.currency, work.note) == (40_00, "EUR", "")
        entry = Entry.objects.get()
        assert (entry.cause, entry.work) == (f"work:{work.pk}", work)
        assert list(entry.postings.values_list("account__code", "amount_minor")) == [
            (f"expense:work:{cohort.slug}", 40_00),
            (f"liability:artist:{artist.pk}", -40_00),
        ]

    def test_it_is_audited_and_told_without_a_mail(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort)
        make_finished_clip(artist, cohort, make_brief(cohort, title="A place you miss"))

        audit = AuditEntry.objects.get(action="work.accrued")
        assert (audit.actor, audit.after["amount_minor"]) == (None, 40_00)
        notice = Notification.objects.get(user=artist, kind="work.accrued")
        assert (notice.title, notice.text, notice.url) == (
            "You earned €40.00",
            "A place you miss",
            "/earnings/",
        )
        assert not OutgoingMail.objects.filter(subject=notice.title).exists()

    def test_the_notice_speaks_the_language_of_the_artist(self, cohort: Cohort) -> None:
        make_rate(cohort)
        artist = make_artist(cohort, language="fr")
        make_finished_clip(artist, cohort, make_brief(cohort))

        assert "40,00\u00a0€" in Notification.objects.get(user=artist, kind="work.accrued").title

    def test_a_clip_without_a_brief_is_no_work(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort)
        make_finished_clip(artist, cohort)

        assert not WorkItem.objects.exists()

    def test_told_twice_it_earns_once(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort)
        clip = make_clip(artist=artist, cohort=cohort, brief=make_brief(cohort, takes_wanted=3))
        finish(clip)
        finish(clip)

        assert WorkItem.objects.count() == 1
        assert liability_of(artist, "EUR") == 40_00

    def test_only_the_wanted_takes_are_paid(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort)
        brief = make_brief(cohort, takes_wanted=2)
        for _take in range(4):
            make_finished_clip(artist, cohort, brief)
        make_finished_clip(make_artist(cohort), cohort, brief)
        make_finished_clip(artist, cohort, make_brief(cohort))

        paid = WorkItem.objects.filter(artist=artist)
        assert paid.filter(brief=brief).count() == 2
        assert paid.count() == 3
        assert WorkItem.objects.count() == 4

    def test_without_a_rate_the_work_is_recorded_and_owes_nothing(
        self, cohort: Cohort, artist: User
    ) -> None:
        brief = make_brief(cohort)
        make_finished_clip(artist, cohort, brief)

        work = WorkItem.objects.get()
        assert (work.amount_minor, work.rate, work.note) == (0, None, NO_RATE)
        assert not work.is_obligation
        assert not Entry.objects.exists()
        make_rate(cohort)
        make_finished_clip(artist, cohort, brief)
        assert WorkItem.objects.paying().get().amount_minor == 40_00

    @pytest.mark.parametrize("period", [CapPeriod.WEEK, CapPeriod.MONTH, CapPeriod.COHORT])
    def test_a_cap_counts_paid_pieces_of_one_artist(
        self, cohort: Cohort, artist: User, period: CapPeriod
    ) -> None:
        make_rate(cohort, cap_count=1, cap_period=period)
        for person in (artist, artist, make_artist(cohort)):
            make_finished_clip(person, cohort, make_brief(cohort))

        assert list(WorkItem.objects.order_by("pk").values_list("amount_minor", "note")) == [
            (40_00, ""),
            (0, OVER_CAP),
            (40_00, ""),
        ]

    def test_work_keeps_the_rate_it_was_done_at(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort, amount_minor=40_00)
        make_finished_clip(artist, cohort, make_brief(cohort))
        make_rate(cohort, amount_minor=60_00)
        make_finished_clip(artist, cohort, make_brief(cohort))

        assert list(
            WorkItem.objects.order_by("pk").values_list("amount_minor", "rate__version")
        ) == [(40_00, 1), (60_00, 2)]


class TestFeedback:
    def test_a_filed_report_earns(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        feedback = make_feedback(artist, cohort)

        work = WorkItem.objects.get()
        assert (work.kind, work.feedback, work.amount_minor) == ("feedback", feedback, 25_00)
        assert accrue_feedback(actor=artist, feedback=feedback) is None
        assert liability_of(artist, "EUR") == 25_00

    def test_what_it_says_makes_no_difference(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort, RateKind.FEEDBACK, 25_00)
        for words in ("I love it.", "This tool is exploitative."):
            make_feedback(artist, cohort, tried=words)

        assert list(WorkItem.objects.values_list("amount_minor", flat=True)) == [25_00, 25_00]


class TestAdjustments:
    def test_an_adjustment_has_an_amount_and_a_reason(self, cohort: Cohort, artist: User) -> None:
        admin = make_admin()
        work = adjust(
            actor=admin,
            artist=artist,
            cohort=cohort,
            amount_minor=-5_00,
            currency="EUR",
            reason=" paid in cash ",
        )

        assert (work.kind, work.amount_minor, work.note) == ("adjustment", -5_00, "paid in cash")
        assert liability_of(artist, "EUR") == -5_00
        assert (
            Notification.objects.get(user=artist, kind="work.accrued").title
            == "€5.00 taken off what you are owed"
        )
        for amount, reason, error in ((0, "x", BadRate), (1, " ", ReasonMissing)):
            with pytest.raises(error):
                adjust(
                    actor=admin,
                    artist=artist,
                    cohort=cohort,
                    amount_minor=amount,
                    currency="EUR",
                    reason=reason,
                )

    def test_a_correction_is_an_opposite_line(self, cohort: Cohort, artist: User) -> None:
        admin = make_admin()
        work = make_work(artist, cohort, 25_00)
        correction = correct_work(actor=admin, work=work, reason="Filed twice by mistake")

        assert (correction.amount_minor, correction.corrects) == (-25_00, work)
        assert liability_of(artist, "EUR") == 0
        assert balances_of(artist)[0].owed_minor == 0
        for line in (work, correction):
            with pytest.raises(AlreadyCorrected):
                correct_work(actor=admin, work=line, reason="again")


class TestDatabase:
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE payments_workitem SET amount_minor = 1", "DELETE FROM payments_workitem"],
    )
    def test_work_is_not_changed(self, cohort: Cohort, artist: User, statement: str) -> None:
        from django.db import connection

        make_work(artist, cohort)
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"kind": "feedback"}, "work_names_its_cause"),
            ({"kind": "brief_clip"}, "work_names_its_cause"),
            ({"amount_minor": 0}, "work_amount_fits_kind"),
            ({"note": ""}, "work_amount_fits_kind"),
            ({"currency": "eur"}, "work_currency_code"),
        ],
    )
    def test_work_that_makes_no_sense(
        self, cohort: Cohort, artist: User, change: dict[str, object], constraint: str
    ) -> None:
        fields = {
            "kind": "adjustment",
            "artist": artist,
            "cohort": cohort,
            "amount_minor": 100,
            "currency": "EUR",
            "note": "why",
        }
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            WorkItem.objects.create(**{**fields, **change})

    def test_one_clip_twice(self, cohort: Cohort, artist: User) -> None:
        make_rate(cohort)
        clip = make_clip(artist=artist, cohort=cohort, brief=make_brief(cohort))
        work = accrue_brief_clip(actor=None, clip=clip)
        assert work is not None

        work.pk = None
        work._state.adding = True
        with pytest.raises(IntegrityError, match="work_once_per_clip"), transaction.atomic():
            work.save(force_insert=True)

    def test_one_report_twice(self, cohort: Cohort, artist: User) -> None:
        work = make_work(artist, cohort)

        work.pk = None
        work._state.adding = True
        with pytest.raises(IntegrityError, match="work_once_per_feedback"), transaction.atomic():
            work.save(force_insert=True)
