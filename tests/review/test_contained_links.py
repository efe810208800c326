"""Share links under containment: shut with the stage, open again after the undo."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from generation.states import Variant
from portal.containment import Target
from portal.containment_errors import Contained
from portal.models import Cohort, User
from portal.services import containment
from portal.states import Stage
from review.models import ShareLink
from review.release import Refusal, may_see
from review.services import shares
from tests.factories import review as make
from tests.factories.portal import make_containment


@pytest.fixture
def link(ada: User, spring: Cohort, rosa: User) -> ShareLink:
    review = make.make_review(ada, spring)
    make.approve(review, rosa)
    return shares.create_link(actor=ada, clip=review.clip, title="Boat")


@pytest.mark.parametrize(
    ("stage", "closes"),
    [
        (Stage.PERSON, True),
        (Stage.COHORT, True),
        (Stage.SHARING, True),
        (Stage.EVERYTHING, True),
        (Stage.MODEL, False),
        (Stage.GENERATION, False),
    ],
)
def test_the_stages_that_close_links(
    link: ShareLink, ada: User, spring: Cohort, stage: Stage, closes: bool
) -> None:
    translation.activate("en")
    admin = make.make_admin()
    targets = {
        Stage.PERSON: Target(stage=stage, person_id=ada.pk),
        Stage.COHORT: Target(stage=stage, cohort_id=spring.pk),
        Stage.MODEL: Target(stage=stage, model_key=link.clip.model_key),
    }
    target = targets.get(stage, Target(stage=stage))
    public, own = Client(), Client()
    own.force_login(ada)
    here = link.get_absolute_url()
    master = reverse("review:shared_media", args=[link.token, "master"])
    seen = containment.preview(target=target)
    assert [row.count for row in seen.things if row.key == "links"] == ([1] if closes else [])

    shut = make_containment(target, actor=admin)
    page = public.get(here)
    assert page.status_code == (503 if closes else 200)
    answer = may_see(None, link.clip, Variant.MASTER, share=link)
    assert isinstance(answer, Refusal) == closes
    if closes:
        assert public.get(master).status_code == 404
        assert "closed shared pages for a while" in page.text
        with pytest.raises(Contained):
            shares.create_link(actor=ada, clip=link.clip, title="Another")
    # What is theirs stays theirs.
    assert own.get(f"/studio/clips/{link.clip.pk}/").status_code == 200
    assert own.get("/earnings/").status_code == 200

    containment.lift(actor=admin, containment=shut)
    assert public.get(here).status_code == 200
    link.refresh_from_db()
    assert link.revoked_at is None


def test_somebody_elses_containment_closes_nothing(link: ShareLink, lucien: User) -> None:
    make_containment(Target(stage=Stage.PERSON, person_id=lucien.pk), actor=make.make_admin())
    assert Client().get(link.get_absolute_url()).status_code == 200
