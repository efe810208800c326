"""The clips of a frozen key stop, say why, and can be run again; nobody else's do."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from generation.models import Attempt, Clip
from generation.services import clips
from generation.services.create import create_clips, run_again
from generation.services.leases import claim_next, heartbeat
from generation.states import AttemptState, ClipState, Heartbeat
from portal.errors import KeyFrozen, KeyRevoked
from portal.models import AccessKey, Cohort, User
from portal.services import access_keys
from tests.factories.generation import make_clip
from tests.factories.portal import make_key, make_leak


@pytest.fixture
def key(artist: User, cohort: Cohort) -> AccessKey:
    return make_key(artist, cohort).row


def test_waiting_and_running_clips_stop_with_the_key(
    key: AccessKey, artist: User, other_artist: User, cohort: Cohort
) -> None:
    running = make_clip(artist=artist, cohort=cohort, access_key=key)
    lease = claim_next(worker="w", models=[running.model_key])
    assert lease is not None
    waiting = make_clip(artist=artist, cohort=cohort, access_key=key)
    others = [
        make_clip(artist=artist, cohort=cohort),
        make_clip(artist=other_artist, cohort=cohort),
    ]
    make_leak(key)
    for clip in (running, waiting):
        clip.refresh_from_db()
        assert (clip.state, clip.error_code) == (ClipState.CANCELLED, "key_frozen")
        assert str(clip.error_text).startswith("Stopped because the access key")
        assert clip.may_run_again
    # What the worker asks after each step.
    assert heartbeat(token=lease.token) == Heartbeat.CANCEL
    assert Attempt.objects.get(clip=running).state == AttemptState.CANCELLED
    assert {Clip.objects.get(pk=clip.pk).state for clip in others} == {ClipState.QUEUED}
    again = run_again(actor=artist, clip=waiting)
    assert (again.state, again.error_code) == (ClipState.QUEUED, "")


def test_a_second_stop_finds_nothing(key: AccessKey, artist: User, cohort: Cohort) -> None:
    make_clip(artist=artist, cohort=cohort, access_key=key)
    assert clips.stop_of_key(key=key, actor=None) == 1
    assert clips.stop_of_key(key=key, actor=None) == 0


def test_no_clip_slips_in_behind_a_freeze(
    key: AccessKey, artist: User, admin: User, cohort: Cohort
) -> None:
    made = make_clip(artist=artist, cohort=cohort, access_key=key)
    access_keys.freeze_key(actor=admin, key=key, reason="It lay about")
    ask: dict[str, Any] = {
        "actor": artist,
        "cohort": cohort,
        "prompt": "a boat",
        "model_key": made.model_key,
        "size": f"{made.width}x{made.height}",
        "frames": made.frames,
        "request_id": uuid.uuid4(),
        "access_key": key,
    }
    with pytest.raises(KeyFrozen):
        create_clips(**ask)
    access_keys.revoke_key(actor=artist, key=key)
    with pytest.raises(KeyRevoked):
        create_clips(**ask)
    assert Clip.objects.count() == 1
