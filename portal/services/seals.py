"""Sealing the audit log: each entry gets its place in the chain of hashes, once.

Who writes an entry waits for nobody: the chain is made afterwards, by one process at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from portal import chain

LOCK = 0x5EA1_0F_106
_COLUMNS = (
    *("seq", "entry_id", "entry_hash", "previous", "head", "cohort_id", "cohort_seq"),
    *("cohort_previous", "cohort_head", "sealed_at"),
)
_ENTRY, _COHORT = chain.FIELDS.index("id"), chain.FIELDS.index("cohort")

# Entries whose transaction is over, those of earlier transactions first. Whoever is still open has
# an id of xmin or later, so nothing can come in before what is taken here. After a restore from a
# dump on another server the ids of old entries lie in the future; until an entry of this server is
# the last one sealed, every entry is looked at.
_WAITING = f"""
    WITH now AS (
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax
    )
    SELECT {chain.COLUMNS}
    FROM portal_auditentry entry, now
    WHERE {{window}}
      AND NOT EXISTS (SELECT FROM portal_auditseal seal WHERE seal.entry_id = entry.id)
    ORDER BY {{order}} LIMIT %(most)s
"""  # noqa: S608
_NEWER = _WAITING.format(
    window="(entry.xid, entry.id) > (%(xid)s, %(id)s) AND entry.xid < (SELECT xmin FROM now)",
    order="entry.xid, entry.id",
)
_ANY = _WAITING.format(
    window="(entry.xid < now.xmin OR entry.xid >= now.xmax)",
    order="entry.xid >= now.xmax DESC, entry.xid, entry.id",
)
_LAST = """
    SELECT seal.seq, seal.head, entry.xid, entry.id,
        entry.xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    FROM portal_auditseal seal JOIN portal_auditentry entry ON entry.id = seal.entry_id
    ORDER BY seal.seq DESC LIMIT 1
"""
_LAST_OF_COHORTS = """
    SELECT cohort, seal.cohort_seq, seal.cohort_head
    FROM unnest(%(cohorts)s::bigint[]) cohort, LATERAL (
        SELECT cohort_seq, cohort_head FROM portal_auditseal
        WHERE cohort_id = cohort ORDER BY cohort_seq DESC LIMIT 1
    ) seal
"""
_COPY = f"COPY portal_auditseal ({', '.join(_COLUMNS)}) FROM STDIN"


class _Head(NamedTuple):
    """The end of one chain: how many entries it has, and its hash."""

    seq: int
    hash: bytes


_NOTHING = _Head(0, chain.START)


def seal_waiting(*, batch: int = 5_000) -> int:
    """Seal every entry whose transaction is over; answers how many, 0 while another seals.

    Each *batch* is a transaction of its own.
    """
    count = 0
    while (sealed := _seal_batch(batch)) is not None:
        count += sealed
        if sealed < batch:
            break
    return count


@transaction.atomic
def _seal_batch(most: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_LAST)
        row = cursor.fetchone()
        if row is None:
            head, statement, values = _NOTHING, _ANY, {"most": most}
        else:
            seq, hash_, xid, id_, is_restored = row
            head = _Head(seq, bytes(hash_))
            statement = _ANY if is_restored else _NEWER
            values = {"xid": xid, "id": id_, "most": most}
        cursor.execute(statement, values)
        entries = cursor.fetchall()
        if not entries:
            return 0
        cohorts = {entry[_COHORT] for entry in entries} - {None}
        cursor.execute(_LAST_OF_COHORTS, {"cohorts": list(cohorts)})
        heads = {cohort: _Head(seq, bytes(hash_)) for cohort, seq, hash_ in cursor.fetchall()}
        with cursor.copy(_COPY) as copy:
            for seal in _seals(entries, head, heads, timezone.now()):
                copy.write_row(seal)
    return len(entries)


def _seals(
    entries: Sequence[Sequence[Any]], head: _Head, cohorts: dict[int, _Head], now: datetime
) -> Iterator[tuple[Any, ...]]:
    """Rows of ``_COLUMNS`` for *entries*, after *head* and those of *cohorts*, which move on."""
    for entry in entries:
        hash_ = chain.entry_hash(entry)
        before, head = head, _Head(head.seq + 1, chain.link(head.hash, hash_))
        of_cohort: tuple[Any, ...] = (None, None, None, None)
        if (cohort := entry[_COHORT]) is not None:
            was = cohorts.get(cohort, _NOTHING)
            cohorts[cohort] = _Head(was.seq + 1, chain.link(was.hash, hash_))
            of_cohort = (cohort, was.seq + 1, was.hash, cohorts[cohort].hash)
        yield (head.seq, entry[_ENTRY], hash_, before.hash, head.hash, *of_cohort, now)
