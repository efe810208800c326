"""Each clip that comes to rest tells webhooks once, and only if it did."""

from __future__ import annotations

import pytest
from django.db import transaction

from generation.errors import LeaseLost, WeightsChanged
from generation.models import Clip
from generation.names import video_id
from generation.services import attempts, create, quarantine
from generation.services import clips as clip_services
from portal.errors import IllegalTransition
from portal.models import Cohort, User, WebhookDelivery
from portal.tasks import send_webhooks
from tests.factories.generation import make_clip
from tests.factories.portal import make_webhook
from tests.generation.test_attempts import claim, expire, finish, render
from tests.listening import Listener

pytestmark = pytest.mark.usefixtures("tiny_catalogue")


@pytest.fixture(autouse=True)
def _webhook(ada: User, cohort: Cohort, listener: Listener) -> None:
    make_webhook(ada, cohort, url=listener.url)


@pytest.fixture
def clip(ada: User, cohort: Cohort) -> Clip:
    return make_clip(artist=ada, cohort=cohort)


def owed(clip: Clip) -> list[str]:
    rows = WebhookDelivery.objects.filter(subject=video_id(clip.pk)).order_by("pk")
    return list(rows.values_list("type", flat=True))


def test_a_finished_clip_is_told_once(clip: Clip, listener: Listener) -> None:
    lease = claim()
    render(lease)
    assert owed(clip) == []
    finish(lease)
    # The worker did not hear the answer and says it again.
    finish(lease)
    assert owed(clip) == ["video.completed"]
    assert send_webhooks() == 1
    assert f'"data":{{"id":"{video_id(clip.pk)}"}}'.encode() in listener.heard[0].body


def test_a_try_that_fails_is_not_told_and_the_end_is(clip: Clip) -> None:
    lease = claim()
    attempts.hand_back(token=lease.token)
    lease = claim()
    expire(lease)
    attempts.reap_lost()
    with pytest.raises(LeaseLost):
        attempts.fail(token=lease.token, error=WeightsChanged())
    assert owed(clip) == []
    attempts.fail(token=claim().token, error=WeightsChanged())
    assert owed(clip) == ["video.failed"]


def test_a_cancelled_one_failed(ada: User, clip: Clip) -> None:
    clip_services.cancel(actor=ada, clip=clip)
    with pytest.raises(IllegalTransition):
        clip_services.cancel(actor=ada, clip=clip)
    assert owed(clip) == ["video.failed"]
    again = create.run_again(actor=ada, clip=clip)
    lease = claim()
    render(lease)
    finish(lease)
    assert owed(again) == ["video.failed", "video.completed"]


def test_a_live_one_that_is_deleted_failed(ada: User, clip: Clip) -> None:
    clip_services.delete(actor=ada, clip=clip)
    assert owed(clip) == ["video.failed"]


def test_one_that_staff_give_up(admin: User, clip: Clip) -> None:
    for worker in ("gpu@one", "gpu@two"):
        expire(claim(worker))
        attempts.reap_lost()
    assert owed(clip) == []
    quarantine.give_up(actor=admin, clip=clip, note="It kills workers.")
    assert owed(clip) == ["video.failed"]


def test_what_is_rolled_back_is_not_told(ada: User, clip: Clip) -> None:
    with transaction.atomic():
        clip_services.cancel(actor=ada, clip=clip)
        assert owed(clip) == ["video.failed"]
        transaction.set_rollback(True)
    assert owed(clip) == []


def test_other_peoples_clips_are_not_told(lucien: User, cohort: Cohort) -> None:
    theirs = make_clip(artist=lucien, cohort=cohort)
    clip_services.cancel(actor=lucien, clip=theirs)
    assert not WebhookDelivery.objects.exists()
