from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from portal import access, queries
from portal.errors import (
    AlreadyMember,
    CohortFull,
    CohortNotOpen,
    CurrencyFixed,
    IllegalTransition,
    NameTaken,
    SeatsTaken,
)
from portal.models import AuditEntry, Cohort, User
from portal.services import briefs, cohorts, members
from portal.states import CohortState, Feature, ReviewMode, Role
from tests.factories.portal import join, make_brief, make_cohort, make_person


def terms(cohort: Cohort, **changes: Any) -> dict[str, Any]:
    """The terms of *cohort* as the service takes them, with *changes*."""
    return {
        "name": cohort.name,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
        "agreement": cohort.agreement,
        "models_on_offer": cohort.models_on_offer,
        "seats": cohort.seats,
        "gpu_seconds_per_artist_week": cohort.gpu_seconds_per_artist_week,
        "gpu_seconds_per_artist": cohort.gpu_seconds_per_artist,
        "gpu_seconds_of_cohort_week": cohort.gpu_seconds_of_cohort_week,
        "gpu_seconds_of_cohort": cohort.gpu_seconds_of_cohort,
        "clips_running_per_artist": cohort.clips_running_per_artist,
        "clips_waiting_per_artist": cohort.clips_waiting_per_artist,
        "review_mode": ReviewMode(cohort.review_mode),
        "review_hours": cohort.review_hours,
        "appeal_hours": cohort.appeal_hours,
        "approvals_needed": cohort.approvals_needed,
        "features_off": [Feature(feature) for feature in cohort.features_off],
        "currency": cohort.currency,
        **changes,
    }


class TestTerms:
    def test_an_address_is_made_of_the_name(self, admin: User) -> None:
        assert make_cohort("Été à Lyon", actor=admin).slug == "ete-a-lyon"
        assert make_cohort("Ete a Lyon!", actor=admin).slug == "ete-a-lyon-2"
        assert make_cohort("New", actor=admin).slug == "new-2"

    def test_a_name_is_taken_once(self, cohort: Cohort, admin: User) -> None:
        with pytest.raises(NameTaken) as refused:
            make_cohort("spring RESIDENCY", actor=admin)
        assert refused.value.field == "name"

    def test_only_what_changed_is_logged(self, cohort: Cohort, admin: User) -> None:
        cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, review_hours=24))
        entry = AuditEntry.objects.get(action="cohort.updated")
        assert (entry.before, entry.after) == ({"review_hours": 48}, {"review_hours": 24})
        cohort.refresh_from_db()
        cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort))
        assert AuditEntry.objects.filter(action="cohort.updated").count() == 1

    def test_a_limit_lets_at_least_one_clip_through(self, cohort: Cohort) -> None:
        for limit in ("clips_running_per_artist", "clips_waiting_per_artist"):
            with (
                pytest.raises(IntegrityError, match="cohort_limits_admit_a_clip"),
                transaction.atomic(),
            ):
                Cohort.objects.filter(pk=cohort.pk).update(**{limit: 0})
            Cohort.objects.filter(pk=cohort.pk).update(**{limit: None})

    def test_no_seat_is_taken_away(
        self, cohort: Cohort, admin: User, artist: User, other_artist: User
    ) -> None:
        with pytest.raises(SeatsTaken):
            cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, seats=1))
        assert (
            cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, seats=2)).seats == 2
        )

    def test_the_currency_stays_once_somebody_joined(self, cohort: Cohort, admin: User) -> None:
        changed = cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, currency="CHF"))
        assert changed.currency == "CHF"
        join(make_person(), cohort)
        with pytest.raises(CurrencyFixed):
            cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, currency="EUR"))

    def test_the_database_refuses_an_end_before_the_start(self, cohort: Cohort) -> None:
        with pytest.raises(IntegrityError, match="cohort_ends_after_start"):
            Cohort.objects.filter(pk=cohort.pk).update(ends_on=cohort.starts_on - timedelta(days=1))

    def test_the_database_refuses_no_model(self, cohort: Cohort) -> None:
        with pytest.raises(IntegrityError, match="cohort_offers_a_model"):
            Cohort.objects.filter(pk=cohort.pk).update(models_on_offer=[])


