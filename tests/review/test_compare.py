"""Comparing: takes, a source and its remix, or any two clips that one meets at the desk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from generation.states import Lineage
from review.compare import partners
from tests.factories import review as make
from tests.factories.generation import make_ready_clip
from tests.factories.portal import browser_of

pytestmark = pytest.mark.django_db


def test_any_two_clips_that_one_meets_stand_beside_each_other() -> None:
    cohort = make.make_cohort()
    ada, rosa = make.make_artist(cohort), make.make_reviewer(cohort=cohort)
    source = make.make_review(ada, cohort)
    remix = make.make_review(ada, cohort, source=source.clip, lineage=Lineage.REMIX)
    other = make.make_review(make.make_artist(cohort, "Lucien Moreau"), cohort)
    unseen = make_ready_clip(artist=ada, cohort=cohort, source=source.clip, lineage=Lineage.REMIX)
    desk = browser_of(rosa)
    page = reverse("review:compare", args=[source.pk])

    assert partners(rosa, source) == [remix.clip]
    assert partners(rosa, remix) == [source.clip]
    assert desk.get(page).context["other"] == remix.clip
    named = desk.get(page, {"other": str(other.clip_id)})
    assert named["Location"] == reverse("review:compare_with", args=[source.pk, other.clip_id])
    shown = desk.get(named["Location"])
    assert (shown.context["clip"], shown.context["other"]) == (source.clip, other.clip)
    for wrong, words in ((str(unseen.pk), "no finished clip of this number"), ("7", "no number")):
        answer = desk.get(page, {"other": wrong})
        assert answer.status_code == 400
        assert words in answer.content.decode()
    hidden = reverse("review:compare_with", args=[source.pk, unseen.pk])
    assert desk.get(hidden).status_code == 404
    assert browser_of(ada).get(page).status_code == 404
