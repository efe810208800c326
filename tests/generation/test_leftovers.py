from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.errors import RenderError
from generation.media import store
from generation.models import Attempt, Clip
from generation.services import attempts, leftovers
from generation.services import clips as clip_services
from generation.services.attempts import Lease
from generation.states import AttemptState
from portal.models import Cohort, User
from tests.factories.generation import make_clip
from tests.generation.test_attempts import claim, finish, render


def half_stored(lease: Lease) -> str:
    """A file its worker had stored when it died."""
    name = f"{store.folder_of(lease.media_key)}/original-1-abc.mp4"
    return default_storage.save(name, ContentFile(b"half"))


def let_time_pass() -> None:
    Attempt.objects.filter(media_due_at__isnull=False).update(
        media_due_at=timezone.now() - timedelta(minutes=1)
    )


@pytest.mark.parametrize("how", ["cancelled", "failed", "handed_back"])
def test_what_a_worker_left_that_died_after_its_attempt_ended_is_removed(
    ada: User, cohort: Cohort, how: str
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    lease = claim()
    name = half_stored(lease)
    match how:
        case "cancelled":
            clip_services.cancel(actor=ada, clip=clip)
        case "failed":
            attempts.fail(token=lease.token, error=RenderError())
        case "handed_back":
            attempts.hand_back(token=lease.token)

    # A worker that lives removes it by itself; it gets the time of a lease to do so.
    assert leftovers.remove_due() == 0
    assert default_storage.exists(name)
    let_time_pass()

    assert leftovers.remove_due() == 1
    assert not default_storage.exists(name)
    assert leftovers.remove_due() == 0


def test_a_running_and_a_finished_one_keep_their_files(ada: User, cohort: Cohort) -> None:
    make_clip(artist=ada, cohort=cohort)
    make_clip(artist=ada, cohort=cohort)
    done, running = claim("gpu@one"), claim("gpu@two")
    names = [half_stored(done), half_stored(running)]
    render(done)
    finish(done)
    # Even if somebody noted it by mistake.
    Attempt.objects.filter(state=AttemptState.FINISHED).update(media_due_at=timezone.now())
    let_time_pass()

    assert leftovers.remove_due() == 0
    assert all(default_storage.exists(name) for name in names)


def test_a_deleted_clips_files_go_also_when_the_deleting_process_dies(
    ada: User, cohort: Cohort
) -> None:
    make_clip(artist=ada, cohort=cohort)
    lease = claim()
    name = half_stored(lease)
    render(lease)
    finish(lease)
    # In a test nothing is committed, so what was to follow the commit never happens.
    clip_services.delete(actor=ada, clip=Clip.objects.get())
    assert default_storage.exists(name)

    assert leftovers.remove_due() == 1
    assert not default_storage.exists(name)
