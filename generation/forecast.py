"""When waiting clips will begin, from the rows as they are. Nothing here writes to the database.

One forecast is made for everybody and held in Redis for a moment, so that many open pages cost
little more than one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from generation import ephemeral
from generation.models import Clip
from generation.scheduling import CLAIMS, Outlook, Reason, forecast
from generation.standing import Order, Standing, order_of
from generation.states import ClipState

FRESH_SECONDS = 2
# What whoever is patient is content with.
LATELY_SECONDS = 10
# What a forecast may cost: claims looked ahead, times accounts compared at each.
COMPARISONS = 40_000
CLAIMS_LEAST = 50


@dataclass(frozen=True, kw_only=True)
class Place:
    """What can be said of a waiting clip; ``is_first`` of its artist's own in the cohort."""

    outlook: Outlook
    is_first: bool


def places_of(clips: Iterable[Clip], *, patient: bool = False) -> dict[UUID, Place]:
    """When each waiting clip of *clips* will begin, and why not sooner.

    As of the last two seconds, or of now when one of *clips* stands otherwise than it did then.
    The same number of queries whatever waits; none when somebody asked just before.

    Args:
        patient: be content with the last ten seconds; what is newer has no place yet.
    """
    waiting = [clip for clip in clips if clip.state == ClipState.QUEUED]
    if not waiting:
        return {}
    accounts = sorted({clip.account_id for clip in waiting})
    held = ephemeral.recall([_key(account, lately=patient) for account in accounts])
    known = {
        account: _Told.parse(text)
        for account, text in zip(accounts, held, strict=True)
        if text is not None
    }
    if not all(
        clip.account_id in known and (patient or known[clip.account_id].knows(clip))
        for clip in waiting
    ):
        known = _made_anew()
    places = {
        clip.pk: known[clip.account_id].place(clip) for clip in waiting if clip.account_id in known
    }
    return {key: place for key, place in places.items() if place is not None}


class _Told(NamedTuple):
    """What the forecast says of one account.

    ``clips`` by id: the place it had then among the account's own, and its outlook, both as JSON
    has them: of two hundred, a page asks for one. ``last`` is the last one's place when more clips
    wait than were read.
    """

    clips: Mapping[str, tuple[Sequence[Any], Sequence[Any]]]
    last: Order | None

    @classmethod
    def parse(cls, text: str) -> _Told:
        held = json.loads(text)
        last = held["last"]
        return cls(held["clips"], _order(last) if last else None)

    def __str__(self) -> str:
        return json.dumps({"clips": self.clips, "last": self.last})

    def knows(self, clip: Clip) -> bool:
        """Whether *clip* stands now where it stood when the forecast was made."""
        order = order_of(clip.priority, clip.queued_at, clip.pk)
        found = self.clips.get(str(clip.pk))
        if found is not None:
            return _order(found[0]) == order
        return self.last is not None and order > self.last

    def place(self, clip: Clip) -> Place | None:
        """None for a clip that a worker took in this moment."""
        found = self.clips.get(str(clip.pk))
        if found is not None:
            return Place(
                outlook=_outlook(found[1]), is_first=str(clip.pk) == next(iter(self.clips))
            )
        if self.last is None:
            return None
        last = _outlook(self.clips[self.last[2]][1])
        beyond = replace(last, before=last.before + 1, own=last.own + 1, at_least=True)
        return Place(outlook=beyond, is_first=False)


def _made_anew() -> dict[int, _Told]:
    read = Standing()
    told = forecast(
        read.queues,
        read.groups,
        read.machines,
        clock=read.clock,
        delta=Decimal(settings.GENERATION_MODEL_LOAD_SECONDS),
        load=Decimal(settings.GENERATION_MODEL_LOAD_SECONDS),
        claims=min(max(COMPARISONS // max(len(read.queues), 1), CLAIMS_LEAST), CLAIMS),
    )
    made = {
        queue.account: _Told(
            {
                clip.key: (read.orders[clip.key], _row(told.outlooks[clip.key]))
                for clip in queue.clips
            },
            read.last.get(queue.account),
        )
        for queue in read.queues
    }
    texts = {account: str(one) for account, one in made.items()}
    for lately, seconds in ((False, FRESH_SECONDS), (True, LATELY_SECONDS)):
        ephemeral.keep(
            {_key(account, lately=lately): text for account, text in texts.items()},
            seconds=seconds,
        )
    return made


def _order(held: Sequence[Any]) -> Order:
    priority, queued_at, key = held
    return priority, queued_at, key


def _row(outlook: Outlook) -> list[Any]:
    seconds = None if outlook.seconds is None else str(outlook.seconds)
    counts = [outlook.before, outlook.own, outlook.artists]
    return [*counts, seconds, outlook.at_least, list(outlook.reasons)]


def _outlook(row: Sequence[Any]) -> Outlook:
    before, own, artists, seconds, at_least, reasons = row
    return Outlook(
        before=before,
        own=own,
        artists=artists,
        seconds=None if seconds is None else Decimal(seconds),
        at_least=at_least,
        reasons=tuple(Reason(reason) for reason in reasons),
    )


def _key(account: int, *, lately: bool) -> str:
    return f"outlook:lately:{account}" if lately else f"outlook:{account}"
