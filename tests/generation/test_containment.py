"""What containments do to clips: asked for, waiting, running, and through the API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from generation.catalogue import entry
from generation.errors import LeaseLost
from generation.heads import first_heads, waiting_heads
from generation.holds import Hold, holds
from generation.models import Attempt, Clip
from generation.queries import unpaused
from generation.services import attempts, contained, create
from generation.states import AttemptState, ClipState
from generation.worker.loop import GpuWorker
from portal.containment import Target
from portal.containment_errors import Contained
from portal.models import AuditEntry, Cohort, User
from portal.services import containment
from portal.services.key_rows import NewKey
from portal.states import Stage
from tests.factories.generation import make_clip
from tests.factories.portal import make_cohort, make_containment, make_key
from tests.generation.worker.test_render import tiny_clip

Commits = Callable[..., Any]
MODELS = ["starter", "wan"]


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def made(ada: User, cohort: Cohort) -> NewKey:
    return make_key(ada, cohort)


@pytest.fixture
def clips(ada: User, lucien: User, admin: User, cohort: Cohort, made: NewKey) -> dict[str, Clip]:
    """One for each reason to be touched."""
    other = make_cohort("Elsewhere", actor=admin)
    return {
        "with_key": make_clip(artist=ada, cohort=cohort, access_key=made.row),
        "without": make_clip(artist=ada, cohort=other),
        "other": make_clip(artist=lucien, cohort=cohort, model_key="wan"),
        "beside": make_clip(artist=lucien, cohort=other, model_key="wan"),
    }


def target(stage: Stage, made: NewKey, ada: User, cohort: Cohort) -> Target:
    return {
        Stage.KEY: Target(stage=stage, key_id=made.row.pk),
        Stage.PERSON: Target(stage=stage, person_id=ada.pk),
        Stage.COHORT: Target(stage=stage, cohort_id=cohort.pk),
        Stage.MODEL: Target(stage=stage, model_key="starter"),
    }.get(stage, Target(stage=stage))


REACH = {
    Stage.KEY: {"with_key"},
    Stage.PERSON: {"with_key", "without"},
    Stage.COHORT: {"with_key", "other"},
    Stage.MODEL: {"with_key", "without"},
    Stage.SHARING: set(),
    Stage.GENERATION: {"with_key", "without", "other", "beside"},
    Stage.EVERYTHING: {"with_key", "without", "other", "beside"},
}


@pytest.mark.usefixtures("tiny_catalogue")
class TestWaiting:
    @pytest.mark.parametrize("stage", list(Stage))
    def test_each_stage_holds_its_range(
        self,
        admin: User,
        ada: User,
        cohort: Cohort,
        made: NewKey,
        clips: dict[str, Clip],
        stage: Stage,
    ) -> None:
        shut = make_containment(target(stage, made, ada, cohort), actor=admin)
        free = {clip.pk for name, clip in clips.items() if name not in REACH[stage]}
        assert {head.clip_id for head in waiting_heads(MODELS)} == free
        assert {head.clip_id for head in first_heads(MODELS)} <= free
        assert bool(first_heads(MODELS)) == bool(free)
        assert set(unpaused(Clip.objects.all()).values_list("pk", flat=True)) == free
        held = holds(Clip.objects.select_related("cohort"))
        assert held == {
            clip.pk: Hold("Stopped by the programme’s team: We look into a leak.", is_pause=True)
            for clip in clips.values()
            if clip.pk not in free
        }
        containment.lift(actor=admin, containment=shut)
        assert len(waiting_heads(MODELS)) == 4

    def test_an_artists_other_clips_pass_what_is_held(
        self, admin: User, ada: User, cohort: Cohort, made: NewKey
    ) -> None:
        make_clip(artist=ada, cohort=cohort, access_key=made.row)
        later = make_clip(artist=ada, cohort=cohort)
        make_containment(Target(stage=Stage.KEY, key_id=made.row.pk), actor=admin)
        lease = attempts.claim_next(worker="one", models=MODELS)
        assert lease is not None
        assert lease.clip == later


@pytest.mark.usefixtures("tiny_catalogue")
class TestRunning:
    def test_it_goes_back_to_its_place_free_of_charge_and_goes_on_after_the_undo(
        self,
        admin: User,
        ada: User,
        cohort: Cohort,
        django_capture_on_commit_callbacks: Commits,
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        lease = attempts.claim_next(worker="one", models=MODELS)
        assert lease is not None
        asked_at = Clip.objects.get(pk=clip.pk).queued_at
        with django_capture_on_commit_callbacks(execute=True):
            shut = make_containment(Target(stage=Stage.GENERATION), actor=admin)
        clip.refresh_from_db()
        assert (clip.state, clip.queued_at) == (ClipState.QUEUED, asked_at)
        attempt = clip.attempts.get()
        assert attempt.state == AttemptState.HANDED_BACK
        assert attempt.charged_seconds == 0
        clip.account.refresh_from_db()
        assert clip.account.charged_seconds == 0
        logged = AuditEntry.objects.filter(action="clip.requeued")
        assert [entry.reason for entry in logged] == ["contained"]
        with pytest.raises(LeaseLost):
            attempts.report(token=lease.token, state=ClipState.RENDERING, step=1)
        assert attempts.claim_next(worker="one", models=MODELS) is None
        containment.lift(actor=admin, containment=shut)
        again = attempts.claim_next(worker="one", models=MODELS)
        assert again is not None
        assert (again.clip, again.number) == (clip, 2)

    def test_what_is_beside_it_goes_on(
        self,
        admin: User,
        ada: User,
        lucien: User,
        cohort: Cohort,
        django_capture_on_commit_callbacks: Commits,
    ) -> None:
        make_clip(artist=ada, cohort=cohort)
        beside = make_clip(artist=lucien, cohort=cohort)
        for worker in ("one", "two"):
            assert attempts.claim_next(worker=worker, models=MODELS) is not None
        with django_capture_on_commit_callbacks(execute=True):
            make_containment(Target(stage=Stage.PERSON, person_id=ada.pk), actor=admin)
        running = Attempt.objects.filter(state=AttemptState.RUNNING)
        assert [attempt.clip for attempt in running] == [beside]

    def test_beat_stops_what_was_missed(self, admin: User, ada: User, cohort: Cohort) -> None:
        make_clip(artist=ada, cohort=cohort)
        assert contained.stop_running() == 0
        attempts.claim_next(worker="one", models=MODELS)
        make_containment(Target(stage=Stage.SHARING), actor=admin)
        assert contained.stop_running() == 0
        make_containment(Target(stage=Stage.EVERYTHING), actor=admin)
        assert (contained.stop_running(), contained.stop_running()) == (1, 0)

    def test_the_preview_counts_clips(
        self, admin: User, ada: User, cohort: Cohort, made: NewKey
    ) -> None:
        make_clip(artist=ada, cohort=cohort)
        make_clip(artist=ada, cohort=cohort, access_key=made.row, state=ClipState.RENDERING)
        seen = containment.preview(target=Target(stage=Stage.PERSON, person_id=ada.pk))
        counts = {row.key: row.count for row in seen.things}
        assert counts == {"keys": 1, "waiting": 1, "running": 1, "links": 0}


@pytest.mark.usefixtures("tiny_model")
@pytest.mark.django_db(transaction=True)
def test_a_running_clip_stops_within_the_step(admin: User, ada: User, cohort: Cohort) -> None:
    clip = tiny_clip(ada, cohort, steps=20)
    worker = GpuWorker(name="gpu@test")
    pipe: Any = worker._renderer.warm(entry("starter"))
    calls: list[int] = []

    def act(*_seen: Any) -> None:
        calls.append(len(calls) + 1)
        # Guidance calls the transformer twice a step: this is in the middle of the third.
        if len(calls) == 5:
            make_containment(Target(stage=Stage.PERSON, person_id=ada.pk), actor=admin)

    pipe._pipe.transformer.register_forward_hook(act)
    worker.render_until_empty()

    clip.refresh_from_db()
    assert clip.state == ClipState.QUEUED
    assert clip.attempts.get().state == AttemptState.HANDED_BACK
    assert calls == [1, 2, 3, 4, 5, 6]


def ask(ada: User, cohort: Cohort, **values: Any) -> list[Clip]:
    told = {"model_key": "starter", "size": "128x128", "frames": 17, **values}
    return create.create_clips(
        actor=ada, cohort=cohort, prompt="a boat", request_id=uuid.uuid4(), **told
    )


@pytest.mark.usefixtures("tiny_catalogue")
class TestAsking:
    def test_the_service_refuses_each_way(
        self, admin: User, ada: User, cohort: Cohort, made: NewKey
    ) -> None:
        size = entry("starter")
        wish = {"size": str(size.sizes[0]), "frames": size.lengths[0]}
        done = make_clip(artist=ada, cohort=cohort, state=ClipState.CANCELLED, **_shape(size))
        shut = make_containment(Target(stage=Stage.COHORT, cohort_id=cohort.pk), actor=admin)
        for way in (
            lambda: ask(ada, cohort, **wish),
            lambda: create.run_again(actor=ada, clip=done),
            lambda: create.vary(actor=ada, clip=done, request_id=uuid.uuid4()),
        ):
            with pytest.raises(Contained, match=r"We look into a leak\."):
                way()
        containment.lift(actor=admin, containment=shut)
        make_containment(Target(stage=Stage.KEY, key_id=made.row.pk), actor=admin)
        with pytest.raises(Contained):
            ask(ada, cohort, access_key=made.row, **wish)
        assert len(ask(ada, cohort, **wish)) == 1

    def test_the_page_keeps_what_was_typed(self, admin: User, ada: User, cohort: Cohort) -> None:
        make_containment(Target(stage=Stage.EVERYTHING), actor=admin)
        size = entry("starter")
        client = Client()
        client.force_login(ada)
        page = client.post(
            "/studio/clips/new/",
            {
                "cohort": cohort.slug,
                "prompt": "a red boat",
                "model_key": "starter",
                "size": str(size.sizes[0]),
                "frames": str(size.lengths[0]),
                "takes": "1",
                "request_id": str(uuid.uuid4()),
            },
        )
        assert page.status_code == 403
        assert "We look into a leak. (Until " in page.text
        assert "a red boat</textarea>" in page.text
        assert client.get("/studio/").status_code == 200

    @pytest.mark.parametrize(
        ("stage", "list_status", "make_status"),
        [
            (Stage.KEY, 403, 403),
            (Stage.PERSON, 403, 403),
            (Stage.COHORT, 403, 403),
            (Stage.EVERYTHING, 403, 403),
            (Stage.MODEL, 200, 403),
            (Stage.GENERATION, 200, 403),
            (Stage.SHARING, 200, 200),
        ],
    )
    def test_the_api(
        self,
        admin: User,
        ada: User,
        cohort: Cohort,
        made: NewKey,
        stage: Stage,
        list_status: int,
        make_status: int,
    ) -> None:
        api = Client(headers={"Authorization": f"Bearer {made.clear}"})
        make_containment(target(stage, made, ada, cohort), actor=admin)
        listed = api.get("/v1/videos")
        created = api.post("/v1/videos", {"prompt": "a boat"})
        assert (listed.status_code, created.status_code) == (list_status, make_status)
        if make_status == 403:
            error = created.json()["error"]
            assert (error["code"], error["type"]) == ("contained", "permission_error")
            assert error["message"].startswith("We look into a leak.")
            assert created["x-should-retry"] == "false"


def _shape(found: Any) -> dict[str, Any]:
    size = found.sizes[0]
    return {"width": size.width, "height": size.height, "frames": found.lengths[0]}
