"""Conflicts of interest: nobody judges whom they are too close to."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from generation.states import Variant
from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, User
from portal.states import Role
from review import access, queries
from review.conflict_errors import ConflictReasonMissing, InConflict, NoConflictPossible
from review.models import Claim, Conflict, Review
from review.release import Grant, Refusal, may_see
from review.services import claims, conflicts
from tests.factories import review as make
from tests.factories.portal import browser_of


def declare(person: User, artist: User, *, actor: User | None = None) -> Conflict:
    return conflicts.declare(
        actor=actor or person, person=person, artist=artist, reason="We share a studio."
    )


def test_a_conflict_takes_the_artists_clips_out_of_everything(
    review: Review, ada: User, lucien: User, spring: Cohort, rosa: User, remy: User
) -> None:
    other = make.make_review(lucien, spring, files=False)
    claims.claim(actor=rosa, review=review)

    conflict = declare(rosa, ada)

    assert declare(rosa, ada) == conflict
    assert not Claim.objects.unreleased().exists()
    assert list(access.visible_to(rosa)) == list(access.decidable_by(rosa)) == [other]
    assert queries.waiting_count(rosa) == 1
    assert queries.tab_counts(access.visible_to(rosa), rosa)["waiting"] == 1
    assert [label for _, label in queries.choices_for(rosa, queries.Filters()).artists] == [
        "Lucien Moreau"
    ]
    for after in (None, other):
        taken = claims.claim_next(actor=rosa, after=after)
        assert taken is None or taken.review == other
    with pytest.raises(InConflict):
        claims.claim(actor=rosa, review=review)
    with pytest.raises(InConflict):
        make.approve(review, rosa)
    assert isinstance(may_see(rosa, review.clip, Variant.ORIGINAL), Refusal)
    assert isinstance(may_see(remy, review.clip, Variant.ORIGINAL), Grant)
    desk = browser_of(rosa).get(f"/review/{review.pk}/")
    assert desk.status_code == 404
    entry = AuditEntry.objects.get(action="review.conflict_declared")
    assert (entry.actor, entry.reason) == (rosa, "We share a studio.")

    conflicts.end(actor=rosa, conflict=conflict)
    assert make.approve(review, rosa).reviewer == rosa


def test_the_database_refuses_too(review: Review, ada: User, rosa: User, remy: User) -> None:
    conflict = declare(rosa, ada)
    now = timezone.now()

    def refused(statement: str, *values: str | int) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)

    refused(
        "INSERT INTO review_claim (review_id, artist_id, reviewer_id, claimed_at, lease_until)"
        " VALUES (%s, %s, %s, now(), now() + interval '1 minute')",
        *(review.pk, ada.pk, rosa.pk),
    )
    refused(
        "INSERT INTO review_decision (review_id, artist_id, reviewer_id, verdict, reason, note,"
        " sha256, settings_sha256, prompt, model_key, settings, decided_at)"
        " VALUES (%s, %s, %s, 'approve', '', '', %s, %s, '', '', '{}', now())",
        *(review.pk, ada.pk, rosa.pk, review.clip.sha256, review.clip.settings_sha256),
    )
    for person, artist, reason in ((rosa, ada, "again"), (ada, ada, "me"), (remy, ada, " ")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Conflict.objects.create(
                person=person, artist=artist, reason=reason, declared_by=person, declared_at=now
            )
    conflicts.end(actor=rosa, conflict=conflict)
    with pytest.raises(Exception, match="Cannot update rows"), transaction.atomic():
        Conflict.objects.filter(pk=conflict.pk).update(ended_at=None, ended_by=None)


def test_who_may_speak_for_whom(ada: User, spring: Cohort, rosa: User, remy: User) -> None:
    lead = make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)
    elsewhere = make.make_admin("Nour Haddad", make.make_cohort())
    for stranger in (remy, elsewhere):
        with pytest.raises(NotAllowed):
            declare(rosa, ada, actor=stranger)
    with pytest.raises(NoConflictPossible):
        declare(rosa, remy)
    with pytest.raises(ConflictReasonMissing):
        conflicts.declare(actor=rosa, person=rosa, artist=ada, reason=" ")

    imposed = declare(rosa, ada, actor=lead)

    for person in (rosa, remy, elsewhere):
        with pytest.raises(NotAllowed):
            conflicts.end(actor=person, conflict=imposed)
    assert not conflicts.end(actor=lead, conflict=imposed).is_live


def test_the_page(ada: User, spring: Cohort, rosa: User, remy: User) -> None:
    lead = make.make_reviewer("Lena Brandt", spring, role=Role.LEAD)
    mine, theirs, leads = browser_of(rosa), browser_of(remy), browser_of(lead)
    page = "/review/conflicts/"
    kept = mine.post(page, {"artist": ada.pk, "reason": ""})
    assert kept.status_code == 400
    answer = mine.post(page, {"artist": ada.pk, "reason": "She is my sister."}, follow=True)
    assert "Rosa Lindqvist decides nothing about clips of Ada Okafor." in answer.content.decode()
    # For a colleague only a lead speaks: the field is not theirs to send.
    theirs.post(page, {"person": rosa.pk, "artist": ada.pk, "reason": "I heard."})
    assert set(Conflict.objects.values_list("person", flat=True)) == {rosa.pk, remy.pk}
    assert "She is my sister." not in theirs.get(page).content.decode()
    assert "She is my sister." in leads.get(page).content.decode()
    conflict = Conflict.objects.get(person=rosa)
    assert theirs.post(f"{page}{conflict.pk}/end/").status_code == 404
    assert leads.post(f"{page}{conflict.pk}/end/").status_code == 302
    assert "Ended" in mine.get(page).content.decode()
