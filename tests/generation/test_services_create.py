from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from generation import errors
from generation.budgets import budgets_of
from generation.models import Clip, GpuAccount
from generation.services import clips as clip_services
from generation.services import create
from generation.signals import clip_queued
from generation.states import ClipState
from portal.errors import (
    AgreementNotSigned,
    CohortNotOpen,
    GreenroomError,
    IllegalTransition,
    NotAllowed,
)
from portal.models import AgreementVersion, AuditEntry, Brief, Cohort, User
from portal.states import CohortState
from tests.factories.generation import make_clip, make_ready_clip

pytestmark = pytest.mark.usefixtures("tiny_catalogue")


def ask(artist: User, cohort: Cohort, **changes: Any) -> list[Clip]:
    wish: dict[str, Any] = {
        "prompt": "a red boat",
        "model_key": "starter",
        "size": "32x32",
        "frames": 9,
        "request_id": uuid.uuid4(),
        **changes,
    }
    return create.create_clips(actor=artist, cohort=cohort, **wish)


def test_each_take_is_a_clip_with_its_own_seed(ada: User, cohort: Cohort, brief: Brief) -> None:
    made = ask(ada, cohort, takes=3, seed=2**32 - 2, brief=brief, title=" Boats ")

    assert [clip.take for clip in made] == [1, 2, 3]
    assert [clip.seed for clip in made] == [2**32 - 2, 2**32 - 1, 0]
    first = Clip.objects.get(pk=made[0].pk)
    assert (first.state, first.prompt, first.title) == (ClipState.QUEUED, "a red boat", "Boats")
    assert (first.width, first.height, first.frames, first.fps) == (32, 32, 9, 8)
    assert (first.steps, first.guidance) == (4, Decimal("3.00"))
    assert first.brief == brief
    assert first.estimate == Decimal("2.000")
    assert AuditEntry.objects.filter(action="clip.queued").count() == 3


def test_drawn_seeds_differ(ada: User, cohort: Cohort) -> None:
    assert len({clip.seed for clip in ask(ada, cohort, takes=4)}) == 4


def test_pressing_twice_makes_the_clips_once(ada: User, cohort: Cohort) -> None:
    token = uuid.uuid4()

    first = ask(ada, cohort, takes=2, request_id=token)
    second = ask(ada, cohort, takes=2, request_id=token)

    assert [clip.pk for clip in second] == [clip.pk for clip in first]
    assert Clip.objects.count() == 2


