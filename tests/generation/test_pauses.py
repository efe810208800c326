from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import translation

from generation.errors import AlreadyPaused, ModelNotOffered, PauseReasonMissing
from generation.heads import waiting_heads
from generation.holds import Hold, holds
from generation.models import Clip, Pause
from generation.services import attempts, pauses
from generation.states import ClipState
from portal.errors import IllegalTransition
from portal.models import AuditEntry, Cohort, User
from tests.factories.generation import make_clip
from tests.factories.portal import make_cohort
from tests.generation.test_budgets import terms

pytestmark = pytest.mark.usefixtures("tiny_catalogue")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def elsewhere(lucien: User, admin: User) -> Clip:
    """A waiting clip of another cohort and another model."""
    return make_clip(artist=lucien, cohort=make_cohort("Elsewhere", actor=admin), model_key="wan")


def waiting() -> set[Clip]:
    heads = waiting_heads(["starter", "wan"])
    return set(Clip.objects.filter(pk__in=[head.clip_id for head in heads]))


class TestWhatIsHeldBack:
    def test_a_cohort(self, admin: User, ada: User, cohort: Cohort, elsewhere: Clip) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        assert waiting() == {clip, elsewhere}
        made = pauses.pause(actor=admin, cohort=cohort, reason="A talk")
        assert waiting() == {elsewhere}
        assert holds([clip, elsewhere]) == {
            clip.pk: Hold("Paused by the programme’s team: A talk", is_pause=True)
        }
        pauses.resume(actor=admin, pause=made)
        assert waiting() == {clip, elsewhere}
        assert holds([clip, elsewhere]) == {}

    def test_a_model(self, admin: User, ada: User, cohort: Cohort, elsewhere: Clip) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        pauses.pause(actor=admin, model_key="starter", reason="New weights")
        assert waiting() == {elsewhere}
        assert list(holds([clip, elsewhere])) == [clip.pk]

    def test_everything(self, admin: User, ada: User, cohort: Cohort, elsewhere: Clip) -> None:
        make_clip(artist=ada, cohort=cohort)
        pauses.pause(actor=admin, reason="Power cut")
        assert waiting() == set()

    def test_two_at_once_hold_until_the_second_ends(
        self, admin: User, ada: User, cohort: Cohort
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        first = pauses.pause(actor=admin, reason="Power cut")
        second = pauses.pause(actor=admin, cohort=cohort, reason="A talk")
        pauses.resume(actor=admin, pause=first)
        assert waiting() == set()
        pauses.resume(actor=admin, pause=second)
        assert waiting() == {clip}

    def test_an_artist_at_their_limit(self, ada: User, lucien: User, cohort: Cohort) -> None:
        terms(cohort, clips_running_per_artist=1)
        make_clip(artist=ada, cohort=cohort, state=ClipState.RENDERING)
        clip = make_clip(artist=ada, cohort=cohort)
        theirs = make_clip(artist=lucien, cohort=cohort)
        assert waiting() == {theirs}
        assert holds([clip, theirs]) == {
            clip.pk: Hold("Waits until your other clip is done: 1 may run at once", is_pause=False)
        }

    def test_a_worker_claims_only_what_nothing_holds_back(
        self, admin: User, ada: User, cohort: Cohort
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        made = pauses.pause(actor=admin, cohort=cohort, reason="A talk")
        assert attempts.claim_next(worker="one", models=["starter"]) is None
        pauses.resume(actor=admin, pause=made)
        lease = attempts.claim_next(worker="one", models=["starter"])
        assert lease is not None
        assert lease.clip == clip


class TestPauses:
    def test_it_is_in_the_log_with_its_reason(self, admin: User, cohort: Cohort) -> None:
        made = pauses.pause(actor=admin, cohort=cohort, reason="  A   talk ")
        pauses.resume(actor=admin, pause=made)
        entries = AuditEntry.objects.filter(target_type="generation.pause").order_by("id")
        assert [(entry.action, entry.reason, entry.cohort) for entry in entries] == [
            ("queue.paused", "A talk", cohort),
            ("queue.resumed", "", cohort),
        ]
        assert [entry.subject for entry in entries] == [cohort.name, cohort.name]

    def test_a_reason_is_needed(self, admin: User) -> None:
        with pytest.raises(PauseReasonMissing) as caught:
            pauses.pause(actor=admin, reason=" \x00 ")
        assert (caught.value.field, caught.value.status) == ("reason", 400)

    @pytest.mark.parametrize("of", ["everything", "model", "cohort"])
    def test_it_is_paused_once(self, admin: User, cohort: Cohort, of: str) -> None:
        whats: dict[str, dict[str, Any]] = {
            "everything": {},
            "model": {"model_key": "starter"},
            "cohort": {"cohort": cohort},
        }
        what = whats[of]
        pauses.pause(actor=admin, reason="One", **what)
        with pytest.raises(AlreadyPaused):
            pauses.pause(actor=admin, reason="Two", **what)
        assert Pause.objects.get().reason == "One"

    def test_it_is_resumed_once(self, admin: User) -> None:
        made = pauses.pause(actor=admin, reason="One")
        pauses.resume(actor=admin, pause=made)
        with pytest.raises(IllegalTransition):
            pauses.resume(actor=admin, pause=made)
        assert pauses.pause(actor=admin, reason="Again").resumed_at is None

    def test_a_model_nobody_offers(self, admin: User) -> None:
        with pytest.raises(ModelNotOffered):
            pauses.pause(actor=admin, reason="One", model_key="nothing")

    def test_the_database_refuses_what_is_no_pause(self, admin: User, cohort: Cohort) -> None:
        for values, name in (
            ({"cohort": cohort, "model_key": "starter"}, "pause_of_one_thing"),
            ({"reason": ""}, "pause_says_why"),
            ({"resumed_by": admin}, "pause_resumed_by_somebody"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                Pause.objects.create(**{"paused_by": admin, "reason": "One", **values})

    def test_the_database_keeps_them(self, admin: User, second_admin: User) -> None:
        made = pauses.pause(actor=admin, reason="One")
        found = Pause.objects.filter(pk=made.pk)
        for change, refusal in (
            (lambda: found.update(reason="Another"), "Cannot update"),
            (lambda: found.update(paused_by=second_admin), "Cannot update"),
            (lambda: found.delete(), "permission denied for table generation_pause"),
        ):
            with pytest.raises(ProgrammingError, match=refusal), transaction.atomic():
                change()
        pauses.resume(actor=admin, pause=made)
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            found.update(resumed_at=None, resumed_by=None)


class TestTheStudio:
    def test_it_says_so_and_takes_clips(self, admin: User, ada: User, cohort: Cohort) -> None:
        studio = Client()
        studio.force_login(ada)
        assert "Paused by the programme" not in studio.get("/studio/").text
        made = pauses.pause(actor=admin, cohort=cohort, reason="A talk until noon")
        page = studio.get("/studio/").text
        assert "Paused by the programme’s team" in page
        assert "A talk until noon" in page
        clip = make_clip(artist=ada, cohort=cohort)
        live = studio.get("/studio/live/", {"watch": str(clip.pk)}).text
        assert 'id="paused-spring-residency" aria-live="polite" hx-swap-oob="true"' in live
        assert "Paused by the programme’s team: A talk until noon" in live
        pauses.resume(actor=admin, pause=made)
        live = studio.get("/studio/live/", {"watch": str(clip.pk)}).text
        assert "A talk until noon" not in live
        # What was foreseen a moment ago is told for a moment.
        cache.clear()
        assert "this clip is next" in studio.get("/studio/live/", {"watch": str(clip.pk)}).text

    def test_a_model_is_named_and_anothers_pause_is_not_told(
        self, admin: User, ada: User, cohort: Cohort
    ) -> None:
        pauses.pause(actor=admin, model_key="starter", reason="New weights")
        pauses.pause(actor=admin, cohort=make_cohort("Elsewhere", actor=admin), reason="A secret")
        studio = Client()
        studio.force_login(ada)
        page = studio.get("/studio/").text
        assert "Tiny is paused by the programme’s team" in page
        assert "A secret" not in page