class TestStates:
    def test_pause_reopen_close(self, cohort: Cohort, admin: User) -> None:
        for state in (CohortState.PAUSED, CohortState.OPEN, CohortState.CLOSED):
            cohorts.change_state(actor=admin, cohort=cohort, state=state, reason="because")
        assert list(
            AuditEntry.objects.filter(target_type="portal.cohort", reason="because")
            .order_by("id")
            .values_list("action", flat=True)
        ) == ["cohort.paused", "cohort.reopened", "cohort.closed"]

    def test_closed_is_for_good(self, cohort: Cohort, admin: User) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        with pytest.raises(IllegalTransition):
            cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.OPEN)
        with pytest.raises(IllegalTransition):
            cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, seats=3))
        with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
            Cohort.objects.filter(pk=cohort.pk).update(state="open")

    def test_nobody_joins_a_paused_one(self, cohort: Cohort, admin: User) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        person = make_person()
        with pytest.raises(CohortNotOpen):
            members.join(actor=person, cohort=cohort, user=person)


class TestJoin:
    def test_once(self, cohort: Cohort, artist: User) -> None:
        with pytest.raises(AlreadyMember):
            members.join(actor=artist, cohort=cohort, user=artist)

    def test_while_there_are_seats(self, admin: User) -> None:
        small = make_cohort(actor=admin, seats=1)
        join(make_person(), small)
        late = make_person()
        with pytest.raises(CohortFull):
            members.join(actor=late, cohort=small, user=late)


class TestBriefs:
    def test_the_artists_are_told(self, cohort: Cohort, admin: User, artist: User) -> None:
        brief = make_brief(cohort, actor=admin, title="Rain")
        notice = artist.notifications.get(kind="brief.created")
        assert (notice.title, notice.text) == (
            "A new brief: Rain",
            "Show it as you remember it.",
        )
        assert list(queries.open_briefs_for(artist)) == [brief]

    def test_a_percent_sign_is_only_a_sign(self, cohort: Cohort, admin: User, artist: User) -> None:
        briefs.create_brief(
            actor=admin, cohort=cohort, title="100% rain", text="50%d", due_on=cohort.ends_on
        )
        notice = artist.notifications.get(kind="brief.created")
        assert (notice.title, notice.text) == ("A new brief: 100% rain", "50%d")

    def test_close_and_reopen(self, cohort: Cohort, admin: User, artist: User) -> None:
        brief = make_brief(cohort, actor=admin)
        briefs.set_open(actor=admin, brief=brief, is_open=False)
        assert list(queries.open_briefs_for(artist)) == []
        with pytest.raises(IllegalTransition):
            briefs.set_open(actor=admin, brief=brief, is_open=False)
        briefs.set_open(actor=admin, brief=brief, is_open=True)
        assert list(queries.open_briefs_for(artist)) == [brief]

    def test_a_closed_cohort_is_asked_for_nothing(self, cohort: Cohort, admin: User) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        with pytest.raises(CohortNotOpen):
            make_brief(cohort, actor=admin)


class TestWhoSees:
    def test_an_admin_of_one_cohort(self, cohort: Cohort, admin: User, client: Client) -> None:
        other = make_cohort("Elsewhere", actor=admin)
        local = make_person(role=Role.ADMIN, cohort=cohort)
        assert list(access.cohorts_administered_by(local)) == [cohort]
        assert not access.runs_programme(local)
        client.force_login(local)
        assert client.get(reverse("cohort", args=[cohort.slug])).status_code == 200
        assert client.get(reverse("cohort", args=[other.slug])).status_code == 404
        for name in ("cohort_new", "agreements", "people"):
            assert client.get(reverse(name)).status_code == 404, name
        log = client.get(reverse("audit_log"))
        assert {entry.cohort_id for entry in log.context["entries"]} == {cohort.pk}

    def test_an_artist_sees_only_their_own(self, cohort: Cohort, admin: User, artist: User) -> None:
        make_cohort("Elsewhere", actor=admin)
        assert list(access.cohorts_visible_to(artist)) == [cohort]
        assert list(access.cohorts_administered_by(artist)) == []