def test_an_edited_wish_with_an_old_token_is_a_new_one(ada: User, cohort: Cohort) -> None:
    token = uuid.uuid4()

    ask(ada, cohort, request_id=token)
    ask(ada, cohort, request_id=token, prompt="a blue boat")

    assert sorted(Clip.objects.values_list("prompt", flat=True)) == ["a blue boat", "a red boat"]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_the_clips_once(ada: User, cohort: Cohort) -> None:
    token = uuid.uuid4()
    barrier = threading.Barrier(8)
    found: list[list[uuid.UUID]] = []

    def press() -> None:
        barrier.wait()
        try:
            found.append([clip.pk for clip in ask(ada, cohort, takes=2, request_id=token)])
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Clip.objects.count() == 2
    assert found == [found[0]] * 8


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"prompt": " \x00\n "}, errors.PromptEmpty, "prompt"),
        ({"prompt": "x" * 61}, errors.PromptTooLong, "prompt"),
        ({"model_key": "nothing"}, errors.ModelNotOffered, "model_key"),
        ({"size": "33x33"}, errors.SizeNotOffered, "size"),
        ({"frames": 17}, errors.LengthNotOffered, "frames"),
        ({"takes": 0}, errors.TakesOutOfRange, "takes"),
        ({"takes": 5}, errors.TakesOutOfRange, "takes"),
        ({"seed": -1}, errors.SeedOutOfRange, "seed"),
        ({"seed": 2**32}, errors.SeedOutOfRange, "seed"),
        ({"steps": 51}, errors.StepsNotOffered, "steps"),
        ({"guidance": Decimal("8.5")}, errors.GuidanceNotOffered, "guidance"),
        ({"title": "x" * 121}, errors.TitleTooLong, "title"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(
    ada: User, cohort: Cohort, changes: dict[str, Any], error: type[GreenroomError], field: str
) -> None:
    with pytest.raises(error) as caught:
        ask(ada, cohort, **changes)

    assert caught.value.field == field
    assert 400 <= caught.value.status < 500
    assert Clip.objects.count() == 0


def test_a_long_prompt_is_told_by_how_much(ada: User, cohort: Cohort) -> None:
    with pytest.raises(errors.PromptTooLong) as caught:
        ask(ada, cohort, prompt="x" * 63)

    assert str(caught.value.message) == (
        "This prompt is 3 letters too long: Tiny reads at most 60."
    )


def test_a_model_the_cohort_does_not_offer_is_refused(ada: User, cohort: Cohort) -> None:
    cohort.models_on_offer = ["another"]
    cohort.save()

    with pytest.raises(errors.ModelNotOffered):
        ask(ada, cohort)


def test_only_members_make_clips(cohort: Cohort) -> None:
    stranger = User.objects.create_user("s@example.org", name="Stranger")

    with pytest.raises(errors.NotAMember):
        ask(stranger, cohort)


def test_the_newest_agreement_must_be_signed(ada: User, cohort: Cohort) -> None:
    AgreementVersion.objects.create(
        agreement=cohort.agreement, number=2, body_en="New.", body_fr="Neuf.", sha256="b" * 64
    )

    with pytest.raises(AgreementNotSigned):
        ask(ada, cohort)


@pytest.mark.parametrize("closed_by", ["state", "start", "end"])
def test_a_cohort_that_is_not_open_takes_no_clips(
    ada: User, cohort: Cohort, closed_by: str
) -> None:
    today = timezone.localdate()
    if closed_by == "state":
        cohort.state = CohortState.PAUSED
    elif closed_by == "start":
        cohort.starts_on = today + timedelta(days=1)
    else:
        cohort.ends_on = today - timedelta(days=1)
    cohort.save()

    with pytest.raises(CohortNotOpen):
        ask(ada, cohort)


def test_a_closed_brief_is_refused(ada: User, cohort: Cohort, brief: Brief) -> None:
    brief.is_open = False
    brief.save()

    with pytest.raises(errors.BriefClosed):
        ask(ada, cohort, brief=brief)


def test_a_receiver_that_refuses_leaves_nothing(ada: User, cohort: Cohort) -> None:
    def refuse(clip: Clip, **kwargs: Any) -> None:
        if clip.take == 2:
            raise GreenroomError("No.")

    clip_queued.connect(refuse)
    try:
        with pytest.raises(GreenroomError, match="No"):
            ask(ada, cohort, takes=2)
    finally:
        clip_queued.disconnect(refuse)

    assert Clip.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_a_rerun_repeats_and_a_variation_draws(ada: User, cohort: Cohort) -> None:
    [clip] = ask(ada, cohort, seed=5)

    again = create.rerun(actor=ada, clip=clip, request_id=uuid.uuid4())
    other = create.vary(actor=ada, clip=clip, request_id=uuid.uuid4())

    assert (again.seed, again.source_id, again.prompt) == (5, clip.pk, clip.prompt)
    assert other.seed != 5
    assert other.source_id == clip.pk


def test_the_clips_of_others_cannot_be_rerun(ada: User, lucien: User, cohort: Cohort) -> None:
    [clip] = ask(ada, cohort)

    with pytest.raises(NotAllowed):
        create.rerun(actor=lucien, clip=clip, request_id=uuid.uuid4())


@pytest.mark.parametrize("state", [ClipState.FAILED, ClipState.CANCELLED])
def test_what_failed_can_run_again_at_the_end_of_the_queue(
    ada: User, cohort: Cohort, state: ClipState
) -> None:
    clip = make_clip(artist=ada, cohort=cohort, state=state)
    queued_at = clip.queued_at

    create.run_again(actor=ada, clip=clip)

    clip.refresh_from_db()
    assert (clip.state, clip.error_code, clip.finished_at) == (ClipState.QUEUED, "", None)
    assert clip.queued_at >= queued_at


def test_what_is_ready_or_waits_does_not_run_again(ada: User, cohort: Cohort) -> None:
    for clip in (make_ready_clip(artist=ada, cohort=cohort), make_clip(artist=ada, cohort=cohort)):
        with pytest.raises(IllegalTransition):
            create.run_again(actor=ada, clip=clip)


def test_cancelling_a_waiting_clip_frees_its_reservation(ada: User, cohort: Cohort) -> None:
    [clip] = ask(ada, cohort)

    clip_services.cancel(actor=ada, clip=clip)

    budget = budgets_of(ada, cohort).artist
    assert (budget.used, budget.reserved) == (Decimal(0), Decimal(0))
    assert GpuAccount.objects.get().charged_seconds == 0
