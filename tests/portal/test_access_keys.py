"""Making, rotating, freezing, revoking and reporting keys; canaries; what the database refuses."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from portal import access, keys
from portal.errors import (
    AgreementNotSigned,
    CohortNotOpen,
    GreenroomError,
    IllegalTransition,
    KeyReplaced,
    KeyTermsRefused,
    NameTaken,
    NotAllowed,
    ReasonMissing,
    TooManyKeys,
)
from portal.models import AccessKey, AuditEntry, Cohort, Notification, User
from portal.services import access_keys, canaries, cohorts
from portal.services.key_rows import NewKey
from portal.states import CohortState, KeyKind, Role, Scope
from portal.tokens import hash_token
from tests.factories.portal import join, make_cohort, make_key, make_person

DAY = timedelta(days=1)


@pytest.fixture
def made(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort)


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def told(user: User) -> list[str]:
    return list(
        Notification.objects.filter(user=user, kind__startswith="key.")
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def news(user: User) -> Notification:
    return Notification.objects.filter(user=user, kind__startswith="key.").latest("pk")


class TestCreate:
    def test_it_is_hashed_and_its_owner_is_told(self, artist: User, cohort: Cohort) -> None:
        made = make_key(
            artist,
            cohort,
            name=" Night script ",
            ip_ranges=[ip_network("203.0.113.0/24"), ip_network("2001:db8::/32")],
            gpu_seconds=600,
            rate_per_minute=30,
        )
        row = AccessKey.objects.get()
        assert row.name == "Night script"
        assert row.digest == hash_token(made.clear)
        assert row.hint == keys.hint(made.clear)
        assert row.scopes == ["clips:read", "clips:write"]
        assert row.ip_ranges == [ip_network("203.0.113.0/24"), ip_network("2001:db8::/32")]
        assert row.expires_at - row.created_at == timedelta(days=90)
        assert (row.gpu_seconds, row.rate_per_minute, row.standing()) == (600, 30, "active")
        entry = last_entry()
        assert (entry.action, entry.actor, entry.cohort) == ("key.created", artist, cohort)
        assert entry.after["ip_ranges"] == ["203.0.113.0/24", "2001:db8::/32"]
        assert told(artist) == ["key.created"]
        assert made.clear not in repr(made)
        for stored in (str(vars(row)), str(entry.after), news(artist).text):
            assert made.clear not in stored

    def test_in_french(self, other_artist: User, cohort: Cohort) -> None:
        make_key(other_artist, cohort, name="Atelier")
        assert news(other_artist).title == "Nouvelle clé d’API\u00a0: Atelier"

    def test_only_a_member_who_signed_in_an_open_cohort(
        self, artist: User, admin: User, cohort: Cohort
    ) -> None:
        with pytest.raises(NotAllowed):
            make_key(admin, cohort)
        unsigned = make_person()
        join(unsigned, cohort, sign=False)
        with pytest.raises(AgreementNotSigned):
            make_key(unsigned, cohort)
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.PAUSED)
        with pytest.raises(CohortNotOpen):
            make_key(artist, cohort)
        assert not AccessKey.objects.exists()

    def test_terms_that_make_no_sense(self, artist: User, cohort: Cohort) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({"name": "  "}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"scopes": []}, "scopes"),
            ({"lifetime": timedelta(minutes=59)}, "days"),
            ({"lifetime": timedelta(days=365, seconds=1)}, "days"),
            ({"ip_ranges": [ip_network(f"10.0.{n}.0/24") for n in range(21)]}, "ip_ranges"),
        ]
        for terms, field in cases:
            with pytest.raises(KeyTermsRefused) as refused:
                make_key(artist, cohort, **terms)
            assert refused.value.field == field

    def test_a_name_tells_live_keys_apart(self, artist: User, cohort: Cohort, made: NewKey) -> None:
        with pytest.raises(NameTaken):
            make_key(artist, cohort, name="LAPTOP")
        access_keys.revoke_key(actor=artist, key=made.row)
        make_key(artist, cohort, name="Laptop")

    def test_ten_live_keys_a_person(self, artist: User, cohort: Cohort) -> None:
        rows = [make_key(artist, cohort, name=f"Key {number}").row for number in range(10)]
        with pytest.raises(TooManyKeys):
            make_key(artist, cohort, name="One more")
        access_keys.rotate_key(actor=artist, key=rows[0], overlap=DAY)
        access_keys.revoke_key(actor=artist, key=rows[1])
        make_key(artist, cohort, name="One more")

    def test_a_key_typed_as_a_name_is_not_kept(self, artist: User, cohort: Cohort) -> None:
        assert make_key(artist, cohort, name=f"my {keys.make()}").row.name == "my grk_…"


class TestRotate:
    def test_the_same_terms_and_an_overlap(self, artist: User, cohort: Cohort) -> None:
        old = make_key(artist, cohort, scopes=[Scope.CLIPS_READ], rate_per_minute=5, gpu_seconds=60)
        made = access_keys.rotate_key(actor=artist, key=old.row, overlap=DAY)
        old.row.refresh_from_db()
        for same in ("name", "scopes", "rate_per_minute", "gpu_seconds", "ip_ranges", "owner"):
            assert getattr(made.row, same) == getattr(old.row, same)
        assert made.row.replaces == old.row
        assert made.row.digest != old.row.digest
        assert made.row.expires_at - made.row.created_at == timedelta(days=90)
        now = timezone.now()
        assert old.row.standing(now) == "replacing"
        assert old.row.works(now)
        assert old.row.standing(now + DAY) == "replaced"
        assert made.row.standing(now + DAY) == "active"
        assert last_entry().before["hint"] == old.row.hint
        assert told(artist) == ["key.created", "key.rotated"]

    def test_without_overlap_the_old_one_ends_at_once(self, artist: User, made: NewKey) -> None:
        access_keys.rotate_key(actor=artist, key=made.row, overlap=timedelta(0))
        made.row.refresh_from_db()
        assert made.row.standing() == "replaced"

    def test_an_overlap_never_outlives_the_key(self, artist: User, cohort: Cohort) -> None:
        old = make_key(artist, cohort, lifetime=timedelta(hours=2)).row
        access_keys.rotate_key(actor=artist, key=old, overlap=7 * DAY)
        old.refresh_from_db()
        assert old.ends_at == old.expires_at

    def test_an_overlap_out_of_bounds(self, artist: User, made: NewKey) -> None:
        for overlap in (timedelta(seconds=-1), timedelta(days=7, seconds=1)):
            with pytest.raises(KeyTermsRefused):
                access_keys.rotate_key(actor=artist, key=made.row, overlap=overlap)

    def test_only_what_works_and_only_once(self, artist: User, admin: User, made: NewKey) -> None:
        access_keys.freeze_key(actor=admin, key=made.row, reason="Odd use")
        with pytest.raises(IllegalTransition):
            access_keys.rotate_key(actor=artist, key=made.row, overlap=DAY)
        access_keys.thaw_key(actor=admin, key=made.row)
        access_keys.rotate_key(actor=artist, key=made.row, overlap=DAY)
        with pytest.raises(KeyReplaced):
            access_keys.rotate_key(actor=artist, key=made.row, overlap=DAY)


class TestRevokeAndFreeze:
    def test_by_its_owner(self, artist: User, made: NewKey) -> None:
        row = access_keys.revoke_key(actor=artist, key=made.row)
        assert (row.standing(), row.reason) == ("revoked", "")
        assert last_entry().before == {"state": "active"}
        with pytest.raises(IllegalTransition):
            access_keys.revoke_key(actor=artist, key=made.row)

    def test_by_staff_with_a_reason_that_holds_no_key(
        self, artist: User, admin: User, made: NewKey
    ) -> None:
        with pytest.raises(ReasonMissing):
            access_keys.revoke_key(actor=admin, key=made.row, reason="  ")
        row = access_keys.revoke_key(actor=admin, key=made.row, reason=f"{made.clear} lay about")
        assert row.reason == last_entry().reason == "grk_… lay about"
        notice = news(artist)
        assert notice.kind == "key.revoked"
        assert "grk_… lay about" in notice.text

    def test_frozen_by_staff_is_not_thawed_by_the_owner(
        self, artist: User, admin: User, made: NewKey
    ) -> None:
        access_keys.freeze_key(actor=admin, key=made.row, reason="Seen in two countries")
        with pytest.raises(NotAllowed):
            access_keys.thaw_key(actor=artist, key=made.row)
        row = access_keys.thaw_key(actor=admin, key=made.row)
        assert (row.standing(), row.reason, row.frozen_by) == ("active", "", None)
        assert told(artist) == ["key.created", "key.frozen", "key.thawed"]

    def test_frozen_by_the_owner_or_by_greenroom_itself(
        self, artist: User, admin: User, made: NewKey
    ) -> None:
        access_keys.freeze_key(actor=artist, key=made.row, reason="")
        access_keys.thaw_key(actor=artist, key=made.row)
        with pytest.raises(ReasonMissing):
            access_keys.freeze_key(actor=None, key=made.row, reason="")
        access_keys.freeze_key(actor=None, key=made.row, reason="Used from nine networks")
        assert last_entry().actor_label == "system"
        with pytest.raises(NotAllowed):
            access_keys.thaw_key(actor=artist, key=made.row)
        access_keys.revoke_key(actor=artist, key=made.row)
        with pytest.raises(GreenroomError):
            access_keys.thaw_key(actor=admin, key=made.row)


class TestFound:
    def test_it_is_revoked_and_everyone_concerned_is_told(
        self, artist: User, admin: User, reviewer: User, made: NewKey
    ) -> None:
        assert access_keys.report_found(raw=made.clear, found_on="pastes.example")
        row = AccessKey.objects.get()
        assert (row.standing(), row.found_on) == ("revoked", "pastes.example")
        assert (last_entry().action, last_entry().actor) == ("key.reported", None)
        assert told(artist) == ["key.created", "key.reported"]
        assert told(admin) == ["key.reported"]
        assert told(reviewer) == []

    def test_a_second_report_changes_nothing(self, admin: User, made: NewKey) -> None:
        assert access_keys.report_found(raw=made.clear)
        before = AccessKey.objects.values().get()
        assert access_keys.report_found(raw=made.clear, found_on="pastes.example")
        assert AccessKey.objects.values().get() == before
        assert told(admin) == ["key.reported"]

    def test_what_is_none_of_ours(self, made: NewKey, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            assert not access_keys.report_found(raw=f"{made.clear[:-1]}!")
            assert not access_keys.report_found(raw=made.clear[:-6] + "000000")
        assert not access_keys.report_found(raw=keys.make())
        assert AccessKey.objects.get().standing() == "active"

    @pytest.mark.parametrize("host", ["pastes.example/<b>", "e" * 101])
    def test_a_host_that_is_none_is_dropped(self, made: NewKey, host: str) -> None:
        access_keys.report_found(raw=made.clear, found_on=host)
        assert AccessKey.objects.get().found_on == ""


class TestCanary:
    def test_one_a_cohort_and_nobodys(self, admin: User, cohort: Cohort) -> None:
        first = canaries.set_canary(actor=admin, cohort=cohort).row
        second = canaries.set_canary(actor=admin, cohort=cohort).row
        first.refresh_from_db()
        assert (first.standing(), second.standing()) == ("revoked", "active")
        assert (second.kind, second.owner) == (KeyKind.CANARY, None)
        assert last_entry().before == {"hint": first.hint}

    def test_a_closed_cohort_needs_none(self, admin: User, cohort: Cohort) -> None:
        cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
        with pytest.raises(CohortNotOpen):
            canaries.set_canary(actor=admin, cohort=cohort)

    def test_one_that_is_found_alarms(self, admin: User, cohort: Cohort) -> None:
        made = canaries.set_canary(actor=admin, cohort=cohort)
        assert access_keys.report_found(raw=made.clear, found_on="pastes.example")
        made.row.refresh_from_db()
        assert made.row.alarmed_at is not None
        assert made.row.standing() == "revoked"
        assert told(admin) == ["key.alarmed"]
        assert "pastes.example" in news(admin).text


class TestDatabase:
    def test_it_refuses(self, artist: User, cohort: Cohort) -> None:
        now = timezone.now()
        cases: list[tuple[dict[str, Any], str]] = [
            ({"name": " "}, "key_has_a_name"),
            ({"state": "lost"}, "key_state_known"),
            ({"state": "revoked"}, "key_revoked_at_a_moment"),
            ({"kind": "canary"}, "key_is_somebodys_or_a_canary"),
            ({"owner": None}, "key_is_somebodys_or_a_canary"),
            ({"digest": "grk_in_the_clear"}, "key_is_hashed"),
            ({"scopes": []}, "key_scopes_known"),
            ({"scopes": ["everything"]}, "key_scopes_known"),
            ({"ip_ranges": [ip_network(f"10.0.{n}.0/24") for n in range(21)]}, "few_ranges"),
            ({"lives": timedelta(0)}, "key_lives_a_year_at_most"),
            ({"lives": timedelta(days=366)}, "key_lives_a_year_at_most"),
            ({"gpu_seconds": 0}, "key_limits_admit_something"),
            ({"rate_per_minute": 0}, "key_limits_admit_something"),
            ({"alarmed_at": now}, "key_alarmed_is_a_dead_canary"),
            ({"reported_at": now}, "key_reported_is_revoked"),
        ]
        for change, constraint in cases:
            values: dict[str, Any] = {
                "owner": artist,
                "cohort": cohort,
                "name": "Laptop",
                "digest": "0" * 64,
                "hint": "grk_",
                "scopes": ["clips:read"],
                "created_at": now,
                **change,
            }
            values["expires_at"] = now + values.pop("lives", DAY)
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                AccessKey.objects.create(**values)

    def test_one_live_canary(self, admin: User, cohort: Cohort) -> None:
        canaries.set_canary(actor=admin, cohort=cohort)
        with pytest.raises(IntegrityError, match="key_one_canary_per_cohort"):
            AccessKey.objects.create(
                cohort=cohort,
                kind=KeyKind.CANARY,
                name="canary",
                digest="0" * 64,
                scopes=["clips:read"],
                expires_at=timezone.now() + DAY,
            )

    def test_terms_stay_as_handed_out(self, made: NewKey) -> None:
        changes: list[dict[str, Any]] = [
            {"digest": "0" * 64},
            {"scopes": ["clips:read", "earnings:read"]},
            {"ip_ranges": [ip_network("203.0.113.0/24")]},
            {"expires_at": timezone.now() + 300 * DAY},
            {"rate_per_minute": 9},
        ]
        for change in changes:
            with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
                AccessKey.objects.update(**change)

    def test_a_revoked_key_stays_revoked_and_none_is_deleted(
        self, artist: User, made: NewKey
    ) -> None:
        access_keys.revoke_key(actor=artist, key=made.row)
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            AccessKey.objects.update(state="active", revoked_at=None)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            AccessKey.objects.all().delete()

    def test_another_cohorts_admin_administers_nothing_here(self, made: NewKey) -> None:
        elsewhere = make_cohort()
        stranger = make_person(role=Role.ADMIN, cohort=elsewhere)
        assert not access.keys_administered_by(stranger).exists()
        assert not access.may_thaw_key(stranger, made.row)
