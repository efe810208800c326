"""Who is told of a containment, in which words, and never twice."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation

from portal import sealing
from portal.containment import Target
from portal.models import Cohort, Containment, ContainmentNotice, Notification, OutgoingMail, User
from portal.services import containment, containment_news, members, outbox
from portal.states import Stage
from tests.factories.portal import join, make_cohort, make_containment, make_key, make_person

pytestmark = pytest.mark.django_db

SHARING = Target(stage=Stage.SHARING)


@pytest.fixture(autouse=True)
def _nothing_said_before(artist: User, other_artist: User) -> None:
    translation.activate("en")
    Notification.objects.all().delete()
    OutgoingMail.objects.all().delete()


def told(kind: str) -> dict[str, Notification]:
    found = Notification.objects.filter(kind=f"containment.{kind}").select_related("user")
    return {notice.user.name: notice for notice in found}


def now() -> int:
    """Tell as if a minute had passed."""
    return containment_news.tell_due(quiet=timedelta(0))


def test_each_in_their_language_by_mail_and_page(
    admin: User, artist: User, other_artist: User, cohort: Cohort
) -> None:
    shut = make_containment(
        Target(stage=Stage.COHORT, cohort_id=cohort.pk), actor=admin, words_en="100% safe soon."
    )
    assert now() == 2
    english, french = told("began")["Ada Okafor"], told("began")["Lucien Moreau"]
    assert english.title == "Making and sharing clips is stopped for your cohort for now"
    assert english.text.startswith(
        "100% safe soon.\n\n"
        "Closed for now: access keys, making clips and share links in Spring residency.\n"
        "Still open: signing in, your clips, reviews, pay and exports.\n\nUntil "
    )
    assert french.text.startswith("Nous examinons une fuite.\n\nFermé pour l’instant\u00a0: ")
    mails = OutgoingMail.objects.order_by("to")
    assert [mail.to for mail in mails] == [
        "Ada Okafor <ada@example.org>",
        "Lucien Moreau <lucien@example.org>",
    ]
    content = json.loads(sealing.unseal(mails[1].sealed, purpose=outbox.PURPOSE))
    assert french.text in content["text"].replace("\r", "")
    containment.lift(actor=admin, containment=shut)
    assert now() == 2
    ended = told("ended")["Ada Okafor"]
    assert ended.title == "Clips can be made and shared again in Spring residency"
    assert ended.text.startswith("Open again since ")
    assert told("ended")["Lucien Moreau"].text.startswith("Rouvert depuis le ")


def test_nobody_is_told_twice(admin: User, cohort: Cohort) -> None:
    shut = make_containment(SHARING, actor=admin)
    assert [now(), now()] == [2, 0]
    late = make_person("Late", email="late@example.org")
    join(late, cohort)
    assert [now(), now()] == [1, 0]
    containment.lift(actor=admin, containment=shut)
    assert [now(), now()] == [3, 0]
    assert Notification.objects.filter(kind__startswith="containment").count() == 6


def test_one_that_is_undone_within_a_minute_was_never_told(admin: User) -> None:
    shut = make_containment(SHARING, actor=admin)
    assert containment_news.tell_due() == 0
    containment.lift(actor=admin, containment=shut)
    assert now() == 0
    assert not ContainmentNotice.objects.exists()


def test_one_that_ends_by_itself_is_told(admin: User) -> None:
    began = timezone.now() - timedelta(hours=2)
    shut = Containment.objects.create(
        **{"stage": "sharing", "reason": "x", "words_en": "x", "by": admin},
        at=began,
        until=began + timedelta(hours=1),
    )
    reader = User.objects.get(name="Ada Okafor")
    ContainmentNotice.objects.create(containment=shut, person=reader, began_at=began)
    assert now() == 0
    containment.end_due()
    assert now() == 1
    assert list(told("ended")) == ["Ada Okafor"]


@pytest.mark.parametrize("stage", list(Stage))
def test_only_those_touched(
    admin: User, artist: User, other_artist: User, cohort: Cohort, stage: Stage
) -> None:
    elsewhere = make_person("Elsewhere")
    join(elsewhere, make_cohort("Elsewhere", actor=admin, models_on_offer=["wan"]))
    join(admin, cohort)
    targets = {
        Stage.KEY: Target(stage=stage, key_id=make_key(artist, cohort).row.pk),
        Stage.PERSON: Target(stage=stage, person_id=artist.pk),
        Stage.COHORT: Target(stage=stage, cohort_id=cohort.pk),
        Stage.MODEL: Target(stage=stage, model_key="starter"),
    }
    both, everybody = {"Ada Okafor", "Lucien Moreau"}, {"Ada Okafor", "Lucien Moreau", "Elsewhere"}
    expected = {
        **{Stage.KEY: {"Ada Okafor"}, Stage.PERSON: {"Ada Okafor"}},
        **{Stage.COHORT: both, Stage.MODEL: both},
    }
    shut = make_containment(targets.get(stage, Target(stage=stage)), actor=admin)
    now()
    assert set(told("began")) == expected.get(stage, everybody)
    containment.lift(actor=admin, containment=shut)
    now()
    assert set(told("ended")) == expected.get(stage, everybody)


def test_who_has_left_hears_only_of_what_closes_their_links(
    admin: User, artist: User, other_artist: User, cohort: Cohort
) -> None:
    members.leave(actor=artist, membership=artist.memberships.get())
    Notification.objects.all().delete()
    for stage, expected in (
        (Stage.GENERATION, {"Lucien Moreau"}),
        (Stage.SHARING, {"Ada Okafor", "Lucien Moreau"}),
    ):
        shut = make_containment(Target(stage=stage), actor=admin)
        now()
        assert set(told("began")) == expected
        containment.lift(actor=admin, containment=shut)
        Notification.objects.all().delete()


def test_what_still_holds_is_said(admin: User, artist: User) -> None:
    person = Target(stage=Stage.PERSON, person_id=artist.pk)
    first = make_containment(SHARING, actor=admin)
    make_containment(person, actor=admin, words_en="We look into your key.")
    now()
    containment.lift(actor=admin, containment=first)
    now()
    text = told("ended")["Ada Okafor"].text
    assert "this is no longer stopped: every share link." in text
    assert text.endswith("\n\nWe look into your key.")
    assert told("ended")["Lucien Moreau"].title == "Les pages partagées sont de nouveau ouvertes"


def test_more_than_one_batch(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containment_news, "BATCH", 1)
    shut = make_containment(SHARING, actor=admin)
    assert now() == 2
    containment.lift(actor=admin, containment=shut)
    assert now() == 2


def test_the_database_refuses_to_tell_twice(admin: User, artist: User) -> None:
    shut = make_containment(SHARING, actor=admin)
    notice = ContainmentNotice.objects.create(containment=shut, person=artist)
    with pytest.raises(IntegrityError, match="containment_notice_once"), transaction.atomic():
        ContainmentNotice.objects.create(containment=shut, person=artist)
    found = ContainmentNotice.objects.filter(pk=notice.pk)
    before = timezone.now() - timedelta(hours=1)
    with pytest.raises(IntegrityError, match="ends_after"), transaction.atomic():
        found.update(ended_at=before)
    found.update(ended_at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        found.update(ended_at=None)
