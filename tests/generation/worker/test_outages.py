"""The database goes away in the middle of a render: it costs a moment, neither a try nor a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction

from generation.media import store
from generation.models import Clip, GpuAccount
from generation.signals import clip_ready
from generation.states import AttemptState, ClipState
from portal import prepared
from portal.models import Cohort, User
from tests.generation.worker.test_render import Interrupted, render_with, tiny_clip

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tiny_model"),
]


# What reports write to a clip's row; the claim names the row by another name.
CHANGE = re.compile(r'UPDATE "generation_clip"|UPDATE generation_clip\n')


class Cut:
    """The connection breaks at the *nth* change of a clip's row."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.count(sql)
        return execute(sql, params, many, context)

    def count(self, sql: str) -> None:
        if CHANGE.search(sql):
            self._left -= 1
            if self._left == 0:
                raise OperationalError("server closed the connection unexpectedly")


def is_ready_once(clip: Clip) -> None:
    clip.refresh_from_db()
    attempt = clip.attempts.get()
    assert (clip.state, attempt.state) == (ClipState.READY, AttemptState.FINISHED)
    assert all(default_storage.exists(name) for name in store.names_of(clip))
    assert GpuAccount.objects.get().charged_seconds == attempt.charged_seconds == clip.gpu_seconds


# Rendering, after the last step encoding, ready.
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_no_report_that_is_lost_costs_a_try(
    ada: User, cohort: Cohort, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tiny_clip(ada, cohort)
    cut = Cut(nth)
    run = prepared._run

    def run_or_break(statement: str, values: Mapping[str, Any]) -> Any:
        # Prepared statements pass Django's wrappers by.
        cut.count(statement)
        return run(statement, values)

    monkeypatch.setattr(prepared, "_run", run_or_break)

    with connection.execute_wrapper(cut):
        render_with(Interrupted(lambda step: None))

    assert cut._left <= 0
    is_ready_once(clip)


def test_a_clip_whose_ready_was_committed_but_not_answered_keeps_its_files(
    ada: User, cohort: Cohort
) -> None:
    clip = tiny_clip(ada, cohort)
    lost: list[str] = []

    def lose() -> None:
        lost.append("answer")
        raise OperationalError("server closed the connection unexpectedly")

    def listen(**kwargs: Any) -> None:
        transaction.on_commit(lose)

    clip_ready.connect(listen)
    try:
        render_with(Interrupted(lambda step: None))
    finally:
        clip_ready.disconnect(listen)

    assert lost == ["answer"]
    is_ready_once(clip)


def test_what_breaks_after_the_commit_takes_no_files_along(ada: User, cohort: Cohort) -> None:
    clip = tiny_clip(ada, cohort)

    def fall_over() -> None:
        raise RuntimeError("a neighbour's mistake")

    def listen(**kwargs: Any) -> None:
        transaction.on_commit(fall_over)

    clip_ready.connect(listen)
    try:
        render_with(Interrupted(lambda step: None))
    finally:
        clip_ready.disconnect(listen)

    is_ready_once(clip)
