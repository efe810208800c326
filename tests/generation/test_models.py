"""What the database itself refuses."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import Error, IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from generation.models import Attempt, Clip
from generation.states import CLIP_TRANSITIONS, ClipState
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip


def sql(statement: str, *values: str | int | UUID) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def change_raw(clip: Clip, change: str) -> None:
    sql(f"update generation_clip set {change} where id = %s", clip.pk)  # noqa: S608 our own words


def lease(clip: Clip, number: int = 1) -> Attempt:
    return Attempt.objects.create(
        clip=clip, number=number, worker="gpu@one", lease_until=timezone.now()
    )


@pytest.mark.parametrize("old", [state for state in ClipState if state != ClipState.READY])
def test_raw_sql_cannot_skip_a_state(ada: User, cohort: Cohort, old: ClipState) -> None:
    for new in set(ClipState) - CLIP_TRANSITIONS[old] - {old}:
        clip = make_clip(artist=ada, cohort=cohort, state=old)
        with pytest.raises(Error):
            sql("update generation_clip set state = %s where id = %s", new.value, clip.pk)


def test_a_ready_clip_stays_ready(ada: User, cohort: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=cohort, files=False)

    with pytest.raises(ProgrammingError, match="Invalid transition"):
        sql("update generation_clip set state = 'queued' where id = %s", clip.pk)


@pytest.mark.parametrize(
    ("column", "value"),
    [("prompt", "'else'"), ("seed", "9"), ("steps", "3"), ("model_key", "'x'"), ("width", "64")],
)
def test_what_was_asked_for_never_changes(
    ada: User, cohort: Cohort, column: str, value: str
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    with pytest.raises(ProgrammingError, match=r"clip_(request|words)_fixed"):
        change_raw(clip, f"{column} = {value}")


@pytest.mark.parametrize(
    "change",
    [f"sha256 = '{'c' * 64}'", "settings_sha256 = 'x'", "manifest = '{}'"],
)
def test_what_a_decision_covers_never_changes(ada: User, cohort: Cohort, change: str) -> None:
    clip = make_ready_clip(artist=ada, cohort=cohort, files=False)

    with pytest.raises(ProgrammingError, match="clip_result_fixed"):
        change_raw(clip, change)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("clip_ready_means_hashed", f"sha256 = '{'a' * 64}'"),
        ("clip_files_when_ready_and_kept", "preview = 'clips/x.mp4'"),
        ("clip_failed_says_why", "error_code = 'x'"),
        ("clip_deleted_is_at_rest", "deleted_at = now()"),
    ],
)
def test_a_waiting_clip_has_no_result(
    ada: User, cohort: Cohort, constraint: str, change: str
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    with pytest.raises(IntegrityError, match=constraint):
        change_raw(clip, change)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("clip_seed_in_range", {"seed": 2**32}),
        ("clip_take_in_range", {"take": 5}),
        ("clip_has_a_prompt", {"prompt": ""}),
        ("clip_has_a_shape", {"frames": 0}),
        ("clip_state_known", {"state": "dreaming"}),
    ],
)
def test_impossible_clips_are_refused(
    ada: User, cohort: Cohort, constraint: str, fields: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_clip(artist=ada, cohort=cohort, **fields)  # type: ignore[arg-type]


def test_a_take_is_made_once_per_request(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    with (
        pytest.raises(IntegrityError, match="clip_once_per_request_and_take"),
        transaction.atomic(),
    ):
        make_clip(artist=ada, cohort=cohort, request_id=clip.request_id)


def test_two_attempts_cannot_run_at_once(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease(clip)

    with pytest.raises(IntegrityError, match="attempt_one_running_per_clip"), transaction.atomic():
        lease(clip, number=2)


def test_an_ended_attempt_stays_ended(ada: User, cohort: Cohort) -> None:
    attempt = lease(make_clip(artist=ada, cohort=cohort))
    sql(
        "update generation_attempt set state = 'lost', ended_at = now(), gpu_seconds = 1 "
        "where id = %s",
        attempt.pk,
    )

    with pytest.raises(ProgrammingError, match="Invalid transition"):
        sql(
            "update generation_attempt set state = 'running', ended_at = null, gpu_seconds = null "
            "where id = %s",
            attempt.pk,
        )


def test_an_attempt_ends_with_its_seconds(ada: User, cohort: Cohort) -> None:
    attempt = lease(make_clip(artist=ada, cohort=cohort))

    with pytest.raises(IntegrityError, match="attempt_ended_with_its_seconds"):
        sql("update generation_attempt set state = 'lost' where id = %s", attempt.pk)


def test_a_token_cannot_be_swapped(ada: User, cohort: Cohort) -> None:
    attempt = lease(make_clip(artist=ada, cohort=cohort))

    with pytest.raises(ProgrammingError, match="attempt_identity_fixed"):
        sql(
            "update generation_attempt set lease_token = gen_random_uuid() where id = %s",
            attempt.pk,
        )


def test_an_account_cannot_go_below_zero(ada: User, cohort: Cohort) -> None:
    clip = make_clip(artist=ada, cohort=cohort)

    with pytest.raises(IntegrityError, match="gpu_account_not_negative"):
        sql("update generation_gpuaccount set charged_seconds = -1 where id = %s", clip.account_id)
