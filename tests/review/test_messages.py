"""The conversation about a clip: who reads, who is told, and how often."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from generation.services import clips
from portal.errors import NotAllowed
from portal.models import Cohort, Notification, OutgoingMail, User
from portal.states import Role
from review import conversations
from review.conflict_errors import InConflict
from review.message_errors import ConversationClosed, MessageMissing
from review.models import Message, Review
from review.services import claims, conflicts, messages, submissions
from tests.factories import review as make
from tests.factories.generation import make_ready_clip
from tests.factories.portal import browser_of


def told(person: User) -> list[str]:
    notices = Notification.objects.filter(user=person, kind="message_sent").order_by("pk")
    return [notice.title for notice in notices]


def test_each_batch_is_told_once(review: Review, ada: User, rosa: User, remy: User) -> None:
    clip = review.clip
    first = messages.send(actor=ada, clip=clip, text="The voice is my sister’s.")
    assert messages.send(actor=ada, clip=clip, text="The voice is my sister’s.") == first
    messages.send(actor=ada, clip=clip, text="She agreed.")
    # Nobody has to do with it yet: all see it in the portal, and nobody gets a mail.
    assert told(rosa) == told(remy) == ["Ada Okafor writes about Red boat"]
    assert not OutgoingMail.objects.exists()
    assert conversations.unread_counts(rosa, [clip.pk]) == {clip.pk: 2}

    claims.claim(actor=rosa, review=review)
    messages.mark_read(actor=rosa, clip=clip)
    assert conversations.unread_counts(rosa, [clip.pk]) == {}
    answer = messages.send(actor=rosa, clip=clip, text="In writing?")
    messages.send(actor=rosa, clip=clip, text="A photograph is enough.")
    assert (answer.role, told(ada)) == ("reviewer", ["The team writes about Red boat"])
    messages.mark_read(actor=ada, clip=clip)
    messages.send(actor=ada, clip=clip, text="Here it is.")
    assert (len(told(rosa)), len(told(remy))) == (2, 1)
    assert OutgoingMail.objects.count() == 2
    messages.mark_read(actor=ada, clip=clip)
    messages.send(actor=rosa, clip=clip, text="Thank you.")
    assert len(told(ada)) == 2


def test_who_may_write_and_until_when(
    review: Review, ada: User, lucien: User, rosa: User, remy: User, spring: Cohort
) -> None:
    with pytest.raises(MessageMissing):
        messages.send(actor=ada, clip=review.clip, text=" \n")
    for stranger in (lucien, make.make_reviewer("Nour Haddad", make.make_cohort())):
        with pytest.raises(NotAllowed):
            messages.send(actor=stranger, clip=review.clip, text="May I?")
    conflicts.declare(actor=remy, person=remy, artist=ada, reason="We are friends.")
    with pytest.raises(InConflict):
        messages.send(actor=remy, clip=review.clip, text="Nice boat.")
    draft = make_ready_clip(artist=ada, cohort=spring, files=False)
    with pytest.raises(ConversationClosed):
        messages.send(actor=ada, clip=draft, text="Look at this one.")

    make.decline(review, rosa)
    messages.send(actor=ada, clip=review.clip, text="Why?")
    assert told(rosa) == ["Ada Okafor writes about Red boat"]
    clips.delete(actor=ada, clip=review.clip)
    with pytest.raises(ConversationClosed):
        messages.send(actor=rosa, clip=review.clip, text="It stopped half way.")

    now = timezone.now()
    back = make.make_review(ada, spring, files=False)
    submissions.withdraw(actor=ada, review=back)
    open_one = make.make_review(ada, spring, files=False).clip
    whole = {"clip": open_one, "artist": ada, "text": "Hello", "sent_at": now}
    for wrong in (
        {"author": ada, "role": Role.REVIEWER},
        {"author": rosa, "role": ""},
        {"author": remy, "role": Role.REVIEWER},
        {"author": ada, "text": " "},
        {"author": ada, "clip": review.clip},
        {"author": ada, "clip": draft},
        {"author": ada, "clip": back.clip},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Message.objects.create(**{**whole, **wrong})
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.update(text="Something else.")


def test_the_pages(review: Review, ada: User, lucien: User, rosa: User, remy: User) -> None:
    mine, theirs = browser_of(ada), browser_of(rosa)
    artist, desk = f"/studio/clips/{review.clip_id}", f"/review/{review.pk}"
    assert mine.post(f"{artist}/messages/", {"text": ""}).status_code == 422
    assert mine.post(f"{artist}/messages/", {"text": "She <i>agreed</i>."}).status_code == 302
    assert browser_of(lucien).get(f"{artist}/messages/").status_code == 404
    assert "1 new message" in theirs.get("/review/?tab=waiting").content.decode()
    shown = theirs.get(f"{desk}/").content.decode()
    assert "She &lt;i&gt;agreed&lt;/i&gt;." in shown
    assert "1 new" in shown
    assert "1 new" not in theirs.get(f"{desk}/").content.decode()
    piece = theirs.post(
        f"{desk}/messages/", {"text": "In writing?"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "In writing?" in piece
    assert "<html" not in piece
    read = mine.get(f"{artist}/review/").content.decode()
    assert "In writing?" in read
    assert "Reviewer" in read
    assert "Rosa" not in read
    assert "Rosa Lindqvist" in browser_of(remy).get(f"{desk}/messages/").content.decode()