class TestPages:
    def form(self, cohort: Cohort, **changes: Any) -> dict[str, Any]:
        return {
            "name": "Summer",
            "starts_on": "2027-06-01",
            "ends_on": "2027-08-31",
            "seats": 3,
            "agreement": cohort.agreement_id,
            "models_on_offer": ["starter"],
            "gpu_minutes_per_artist": 10,
            "review_mode": "every_clip",
            "review_hours": 24,
            "appeal_hours": 72,
            "approvals_needed": 1,
            "features": [feature for feature in Feature if feature != Feature.REMIX],
            "currency": "CHF",
            **changes,
        }

    def test_open_a_cohort(self, admin_client: Client, cohort: Cohort) -> None:
        done = admin_client.post(reverse("cohort_new"), self.form(cohort))
        assert done["Location"] == "/programme/cohorts/summer/"
        made = Cohort.objects.get(slug="summer")
        assert (made.gpu_seconds_per_artist, made.review_mode, made.currency) == (
            600,
            "every_clip",
            "CHF",
        )
        assert made.features_off == [Feature.REMIX]
        assert admin_client.get(done["Location"]).status_code == 200

    def test_budgets_are_minutes_and_an_empty_one_is_none(
        self, admin_client: Client, cohort: Cohort
    ) -> None:
        sent = self.form(
            cohort,
            name=cohort.name,
            gpu_minutes_per_artist_week="20",
            gpu_minutes_per_artist="",
            gpu_minutes_of_cohort_week="300",
            clips_running_per_artist="",
            clips_waiting_per_artist="5",
        )
        url = reverse("cohort_edit", args=[cohort.slug])
        assert admin_client.post(url, sent).status_code == 302
        cohort.refresh_from_db()
        assert (
            cohort.gpu_seconds_per_artist_week,
            cohort.gpu_seconds_per_artist,
            cohort.gpu_seconds_of_cohort_week,
            cohort.gpu_seconds_of_cohort,
        ) == (1200, None, 18_000, None)
        assert (cohort.clips_running_per_artist, cohort.clips_waiting_per_artist) == (None, 5)
        shown = admin_client.get(url).context["form"]
        assert shown["gpu_minutes_per_artist_week"].value() == 20
        assert shown["gpu_minutes_of_cohort"].value() is None
        told = AuditEntry.objects.get(action="cohort.updated")
        assert told.before["gpu_seconds_per_artist"] == 36_000
        assert told.after["gpu_seconds_per_artist"] is None
        page = admin_client.get(reverse("cohort", args=[cohort.slug])).text
        for said in ("No budget", "5 h a week", "at most 5 waiting"):
            assert said in page, said

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("ends_on", "2027-05-31"),
            ("ends_on", "soon"),
            ("seats", "0"),
            ("models_on_offer", "unheard-of"),
            ("review_hours", "721"),
            ("gpu_minutes_per_artist_week", "0"),
            ("gpu_minutes_of_cohort", "-1"),
            ("clips_running_per_artist", "0"),
            ("clips_waiting_per_artist", "many"),
            ("currency", "XXX"),
            ("agreement", "0"),
        ],
    )
    def test_what_makes_no_sense_is_said_and_kept(
        self, admin_client: Client, cohort: Cohort, field: str, value: str
    ) -> None:
        page = admin_client.post(reverse("cohort_new"), self.form(cohort, **{field: value}))
        assert page.status_code == 400
        assert list(page.context["form"].errors) == [field]
        if field != "name":
            assert 'value="Summer"' in page.content.decode()

    def test_a_taken_name(self, admin_client: Client, cohort: Cohort) -> None:
        page = admin_client.post(reverse("cohort_new"), self.form(cohort, name=cohort.name))
        assert page.status_code == 409
        assert list(page.context["form"].errors) == ["name"]

    def test_an_unknown_verb(self, admin_client: Client, cohort: Cohort) -> None:
        url = reverse("cohort_state", args=[cohort.slug, "explode"])
        assert admin_client.post(url).status_code == 404

    def test_a_refused_verb_is_said_on_the_page(
        self, admin_client: Client, admin: User, cohort: Cohort
    ) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        url = reverse("cohort_state", args=[cohort.slug, "pause"])
        page = admin_client.post(url, follow=True)
        assert page.redirect_chain == [(reverse("cohort", args=[cohort.slug]), 302)]
        assert "no longer possible" in page.content.decode()

    def test_the_page_of_a_cohort_asks_no_more_for_more_members(
        self,
        admin_client: Client,
        cohort: Cohort,
        django_assert_max_num_queries: Any,
    ) -> None:
        url = reverse("cohort", args=[cohort.slug])
        join(make_person(), cohort)
        admin_client.get(url)
        with django_assert_max_num_queries(60) as one:
            admin_client.get(url)
        for _turn in range(3):
            join(make_person(), cohort)
        with django_assert_max_num_queries(60) as four:
            admin_client.get(url)
        assert len(four) == len(one)
