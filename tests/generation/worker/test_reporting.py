"""What the pages learn of a render while it goes on."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from generation import progress
from generation.progress import progress_of
from generation.states import ClipState
from portal.models import Cohort, User
from tests.generation.worker.test_render import Interrupted, render_with, tiny_clip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tiny_catalogue")]


def test_steps_are_told_and_only_states_are_written(
    ada: User, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "REPORT_SECONDS", 0)
    clip = tiny_clip(ada, cohort)
    seen = []

    def act(step: int) -> None:
        clip.refresh_from_db()
        found = progress_of([clip])[clip.pk]
        seen.append((clip.state, clip.step, found.step))

    render_with(Interrupted(act))

    assert seen == [("rendering", 0, step) for step in range(4)]
    clip.refresh_from_db()
    assert (clip.state, clip.step) == (ClipState.READY, 4)


def test_without_redis_the_render_goes_on(ada: User, cohort: Cohort, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    clip = tiny_clip(ada, cohort)
    seen = []

    def act(step: int) -> None:
        clip.refresh_from_db()
        seen.append((clip.state, progress_of([clip])))

    render_with(Interrupted(act))

    assert seen == [("rendering", {})] * 4
    clip.refresh_from_db()
    assert clip.state == ClipState.READY
