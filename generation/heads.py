"""The clip each account wants next, read in one statement. Nothing here writes.

These are the statements of the claim, which every worker repeats all day, so they are written in
SQL and prepared by the server once a connection: an ORM query of this size takes longer to compose
than to answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from generation.batches import BatchKey
from generation.queries import LEAST_CHARGE
from generation.scheduling import Group, Head
from portal.prepared import prepared, prepared_in_turn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from generation.queries import Shape


class WaitingHead(NamedTuple):
    """The clip an account wants next, with all that says whose turn it is. GPU seconds.

    ``learnt`` is what clips of its shape took on the worker's device, None when it made none;
    ``group_vtime`` and what follows is how its cohort stands, None for one without a share yet.
    """

    clip_id: UUID
    queued_at: datetime
    model_key: str
    width: int
    height: int
    frames: int
    steps: int
    estimate: Decimal
    account_id: int
    cohort_id: int
    vtime: Decimal
    weight: int
    skips: int
    learnt: Decimal | None
    group_vtime: Decimal | None
    group_weight: int | None
    group_clock: Decimal | None
    guidance: Decimal
    fps: int
    adapter_key: str
    adapter_weight: Decimal | None

    @property
    def batch_key(self) -> BatchKey:
        return BatchKey(*(getattr(self, name) for name in BatchKey._fields))

    @property
    def shape(self) -> Shape:
        return self.model_key, self.width, self.height, self.frames, self.steps

    @property
    def head(self) -> Head:
        """As the policy sees it."""
        return Head(
            account=self.account_id,
            group=self.cohort_id,
            model=self.model_key,
            estimate=max(self.estimate if self.learnt is None else self.learnt, LEAST_CHARGE),
            vtime=self.vtime,
            weight=self.weight,
            skips=self.skips,
        )


# Only constants are pasted together below.
_ACCOUNT = "account.id AS account_id, account.cohort_id, account.vtime, account.weight, skips"

# An account's first clip, where its artist may have one more on a GPU. Few index entries are
# looked at, however many clips wait.
_WAITS = """
    generation_gpuaccount account
    CROSS JOIN LATERAL (
        SELECT id AS clip_id, queued_at, model_key, width, height, frames, steps, estimate,
            guidance, fps, adapter_key, adapter_weight
        FROM generation_clip clip
        WHERE clip.account_id = account.id AND clip.state = 'queued'
        AND clip.model_key = ANY (%(models)s)
        AND NOT EXISTS (
            SELECT FROM generation_pause pause
            WHERE pause.resumed_at IS NULL
            AND (pause.cohort_id IS NULL AND pause.model_key IN ('', clip.model_key)
                OR pause.cohort_id = clip.cohort_id AND pause.model_key = '')
        )
        AND NOT EXISTS (
            SELECT FROM portal_containment shut
            WHERE shut.ended_at IS NULL AND shut.until > statement_timestamp()
            AND (shut.stage IN ('generation', 'everything')
                OR shut.stage = 'cohort' AND shut.cohort_id = clip.cohort_id
                OR shut.stage = 'person' AND shut.person_id = clip.artist_id
                OR shut.stage = 'model' AND shut.model_key = clip.model_key
                OR shut.stage = 'key' AND shut.key_id = clip.access_key_id)
        )
        ORDER BY clip.priority DESC, clip.queued_at, clip.id
        LIMIT 1
    ) clip
    WHERE account.cohort_id = cohort.id
    AND (SELECT is_active FROM portal_user artist WHERE artist.id = account.artist_id)
    AND (cohort.clips_running_per_artist IS NULL OR cohort.clips_running_per_artist > (
        SELECT count(*) FROM generation_clip running
        WHERE running.account_id = account.id
        AND running.state IN ('loading', 'rendering', 'encoding')
    ))
"""

_HEADS = """
SELECT clip_id, queued_at, found.model_key, found.width, found.height, found.frames, found.steps,
    estimate, account_id, cohort.id, found.vtime, found.weight, skips, cost.seconds,
    share.vtime, share.weight, share.clock, guidance, fps, adapter_key, adapter_weight
FROM portal_cohort cohort
LEFT JOIN generation_cohortshare share ON share.cohort_id = cohort.id
CROSS JOIN LATERAL ({accounts}) found
LEFT JOIN generation_rendercost cost ON cost.device = %(device)s
    AND cost.model_key = found.model_key AND cost.width = found.width
    AND cost.height = found.height AND cost.frames = found.frames AND cost.steps = found.steps
ORDER BY queued_at, clip_id
"""

_ALL = _HEADS.format(accounts=f"SELECT clip.*, {_ACCOUNT} FROM {_WAITS}")  # noqa: S608

# Who is not ahead of the cohort's clock has the least start tag there can be, and of the others
# the one with the least virtual time has the least. Of equal ones the clip that waits longest.
_FIRST = _HEADS.format(
    accounts=f"""
    (SELECT clip.*, {_ACCOUNT} FROM {_WAITS} AND account.vtime <= coalesce(share.clock, 0)
    ORDER BY queued_at, clip_id LIMIT 1)
    UNION ALL
    (SELECT * FROM (
        SELECT clip.*, {_ACCOUNT} FROM {_WAITS} AND account.vtime > coalesce(share.clock, 0)
        ORDER BY account.vtime FETCH FIRST ROW WITH TIES
    ) least ORDER BY queued_at, clip_id LIMIT 1)
"""  # noqa: S608
)


def waiting_heads(models: Collection[str], *, device: str = "") -> list[WaitingHead]:
    """One clip of *models* for each account that waits, the one that waits longest first.

    Of an account's clips that of the greatest priority, then the oldest. Not for those who are at
    their limit, for people whose access is frozen, or for what is paused or contained.
    """
    return _found(_ALL, models, device)


def first_heads(models: Collection[str], *, device: str = "") -> list[WaitingHead]:
    """Of :func:`waiting_heads` those with the least start tag in their cohort, and maybe others.

    Enough to say whose turn it is, unless somebody else may go first for a warm model. However
    many accounts wait, only few are looked at.
    """
    return _found(_FIRST, models, device)


def first_heads_behind(
    lock: str, values: Mapping[str, Any], models: Collection[str], *, device: str
) -> tuple[list[tuple[Any, ...]], list[WaitingHead]]:
    """The rows of the statement *lock*, and :func:`first_heads` as they are once it is held."""
    locked, rows = prepared_in_turn(
        (lock, values), (_FIRST, {"models": list(models), "device": device})
    )
    return locked, _read(rows)


def groups_of(heads: Sequence[WaitingHead]) -> dict[int, Group | None]:
    """How the cohorts of *heads* stand; None for one that has no share yet."""
    return {
        head.cohort_id: Group(
            vtime=head.group_vtime, weight=head.group_weight, clock=head.group_clock
        )
        if head.group_vtime is not None
        and head.group_weight is not None
        and head.group_clock is not None
        else None
        for head in heads
    }


def _found(statement: str, models: Collection[str], device: str) -> list[WaitingHead]:
    return _read(prepared(statement, {"models": list(models), "device": device}))


def _read(rows: Iterable[tuple[Any, ...]]) -> list[WaitingHead]:
    return [WaitingHead(*row) for row in rows]
