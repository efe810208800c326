"""Containments: what each stage touches, who may, when they end, and what one reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.containment import (
    Subject,
    Target,
    closes_key,
    closes_links,
    concerns,
    stops_making,
)
from portal.containment_errors import (
    Contained,
    ContainmentIncomplete,
    ContainmentSilent,
    ContainmentTimes,
    ContainmentUnexplained,
    ContainsOneself,
)
from portal.errors import GreenroomError, IllegalTransition, NotAllowed
from portal.models import AuditEntry, Cohort, Containment, User
from portal.services import containment, key_use
from portal.services.key_rows import NewKey
from portal.states import Role, Stage
from tests.factories.portal import (
    join,
    make_cohort,
    make_containment,
    make_key,
    make_person,
)

TARGETS = {
    Stage.KEY: Target(stage=Stage.KEY, key_id=1),
    Stage.PERSON: Target(stage=Stage.PERSON, person_id=1),
    Stage.COHORT: Target(stage=Stage.COHORT, cohort_id=1),
    Stage.MODEL: Target(stage=Stage.MODEL, model_key="starter"),
    Stage.SHARING: Target(stage=Stage.SHARING),
    Stage.GENERATION: Target(stage=Stage.GENERATION),
    Stage.EVERYTHING: Target(stage=Stage.EVERYTHING),
}
INSIDE = Subject(person_id=1, cohort_id=1, model_key="starter", key_id=1)
BESIDE = Subject(person_id=2, cohort_id=2, model_key="wan", key_id=2)
# Stage: (makes, keys, links), for who is inside and for who is beside it.
TABLE: dict[Stage, tuple[tuple[bool, bool, bool], tuple[bool, bool, bool]]] = {
    Stage.KEY: ((True, True, False), (False, False, False)),
    Stage.PERSON: ((True, True, True), (False, False, False)),
    Stage.COHORT: ((True, True, True), (False, False, False)),
    Stage.MODEL: ((True, False, False), (False, False, False)),
    Stage.SHARING: ((False, False, True), (False, False, True)),
    Stage.GENERATION: ((True, False, False), (True, False, False)),
    Stage.EVERYTHING: ((True, True, True), (True, True, True)),
}


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def made(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort)


BESIDE_ALL = Subject(person_id=0, cohort_id=0, model_key="wan", key_id=0)


def refuses(require: Callable[[Subject], None], subject: Subject) -> bool:
    try:
        require(subject)
    except Contained:
        return True
    return False


class TestReach:
    @pytest.mark.parametrize("stage", list(Stage))
    def test_each_stage_touches_its_range_and_nothing_else(self, stage: Stage) -> None:
        target = TARGETS[stage]
        for subject, expected in zip((INSIDE, BESIDE), TABLE[stage], strict=True):
            effects = (stops_making, closes_key, closes_links)
            assert tuple(effect(target, subject) for effect in effects) == expected
        # A clip that was asked for without a key is of none.
        assert not stops_making(TARGETS[Stage.KEY], Subject(person_id=1, cohort_id=1))

    @pytest.mark.parametrize("stage", list(Stage))
    def test_whoever_is_touched_is_told(self, stage: Stage) -> None:
        mine: dict[str, Any] = {"cohorts": {1}, "models": {"starter"}, "keys": {1}}
        other: dict[str, Any] = {"cohorts": {2}, "models": {"wan"}, "keys": {2}}
        of_all = stage in {Stage.SHARING, Stage.GENERATION, Stage.EVERYTHING}
        assert concerns(TARGETS[stage], person_id=1, **mine)
        assert concerns(TARGETS[stage], person_id=2, **other) == of_all
        nobody: dict[str, Any] = {"cohorts": set(), "models": set(), "keys": set()}
        assert not concerns(TARGETS[stage], person_id=3, **nobody)

    def test_exactly_what_the_stage_names(self) -> None:
        assert all(target.is_whole for target in TARGETS.values())
        assert not Target(stage=Stage.KEY).is_whole
        assert not Target(stage=Stage.KEY, person_id=1).is_whole
        assert not Target(stage=Stage.KEY, key_id=1, cohort_id=1).is_whole
        assert not Target(stage=Stage.EVERYTHING, model_key="starter").is_whole


class TestContain:
    def test_it_is_in_the_log(self, admin: User, artist: User, cohort: Cohort) -> None:
        target = Target(stage=Stage.COHORT, cohort_id=cohort.pk)
        shut = make_containment(target, actor=admin, reason=" A  key\nis out ")
        containment.lift(actor=admin, containment=shut)
        began, lifted = AuditEntry.objects.filter(target_type="portal.containment").order_by("id")
        assert (began.action, began.actor, began.cohort, began.reason, began.subject) == (
            "containment.began",
            admin,
            cohort,
            "A key is out",
            cohort.name,
        )
        assert (began.after["stage"], began.after["words_fr"]) == (
            *("cohort", "Nous examinons une fuite."),
        )
        assert (lifted.action, lifted.actor, lifted.cohort) == (
            "containment.lifted",
            admin,
            cohort,
        )

    def test_what_is_refused(self, admin: User, artist: User, made: NewKey) -> None:
        now = timezone.now()
        person = Target(stage=Stage.PERSON, person_id=artist.pk)
        cases: list[tuple[Target, dict[str, Any], type[GreenroomError]]] = [
            (person, {"until": now}, ContainmentTimes),
            (person, {"until": now - timedelta(days=1)}, ContainmentTimes),
            (person, {"until": now + timedelta(days=91)}, ContainmentTimes),
            (person, {"reason": " \x00\n"}, ContainmentUnexplained),
            (person, {"words_en": " ", "words_fr": ""}, ContainmentSilent),
            (Target(stage=Stage.PERSON), {}, ContainmentIncomplete),
            (Target(stage=Stage.PERSON, person_id=0), {}, ContainmentIncomplete),
            (Target(stage=Stage.KEY, key_id=0), {}, ContainmentIncomplete),
            (Target(stage=Stage.COHORT, cohort_id=0), {}, ContainmentIncomplete),
            (Target(stage=Stage.MODEL, model_key="nothing"), {}, ContainmentIncomplete),
            (Target(stage=Stage.PERSON, person_id=admin.pk), {}, ContainsOneself),
        ]
        for target, values, refused in cases:
            with pytest.raises(refused):
                make_containment(target, actor=admin, **values)
        assert not Containment.objects.exists()

    def test_nobody_contains_their_own_key(self, admin: User, cohort: Cohort) -> None:
        join(admin, cohort)
        own = make_key(admin, cohort)
        with pytest.raises(ContainsOneself):
            make_containment(Target(stage=Stage.KEY, key_id=own.row.pk), actor=admin)

    def test_staff_pages_stay_open_whatever_is_contained(
        self, admin: User, cohort: Cohort, admin_client: Client
    ) -> None:
        join(admin, cohort)
        make_containment(Target(stage=Stage.EVERYTHING), actor=admin)
        for here in ("/programme/", "/programme/containment/", "/programme/people/", "/keys/"):
            assert admin_client.get(here).status_code == 200

    def test_an_admin_of_one_cohort_contains_it_and_its_keys(
        self, admin: User, artist: User, cohort: Cohort, made: NewKey
    ) -> None:
        local = make_person(role=Role.ADMIN, cohort=cohort)
        other = make_cohort()
        for target in (
            Target(stage=Stage.COHORT, cohort_id=cohort.pk),
            Target(stage=Stage.KEY, key_id=made.row.pk),
        ):
            shut = make_containment(target, actor=local)
            assert containment.lift(actor=local, containment=shut).ended_by == local
        for target in (
            Target(stage=Stage.COHORT, cohort_id=other.pk),
            Target(stage=Stage.PERSON, person_id=artist.pk),
            Target(stage=Stage.EVERYTHING),
        ):
            with pytest.raises(NotAllowed):
                make_containment(target, actor=local)
            with pytest.raises(NotAllowed):
                containment.lift(actor=local, containment=make_containment(target, actor=admin))
        with pytest.raises(NotAllowed):
            make_containment(Target(stage=Stage.EVERYTHING), actor=artist)

    def test_it_is_undone_once(self, admin: User) -> None:
        shut = make_containment(Target(stage=Stage.SHARING), actor=admin)
        containment.lift(actor=admin, containment=shut)
        with pytest.raises(IllegalTransition):
            containment.lift(actor=admin, containment=shut)

    def test_the_preview_counts_and_names(
        self, admin: User, artist: User, other_artist: User, cohort: Cohort, made: NewKey
    ) -> None:
        seen = containment.preview(target=Target(stage=Stage.COHORT, cohort_id=cohort.pk))
        assert (seen.people.count, seen.people.names) == (2, ["Ada Okafor", "Lucien Moreau"])
        assert [(row.key, row.count) for row in seen.things] == [
            ("keys", 1),
            ("waiting", 0),
            ("running", 0),
            ("links", 0),
        ]
        assert seen.things[0].names == [str(made.row)]
        seen = containment.preview(target=Target(stage=Stage.SHARING))
        assert [row.key for row in seen.things] == ["links"]
        seen = containment.preview(target=Target(stage=Stage.KEY, key_id=made.row.pk))
        assert seen.people.names == ["Ada Okafor"]
        seen = containment.preview(target=Target(stage=Stage.MODEL, model_key="wan"))
        assert seen.people.count == 0


class TestDatabase:
    @pytest.mark.parametrize("stage", list(Stage))
    def test_it_refuses_a_wrong_target(
        self, admin: User, artist: User, cohort: Cohort, made: NewKey, stage: Stage
    ) -> None:
        fields: dict[Stage, dict[str, Any]] = {
            Stage.KEY: {"key": made.row},
            Stage.PERSON: {"person": artist},
            Stage.COHORT: {"cohort": cohort},
            Stage.MODEL: {"model_key": "starter"},
        }
        values = {
            "by": admin,
            "reason": "x",
            "words_en": "x",
            "until": timezone.now() + timedelta(hours=1),
            "stage": stage,
        }
        for other, field in fields.items():
            if other == stage:
                continue
            for wrong in (field, field | fields.get(stage, {})):
                with (
                    pytest.raises(IntegrityError, match="containment_right_target"),
                    transaction.atomic(),
                ):
                    Containment.objects.create(**values, **wrong)
        Containment.objects.create(**values, **fields.get(stage, {}))

    def test_it_refuses_what_is_no_containment(self, admin: User) -> None:
        now = timezone.now()
        values = {"by": admin, "reason": "x", "words_fr": "x", "until": now + timedelta(hours=1)}
        for wrong, name in (
            ({"until": now - timedelta(hours=1)}, "containment_has_an_end"),
            ({"until": now + timedelta(days=91)}, "containment_has_an_end"),
            ({"reason": " "}, "containment_says_why"),
            ({"words_fr": ""}, "containment_has_words"),
            ({"ended_by": admin}, "containment_ended_by_when_ended"),
            ({"stage": "person", "person": admin}, "containment_not_of_oneself"),
            ({"stage": "half"}, "containment_stage_known|containment_right_target"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                Containment.objects.create(**{"stage": "sharing", **values, **wrong})

    def test_it_keeps_them(self, admin: User, second_admin: User) -> None:
        shut = make_containment(Target(stage=Stage.SHARING), actor=admin)
        found = Containment.objects.filter(pk=shut.pk)
        for change in (
            {"until": timezone.now() + timedelta(days=2)},
            {"reason": "Another"},
            {"by": second_admin},
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                found.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            found.delete()
        containment.lift(actor=admin, containment=shut)
        with pytest.raises(DatabaseError), transaction.atomic():
            found.update(ended_at=None, ended_by=None)


class TestKeys:
    def test_a_contained_key_opens_nothing_and_others_do(
        self, admin: User, artist: User, other_artist: User, cohort: Cohort, made: NewKey
    ) -> None:
        other = make_key(other_artist, cohort)
        shut = make_containment(Target(stage=Stage.KEY, key_id=made.row.pk), actor=admin)
        with pytest.raises(Contained) as caught:
            key_use.authenticate(made.clear, address=None)
        assert str(caught.value.message).startswith("We look into a leak. (Until ")
        assert key_use.authenticate(other.clear, address=None).owner == other_artist
        containment.lift(actor=admin, containment=shut)
        assert key_use.authenticate(made.clear, address=None).owner == artist

    def test_one_that_is_over_holds_nothing(self, admin: User, made: NewKey) -> None:
        over(Target(stage=Stage.EVERYTHING), admin)
        key_use.authenticate(made.clear, address=None)
        assert containment.live() == []
        with pytest.raises(IllegalTransition):
            containment.lift(actor=admin, containment=Containment.objects.get())
        assert (containment.end_due(), containment.end_due()) == (1, 0)
        assert AuditEntry.objects.get(action="containment.expired").actor is None

    @pytest.mark.django_db(transaction=True)
    def test_another_connection_refuses_the_very_next_request(
        self, admin: User, made: NewKey
    ) -> None:
        answers: list[str] = []

        def ask() -> None:
            try:
                key_use.authenticate(made.clear, address=None)
                answers.append("in")
            except Contained:
                answers.append("out")
            finally:
                connections.close_all()

        def ask_elsewhere() -> None:
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()

        ask_elsewhere()
        shut = make_containment(Target(stage=Stage.EVERYTHING), actor=admin)
        ask_elsewhere()
        containment.lift(actor=admin, containment=shut)
        ask_elsewhere()
        assert answers == ["in", "out", "in"]


def over(target: Target, admin: User) -> Containment:
    """One whose time is over; nobody can make such a one, so it began long ago."""
    long_ago = timezone.now() - timedelta(days=2)
    return Containment.objects.create(
        stage=target.stage,
        reason="x",
        words_en="x",
        by=admin,
        at=long_ago,
        until=long_ago + timedelta(days=1),
    )


# What is done in turn: contain a stage, or undo one of those that hold.
MOVES = st.lists(st.one_of(st.sampled_from(list(Stage)), st.integers(0, 6)), max_size=8)


class TestOverlap:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(moves=MOVES)
    def test_all_that_hold_count_and_an_undo_ends_one(
        self, admin: User, artist: User, cohort: Cohort, made: NewKey, moves: list[Stage | int]
    ) -> None:
        """Whatever is contained and undone in turn, what is shut is what a list of both says."""
        inside = Subject(
            person_id=artist.pk, cohort_id=cohort.pk, model_key="starter", key_id=made.row.pk
        )
        named = {
            Stage.KEY: Target(stage=Stage.KEY, key_id=made.row.pk),
            Stage.PERSON: Target(stage=Stage.PERSON, person_id=artist.pk),
            Stage.COHORT: Target(stage=Stage.COHORT, cohort_id=cohort.pk),
            Stage.MODEL: Target(stage=Stage.MODEL, model_key="starter"),
        }
        requires = (
            containment.require_making,
            containment.require_key,
            containment.require_sharing,
        )
        live: list[Containment] = []
        with transaction.atomic():
            for move in moves:
                if isinstance(move, Stage):
                    target = named.get(move, Target(stage=move))
                    live.append(make_containment(target, actor=admin))
                elif live:
                    containment.lift(actor=admin, containment=live.pop(move % len(live)))
                held = [Stage(found.stage) for found in live]
                for who, subject in enumerate((inside, BESIDE_ALL)):
                    for at, require in enumerate(requires):
                        shut = any(TABLE[stage][who][at] for stage in held)
                        assert refuses(require, subject) == shut
            transaction.set_rollback(True)

    def test_an_undo_of_one_leaves_the_other(
        self, admin: User, artist: User, cohort: Cohort, made: NewKey
    ) -> None:
        person = Target(stage=Stage.PERSON, person_id=artist.pk)
        first = make_containment(person, actor=admin, words_en="First.")
        second = make_containment(Target(stage=Stage.EVERYTHING), actor=admin, words_en="Second.")
        for shut, words in ((first, "First."), (second, "Second.")):
            with pytest.raises(Contained, match=words):
                key_use.authenticate(made.clear, address=None)
            containment.lift(actor=admin, containment=shut)
        key_use.authenticate(made.clear, address=None)
