"""What people do meanwhile: artists ask, cancel and delete; staff release from quarantine."""

from __future__ import annotations

import uuid
from random import Random
from typing import TYPE_CHECKING, Any

from bench.chaos.stage import MODELS

if TYPE_CHECKING:
    from bench.chaos.stage import Stage

# How many clips wait or render at any time while artists ask.
OPEN_AT_ONCE = 12
CANCEL_EVERY = 7
DELETE_EVERY = 10
PROMPTS = ("a red boat on the sea", "a blue bird", "a red bird on the boat", "a blue sea")


class Artists:
    """Ask steadily, until told to stop and at least *wanted* clips are asked for.

    Attributes:
        asked: ids of the clips they were told they have.
        poison: the clip over which every worker dies, once it is asked for.
    """

    def __init__(self, stage: Stage, rng: Random, wanted: int) -> None:
        self._stage = stage
        self._rng = rng
        self._wanted = wanted
        self._wish: dict[str, Any] | None = None
        self.may_stop = False
        self.asked: set[uuid.UUID] = set()
        self.poison: uuid.UUID | None = None
        self.deleted = 0
        self._next_cancel = CANCEL_EVERY
        self._next_delete = DELETE_EVERY

    @property
    def done(self) -> bool:
        return self.may_stop and len(self.asked) >= self._wanted

    def step(self) -> None:
        from generation.models import Clip

        if self._wish is None and not self.done and Clip.objects.live().count() < OPEN_AT_ONCE:
            self._wish = self._next_wish()
        if self._wish is not None:
            self._ask(self._wish)
        # By what was asked for, not by time: a slow machine cancels no more than a quick one.
        if len(self.asked) >= self._next_cancel and self._cancel_one():
            self._next_cancel += CANCEL_EVERY
        if len(self.asked) >= self._next_delete and self._delete_one():
            self._next_delete += DELETE_EVERY

    def ask_for_poison(self) -> None:
        """Ask for the clip that kills: long, so that nobody overlooks it."""
        [self.poison] = self._create(
            {**self._next_wish(), "model_key": "tiny-wan", "frames": 17, "steps": 50, "takes": 1}
        )

    def _next_wish(self) -> dict[str, Any]:
        return {
            "actor": self._rng.choice(self._stage.artists),
            "cohort": self._stage.cohort,
            "prompt": self._rng.choice(PROMPTS),
            "model_key": self._rng.choice(list(MODELS)),
            "size": "32x32",
            "frames": self._rng.choice((9, 17)),
            "steps": self._rng.randint(4, 20),
            "takes": self._rng.randint(1, 2),
            "request_id": uuid.uuid4(),
        }

    def _ask(self, wish: dict[str, Any]) -> None:
        # When the database goes away in the middle they press again, with the same token.
        self._create(wish)
        if self._rng.random() < 0.2:
            self._create(wish)
        self._wish = None

    def _create(self, wish: dict[str, Any]) -> list[uuid.UUID]:
        from generation.services.create import create_clips

        made = [clip.pk for clip in create_clips(**wish)]
        self.asked.update(made)
        return made

    def _cancel_one(self) -> bool:
        from generation.models import Clip
        from generation.services import clips
        from portal.errors import IllegalTransition

        clip = self._one(Clip.objects.live())
        if clip is None:
            return False
        try:
            clips.cancel(actor=clip.artist, clip=clip)
        except IllegalTransition:
            return False
        return True

    def _delete_one(self) -> bool:
        from generation.models import Clip
        from generation.services import clips

        clip = self._one(Clip.objects.ready())
        if clip is None:
            return False
        clips.delete(actor=clip.artist, clip=clip)
        self.deleted += 1
        return True

    def _one(self, clips: Any) -> Any:
        # Somebody else's may be approved already, say the demo's, and those are kept.
        own = clips.filter(pk__in=self.asked - {self.poison})
        found = list(own.select_related("artist").order_by("pk"))
        return self._rng.choice(found) if found else None


class Staff:
    """Release every clip that was in the wrong place twice; the poisoned one stays."""

    def __init__(self, stage: Stage, artists: Artists) -> None:
        self._stage = stage
        self._artists = artists
        self.released = 0

    def step(self) -> None:
        from generation.errors import ClipDeleted
        from generation.models import Clip
        from generation.services import quarantine

        for clip in Clip.objects.quarantined().exclude(pk__in=[self._artists.poison]):
            try:
                quarantine.release(actor=self._stage.admin, clip=clip)
            except ClipDeleted:
                continue
            self.released += 1
