"""Any order of presses by anybody leaves a clip in a state the tables allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from generation.services import clips
from generation.states import Variant
from portal.errors import GreenroomError
from portal.models import RoleGrant
from review.models import Claim, Decision, Review, ShareLink
from review.release import Grant, may_see
from review.services import claims, decisions, shares, submissions
from review.states import LIVE, REVIEW_TRANSITIONS, ReviewState, Verdict
from tests.factories import review as make
from tests.factories.generation import make_ready_clip

pytestmark = pytest.mark.django_db

WHO = st.sampled_from(["artist", "other_artist", "rosa", "remy", "admin", "artist_who_reviews"])
VERDICT = st.sampled_from([Verdict.APPROVE, Verdict.DECLINE])


class ReviewMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        cohort = make.make_cohort()
        self.people = {
            "artist": make.make_artist(cohort, "Ada Okafor"),
            "other_artist": make.make_artist(cohort, "Lucien Moreau"),
            "rosa": make.make_reviewer("Rosa Lindqvist", cohort),
            "remy": make.make_reviewer("Remy Chen", cohort),
            "admin": make.make_admin("Alba Ferrari", cohort),
        }
        self.people["artist_who_reviews"] = self.people["artist"]
        RoleGrant.objects.create(user=self.people["artist"], role="reviewer", cohort=cohort)
        self.clip = make_ready_clip(artist=self.people["artist"], cohort=cohort)
        self.states: dict[int, str] = {}

    def attempt(self, call: Callable[[], Any]) -> Any:
        """A refusal must leave everything as it was."""
        before = self.picture()
        try:
            return call()
        except GreenroomError:
            assert self.picture() == before
            return None

    def picture(self) -> list[list[tuple[Any, ...]]]:
        reviews = Review.objects.filter(clip=self.clip).order_by("pk")
        held = Claim.objects.filter(review__in=reviews).order_by("pk")
        links = ShareLink.objects.filter(clip=self.clip).order_by("pk")
        return [
            list(reviews.values_list("pk", "state", "closed_at")),
            list(Decision.objects.filter(review__in=reviews).order_by("pk").values_list("pk")),
            list(held.values_list("pk", "released_at")),
            list(links.values_list("pk", "revoked_at")),
        ]

    def newest(self) -> Review | None:
        return Review.objects.filter(clip=self.clip).order_by("-pk").first()

    @rule(who=WHO)
    def submit(self, who: str) -> None:
        self.attempt(lambda: submissions.submit(actor=self.people[who], clip=self.clip))

    @rule(who=WHO)
    def withdraw(self, who: str) -> None:
        if (review := self.newest()) is not None:
            self.attempt(lambda: submissions.withdraw(actor=self.people[who], review=review))

    @rule(who=WHO)
    def claim(self, who: str) -> None:
        if (review := self.newest()) is not None:
            self.attempt(lambda: claims.claim(actor=self.people[who], review=review))

    @rule()
    def time_passes(self) -> None:
        for claim in Claim.objects.unreleased().filter(review__clip=self.clip):
            make.lapse(claim)

    @rule(who=WHO, verdict=VERDICT, is_stale=st.booleans())
    def decide(self, who: str, verdict: Verdict, is_stale: bool) -> None:
        if (review := self.newest()) is None:
            return
        self.attempt(
            lambda: decisions.decide(
                actor=self.people[who],
                review=review,
                verdict=verdict,
                seen_sha256="0" * 64 if is_stale else self.clip.sha256,
                seen_settings_sha256=self.clip.settings_sha256,
                reason="rights",
                note="Because.",
            )
        )

    @rule(who=WHO)
    def revoke(self, who: str) -> None:
        if (review := self.newest()) is not None:
            self.attempt(lambda: make.revoke(review, self.people[who]))

    @rule(who=WHO)
    def share(self, who: str) -> None:
        person = self.people[who]
        self.attempt(lambda: shares.create_link(actor=person, clip=self.clip, title="Look"))

    @rule(who=WHO)
    def delete(self, who: str) -> None:
        newest = self.newest()
        if newest is not None and newest.state in LIVE:
            with pytest.raises(GreenroomError):
                clips.delete(actor=self.people["artist"], clip=self.clip)

    @invariant()
    def states_follow_the_table(self) -> None:
        if not hasattr(self, "clip"):
            return
        for pk, state in Review.objects.filter(clip=self.clip).values_list("pk", "state"):
            before = self.states.get(pk, ReviewState.WAITING.value)
            assert state == before or state in REVIEW_TRANSITIONS[ReviewState(before)]
            self.states[pk] = state

    @invariant()
    def at_most_one_is_live_and_held_once(self) -> None:
        if not hasattr(self, "clip"):
            return
        reviews = Review.objects.filter(clip=self.clip)
        assert reviews.filter(state__in=LIVE).count() <= 1
        for review in reviews:
            held = review.claims.unreleased().count()
            assert held <= (1 if review.state == ReviewState.WAITING else 0)

    @invariant()
    def the_master_leaves_only_under_an_approval(self) -> None:
        if not hasattr(self, "clip"):
            return
        newest = self.newest()
        is_approved = newest is not None and newest.state == ReviewState.APPROVED
        make.sign_plainly()
        answer = may_see(self.people["artist"], self.clip, Variant.MASTER)
        assert isinstance(answer, Grant) == is_approved
        links = ShareLink.objects.filter(clip=self.clip)
        for link in links:
            shared = may_see(None, self.clip, Variant.MASTER, share=link)
            assert isinstance(shared, Grant) == (is_approved and link.revoked_at is None)
        if not is_approved:
            assert not links.live().exists()

    @invariant()
    def nobody_decided_their_own_work(self) -> None:
        if not hasattr(self, "clip"):
            return
        decided = Decision.objects.filter(review__clip=self.clip)
        assert not decided.filter(reviewer=self.people["artist"]).exists()


def test_any_order_of_presses() -> None:
    run_state_machine_as_test(
        ReviewMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
