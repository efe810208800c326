"""Appeals: looked at again by somebody else, once, with words and in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from generation.services import clips
from generation.states import Variant
from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, Notification, User
from portal.states import Role
from review import appeal_access, appeal_queries
from review.appeal_errors import (
    AlreadyAppealed,
    AnswerMissing,
    AppealClosed,
    AppealTextMissing,
    AppealWithdrawn,
    ClipUnderAppeal,
    HadAPart,
    NotALead,
    NothingToAppeal,
)
from review.conflict_errors import InConflict
from review.errors import ClipChanged
from review.facts import facts_of
from review.models import Appeal, Decision, Review
from review.release import Grant, Refusal, may_see, standing_approval
from review.services import appeals, conflicts
from review.services.appeal_news import escalate_late
from review.states import AppealState, Verdict
from review.takeout_parts import appeal_facts
from tests.factories import review as make
from tests.factories.portal import browser_of


@pytest.fixture
def lena(spring: Cohort) -> User:
    return make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)


def refuse(statement: str, *values: int | str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_appeal_is_overturned_by_somebody_else(
    review: Review, ada: User, lucien: User, rosa: User, lena: User, alba: User, spring: Cohort
) -> None:
    with pytest.raises(NothingToAppeal):
        make.appeal(review)
    declined = make.decline(review, rosa, reason="rights")
    with pytest.raises(AppealTextMissing):
        make.appeal(review, text=" \n")
    with pytest.raises(NotAllowed):
        appeals.appeal(actor=lucien, review=review, text="For a friend.")

    appeal = make.appeal(review)

    assert make.appeal(review) == appeal
    with pytest.raises(AlreadyAppealed):
        make.appeal(review, text="And another thing.")
    promised = appeal.due_at - appeal.submitted_at
    assert timedelta(hours=72) < promised <= timedelta(hours=72, minutes=1)
    told = Notification.objects.filter(kind="appeal_submitted")
    assert {notice.user for notice in told} == {lena, alba}
    assert {notice.url for notice in told} == {f"/review/appeals/{appeal.pk}/"}
    (fact,) = facts_of([review.clip], ada).values()
    assert (fact.appeal, fact.due) == ("open", appeal.due_at)
    with pytest.raises(ClipUnderAppeal):
        clips.delete(actor=ada, clip=review.clip)
    with pytest.raises(NotALead):
        make.answer(appeal, rosa)
    with pytest.raises(AnswerMissing):
        make.answer(appeal, lena, answer="")
    with pytest.raises(ClipChanged):
        make.answer(appeal, lena, seen_sha256="0" * 64)
    assert Decision.objects.count() == 1

    decided = make.answer(appeal, lena)

    assert make.answer(appeal, lena) == decided
    with pytest.raises(AppealClosed, match="Lena Brandt has already decided this appeal"):
        make.answer(appeal, alba, outcome=AppealState.UPHELD)
    assert (decided.state, decided.decided_by) == (AppealState.OVERTURNED, lena)
    review.refresh_from_db()
    overturning = decided.overturning
    assert overturning is not None
    assert (review.state, overturning.verdict, overturning.sha256) == (
        "approved",
        Verdict.OVERTURN,
        declined.sha256,
    )
    review.clip.refresh_from_db()
    assert standing_approval(review.clip) == overturning
    assert isinstance(may_see(ada, review.clip, Variant.MASTER), Grant)
    notice = Notification.objects.get(user=ada, kind="appeal_overturned")
    assert notice.title == "Your appeal was granted: Red boat is approved"
    assert "It quotes a painting in the public domain." in notice.text
    entry = AuditEntry.objects.get(action="appeal.overturned")
    assert (entry.actor, entry.after["reason"]) == (lena, "rights")
    facts = appeal_facts(declined)
    assert facts is not None
    assert facts["answer"] == "It quotes a painting in the public domain."

    # Released on appeal, it can be withdrawn like any approval, and that be appealed in turn.
    make.revoke(review, alba)
    assert isinstance(may_see(ada, review.clip, Variant.MASTER), Refusal)
    again = make.appeal(review, text="The logo is mine.")
    for involved in (alba, lena):
        with pytest.raises(HadAPart):
            make.answer(again, involved)
    assert {notice.title for notice in Notification.objects.filter(user=lena)} >= {
        "Nobody can decide an appeal: Red boat"
    }


def test_an_appeal_is_upheld_withdrawn_or_late(
    review: Review, ada: User, rosa: User, lena: User, alba: User, spring: Cohort
) -> None:
    make.decline(review, rosa)
    appeal = make.appeal(review)
    sister = conflicts.declare(actor=lena, person=lena, artist=ada, reason="We are sisters.")
    with pytest.raises(InConflict):
        make.answer(appeal, lena)
    assert list(appeal_access.visible_to(lena)) == []
    assert list(appeal_access.deciders_of(appeal)) == [alba]
    conflicts.end(actor=lena, conflict=sister)
    assert appeal_queries.count_for(lena) == 1

    make.answer(appeal, lena, outcome=AppealState.UPHELD, answer="It does stop half way.")
    review.refresh_from_db()
    assert (review.state, review.decisions.count()) == ("declined", 1)
    assert Notification.objects.filter(user=ada, kind="appeal_upheld").count() == 1
    with pytest.raises(AppealClosed):
        appeals.withdraw(actor=ada, appeal=appeal)
    with pytest.raises(AlreadyAppealed):
        make.appeal(review)

    other = make.make_review(ada, spring)
    make.approve(other, rosa)
    make.revoke(other, alba)
    second = make.appeal(other)
    with pytest.raises(HadAPart):
        make.answer(second, alba)
    make.make_late(second)
    assert (escalate_late(), escalate_late()) == (1, 0)
    late = Notification.objects.filter(kind="appeal_overdue")
    # Who had a part cannot open it, and is told where appeals are.
    assert {(notice.user, notice.url) for notice in late} == {
        (lena, f"/review/appeals/{second.pk}/"),
        (alba, "/review/appeals/"),
    }
    appeals.withdraw(actor=ada, appeal=second)
    assert appeals.withdraw(actor=ada, appeal=second).state == AppealState.WITHDRAWN
    with pytest.raises(AppealWithdrawn):
        make.answer(second, lena)

    third = make.make_review(ada, spring)
    make.decline(third, rosa)
    clips.delete(actor=ada, clip=third.clip)
    with pytest.raises(NothingToAppeal):
        make.appeal(third)


def test_the_database_refuses_too(
    review: Review, ada: User, rosa: User, lena: User, spring: Cohort
) -> None:
    declined = make.decline(review, rosa)
    columns = (
        "INSERT INTO review_appeal (decision_id, review_id, artist_id, cohort_id, state, text,"
        " submitted_at, due_at, answer) VALUES (%s, %s, %s, %s, %s, %s, now(), now() + "
        "interval '1 hour', '')"
    )
    whole = (declined.pk, review.pk, ada.pk, spring.pk)
    refuse(columns, *whole, "upheld", "Why?")
    refuse(columns, *whole, "open", " ")
    refuse(columns, declined.pk, review.pk, rosa.pk, spring.pk, "open", "Why?")
    waiting = make.make_review(ada, spring, files=False)
    refuse(columns, declined.pk, waiting.pk, ada.pk, spring.pk, "open", "Why?")
    overturn = (
        "INSERT INTO review_decision (review_id, artist_id, reviewer_id, verdict, reason, note,"
        " sha256, settings_sha256, prompt, model_key, settings, decided_at)"
        " SELECT review_id, artist_id, %s, 'overturn', '', 'Yes.', sha256, settings_sha256,"
        " prompt, model_key, settings, now() FROM review_decision WHERE id = %s"
    )
    refuse(overturn, lena.pk, declined.pk)
    appeal = make.appeal(review)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(
            decision=declined,
            review=review,
            artist=ada,
            cohort=spring,
            text="Twice.",
            submitted_at=appeal.submitted_at,
            due_at=appeal.due_at,
        )
    for person in (rosa, ada):
        refuse(overturn, person.pk, declined.pk)
        refuse(
            "UPDATE review_appeal SET state = 'upheld', closed_at = now(), decided_by_id = %s,"
            " answer = 'No.' WHERE id = %s",
            *(person.pk, appeal.pk),
        )
    refuse(
        "UPDATE review_appeal SET state = 'overturned', closed_at = now(), decided_by_id = %s,"
        " answer = 'Yes.', overturning_id = %s WHERE id = %s",
        *(lena.pk, declined.pk, appeal.pk),
    )
    refuse("UPDATE review_appeal SET text = 'Other words.'")
    make.answer(appeal, lena, outcome=AppealState.UPHELD)
    refuse("UPDATE review_appeal SET answer = 'Something else.'")
    refuse("UPDATE review_appeal SET state = 'open', closed_at = NULL")
    refuse("DELETE FROM review_appeal")


def test_the_pages(review: Review, ada: User, rosa: User, lena: User, remy: User) -> None:
    make.decline(review, rosa)
    mine, leads = browser_of(ada), browser_of(lena)
    clip = f"/studio/clips/{review.clip_id}"
    assert f"{clip}/appeal/" in mine.get(f"{clip}/review/").content.decode()
    assert mine.post(f"{clip}/appeal/", {"text": " "}).status_code == 422
    sent = mine.post(f"{clip}/appeal/", {"text": "It is a quotation."}, follow=True)
    assert "Answered by" in sent.content.decode()
    appeal = Appeal.objects.get()

    listed = leads.get("/review/appeals/").content.decode()
    assert f"/review/appeals/{appeal.pk}/" in listed
    assert "Appeals" in leads.get("/review/?tab=decided").content.decode()
    assert browser_of(remy).get("/review/appeals/").status_code == 404
    page = f"/review/appeals/{appeal.pk}/"
    shown = leads.get(page).content.decode()
    assert "It is a quotation." in shown
    assert "It stops half way." in shown
    hashes = {
        "sha256": review.clip.sha256,
        "settings_sha256": review.clip.settings_sha256,
    }
    said = {"outcome": "overturned", "answer": "You are right.", **hashes}
    stale = leads.post(f"{page}answer/", {**said, "sha256": "0" * 64})
    assert stale.status_code == 409
    assert "You are right." in stale.content.decode()
    done = leads.post(f"{page}answer/", said, follow=True)
    assert "Overturned: the clip is approved." in done.content.decode()
    end = mine.get(f"{clip}/review/").content.decode()
    assert "You are right." in end
    assert "Approved on appeal" in end
    assert mine.post(f"{clip}/appeal/withdraw/").status_code in {302, 404}
