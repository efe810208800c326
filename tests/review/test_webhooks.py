"""Each decision tells webhooks once: approved, or rejected; withdrawn is rejected too."""

from __future__ import annotations

import pytest
from django.db import transaction

from generation.names import video_id
from portal.models import User, WebhookDelivery
from portal.states import WebhookEvent
from review.models import Review
from review.services import submissions
from tests.factories import review as make
from tests.factories.portal import make_webhook


@pytest.fixture(autouse=True)
def _webhook(review: Review, alba: User) -> None:
    make_webhook(alba, review.cohort, for_programme=True)


def owed(review: Review) -> list[str]:
    rows = WebhookDelivery.objects.filter(subject=video_id(review.clip_id)).order_by("pk")
    return list(rows.values_list("type", flat=True))


def test_an_approval_and_its_end(review: Review, rosa: User, alba: User) -> None:
    make.approve(review, rosa)
    make.approve(review, rosa)
    assert owed(review) == [WebhookEvent.APPROVED]
    make.revoke(review, alba)
    assert owed(review) == [WebhookEvent.APPROVED, WebhookEvent.REJECTED]


def test_a_refusal(review: Review, rosa: User) -> None:
    make.decline(review, rosa)
    assert owed(review) == [WebhookEvent.REJECTED]


def test_what_is_taken_back_or_rolled_back_is_not_told(
    review: Review, rosa: User, ada: User
) -> None:
    with transaction.atomic():
        make.approve(review, rosa)
        transaction.set_rollback(True)
    submissions.withdraw(actor=ada, review=review)
    assert owed(review) == []
