"""The same verdict on several clips: each recorded on its own, all of them or none."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from generation.models import Clip
from portal.errors import GreenroomError
from review.bulk_errors import NothingChosen, SomeRefused, TooManyChosen
from review.errors import NoteMissing, ReasonUnknown
from review.models import Review
from review.services import decisions, undoing

if TYPE_CHECKING:
    from portal.models import User
    from review.states import Verdict

MOST = 100


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A review, and the hashes of its clip as the page with the selection showed it."""

    review: Review
    sha256: str
    settings_sha256: str


def decide_all(
    *, actor: User, chosen: Sequence[Chosen], verdict: Verdict, reason: str = "", note: str = ""
) -> int:
    """Give one verdict on all of *chosen*; answers on how many.

    They can be undone together, like one.

    Raises:
        NothingChosen, TooManyChosen, ReasonUnknown, NoteMissing
        SomeRefused: at least one may not be decided so, and none was; names them.
    """
    if not chosen:
        raise NothingChosen
    if len(chosen) > MOST:
        raise TooManyChosen
    said = _each_checked(actor, chosen, verdict, reason, note)
    batch = uuid.uuid4()
    refused: list[tuple[Review, GreenroomError]] = []
    with transaction.atomic():
        _lock_all(chosen)
        for one, words in said:
            try:
                undoing.give(actor=actor, review=one.review, said=words, batch=batch)
            except GreenroomError as refusal:
                refused.append((one.review, refusal))
        if refused:
            raise SomeRefused(refused)
    return len(said)


def _each_checked(
    actor: User, chosen: Sequence[Chosen], verdict: Verdict, reason: str, note: str
) -> list[tuple[Chosen, decisions.Said]]:
    """What is refused whatever the reviews' state, before anything is locked."""
    said: list[tuple[Chosen, decisions.Said]] = []
    refused: list[tuple[Review, GreenroomError]] = []
    words = decisions.Said(
        verdict=verdict, reason=reason, note=note, seen_sha256="", seen_settings_sha256=""
    )
    for one in chosen:
        seen = replace(words, seen_sha256=one.sha256, seen_settings_sha256=one.settings_sha256)
        try:
            said.append((one, decisions.checked(actor, one.review, seen)))
        except (ReasonUnknown, NoteMissing):
            raise
        except GreenroomError as refusal:
            refused.append((one.review, refusal))
    if refused:
        raise SomeRefused(refused)
    return said


def _lock_all(chosen: Sequence[Chosen]) -> None:
    """Clips, then reviews, each in one order: two such presses at once wait for each other."""
    clips = Clip.objects.filter(pk__in={one.review.clip_id for one in chosen}).order_by("pk")
    list(clips.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    reviews = Review.objects.filter(pk__in={one.review.pk for one in chosen}).order_by("pk")
    list(reviews.select_for_update(no_key=True, of=("self",)).values_list("pk"))
