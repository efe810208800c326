"""Asking for changes, and the takes that answer."""

from __future__ import annotations

import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from generation.states import Lineage
from portal.models import AuditEntry, Cohort, Notification, User
from review import access, queries, rounds
from review.errors import AlreadyRefused, NothingToAnswer, ReasonUnknown
from review.facts import facts_of
from review.models import Review
from review.release import standing_approval
from review.services import submissions
from review.states import ReviewState
from tests.factories import review as make
from tests.factories.generation import make_ready_clip
from tests.factories.portal import browser_of


@pytest.fixture
def asked(review: Review, rosa: User) -> Review:
    """Ada's clip, for which Rosa asked for changes."""
    make.ask_for_changes(review, rosa)
    review.refresh_from_db()
    return review


def test_it_ends_the_review_without_a_release(asked: Review, ada: User, rosa: User) -> None:
    assert asked.state == ReviewState.CHANGES
    assert standing_approval(asked.clip) is None
    notice = Notification.objects.get(user=ada)
    assert (notice.kind, notice.title) == ("review_changes", "Changes asked for: Red boat")
    assert "Take the logo out." in notice.text
    assert list(queries.in_tab(access.visible_to(rosa), "decided", rosa)) == [asked]
    assert queries.stats_of(asked.cohort).changes == 1
    assert AuditEntry.objects.filter(action="review.changes").count() == 1
    fact = facts_of([asked.clip], ada)[asked.clip_id]
    assert (fact.state, str(fact.label), fact.tone) == ("changes", "Changes asked for", "warn")
    assert "Take the logo out." in fact.note
    with pytest.raises(AlreadyRefused):
        make.submit(asked.clip)


def test_a_reason_without_a_way_on_asks_for_nothing(review: Review, rosa: User) -> None:
    with pytest.raises(ReasonUnknown):
        make.ask_for_changes(review, rosa, reason="minors")


def test_the_next_take_answers(
    asked: Review, ada: User, remy: User, spring: Cohort, lucien: User
) -> None:
    remix = make_ready_clip(
        artist=ada, cohort=spring, source=asked.clip, lineage=Lineage.REMIX, title="No logo"
    )
    again = make_ready_clip(artist=ada, cohort=spring, source=remix, lineage=Lineage.AGAIN)
    assert rounds.meant_by(again) == asked
    assert rounds.meant_by(make_ready_clip(artist=ada, cohort=spring, files=False)) is None
    stranger = make_ready_clip(artist=lucien, cohort=spring, files=False)
    with pytest.raises(NothingToAnswer):
        make.submit(stranger, follows=asked)
    browser = browser_of(ada)
    standing = browser.get(reverse("review:standing", args=[asked.clip_id])).content.decode()
    address = f"{reverse('review:submit', args=[remix.pk])}?follows={asked.pk}"
    assert "Take the logo out." in standing
    assert address in standing
    assert f'<option value="{asked.pk}" selected>' in browser.get(address).content.decode()
    sent = browser.post(address, {"note": "Without it.", "follows": asked.pk})
    assert sent.status_code == 302
    second = Review.objects.get(clip=remix)
    assert (second.follows, second.round) == (asked, 2)
    standing = browser.get(reverse("review:standing", args=[asked.clip_id])).content.decode()
    assert "You answered with this clip:" in standing
    _reads_it_at_the_desk(browser_of(remy), second, asked)
    assert rounds.meant_by(again) is None
    submissions.withdraw(actor=ada, review=second)
    assert rounds.meant_by(again) == asked
    by_policy = submissions.submit_finished(clip=again)
    assert (by_policy.follows, by_policy.round) == (asked, 2)


def _reads_it_at_the_desk(browser: Client, second: Review, asked: Review) -> None:
    page = browser.get(reverse("review:desk", args=[second.pk])).content.decode()
    for said in ("Round 2: asked before", "Take the logo out.", "Rosa Lindqvist"):
        assert said in page
    assert reverse("review:desk", args=[asked.pk]) in page
    assert "Round 2" in browser.get(reverse("review:queue")).content.decode()


def test_the_database_refuses_other_answers(
    asked: Review, ada: User, rosa: User, spring: Cohort
) -> None:
    declined = make.make_review(ada, spring, files=False)
    make.decline(declined, rosa)
    clip = make_ready_clip(artist=ada, cohort=spring, files=False)

    def insert(**fields: object) -> None:
        with transaction.atomic():
            Review.objects.create(
                clip=clip,
                artist=ada,
                cohort=spring,
                submitted_at=asked.submitted_at,
                due_at=asked.due_at,
                **fields,
            )

    for fields in ({"follows": declined, "round": 2}, {"follows": asked, "round": 3}):
        with pytest.raises(IntegrityError, match="follows one that asked this artist"):
            insert(**fields)
    with pytest.raises(IntegrityError, match="the first round follows nothing"):
        insert(round=2)
    asked_too = make.make_review(ada, spring)
    with (
        pgtrigger.ignore("review.Review:review_transitions"),
        pytest.raises(IntegrityError, match="no decision says changes"),
        transaction.atomic(),
    ):
        Review.objects.filter(pk=asked_too.pk).update(state="changes", closed_at=asked.closed_at)


def test_the_desk_asks_by_keyboard(review: Review, rosa: User, remy: User) -> None:
    browser = browser_of(rosa)
    page = browser.get(reverse("review:desk", args=[review.pk])).content.decode()
    assert 'data-shortcut="c"' in page
    posted = {
        "verdict": "changes",
        "sha256": review.clip.sha256,
        "settings_sha256": review.clip.settings_sha256,
        "reason": "rights",
        "note": "",
    }
    refused = browser.post(reverse("review:decide", args=[review.pk]), posted)
    assert refused.status_code == 422
    assert refused.content.decode().count("data-dialog-now") == 1
    done = browser.post(
        reverse("review:decide", args=[review.pk]), {**posted, "note": "Out with it."}, follow=True
    )
    assert "Changes asked for: Red boat. Ada Okafor has been told which." in done.content.decode()
