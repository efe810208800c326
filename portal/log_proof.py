"""Proving the audit log: every hash and every link of its chains computed again from the rows.

The database refuses to change them already. The proof asks the rows alone, so that nobody need
trust the triggers, nor whoever could switch them off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from portal import chain
from portal.moment import one_moment

# An entry is written in a transaction that takes seconds; one that says it is much older than the
# one sealed before it was put there afterwards.
_BACKDATED = timedelta(hours=1)
_AT_ONCE = 2_000

_SEALS = f"""
    SELECT seal.seq, seal.entry_id, seal.entry_hash, seal.previous, seal.head, seal.cohort_id,
        seal.cohort_seq, seal.cohort_previous, seal.cohort_head, {chain.COLUMNS}
    FROM portal_auditseal seal LEFT JOIN portal_auditentry entry ON entry.id = seal.entry_id
    WHERE seal.seq >= %(since)s AND (%(cohort)s::bigint IS NULL OR seal.cohort_id = %(cohort)s)
    ORDER BY seal.seq
"""  # noqa: S608
_BEFORE = """
    SELECT seal.seq, seal.head, entry.at
    FROM portal_auditseal seal LEFT JOIN portal_auditentry entry ON entry.id = seal.entry_id
    WHERE seal.seq = %(since)s - 1
"""
_BEFORE_OF_COHORTS = """
    SELECT DISTINCT ON (cohort_id) cohort_id, cohort_seq, cohort_head FROM portal_auditseal
    WHERE seq < %(since)s AND cohort_id IS NOT NULL
      AND (%(cohort)s::bigint IS NULL OR cohort_id = %(cohort)s)
    ORDER BY cohort_id, cohort_seq DESC
"""
_UNSEALED = """
    SELECT entry.id, entry.at < statement_timestamp() - interval '1 minute' AND (
        entry.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        OR entry.xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    )
    FROM portal_auditentry entry
    WHERE NOT EXISTS (SELECT FROM portal_auditseal seal WHERE seal.entry_id = entry.id)
      AND (%(cohort)s::bigint IS NULL OR entry.cohort_id = %(cohort)s)
    ORDER BY entry.id
"""
_AT = chain.FIELDS.index("at")
_COHORT = chain.FIELDS.index("cohort")


class Fault(NamedTuple):
    """The first thing that is wrong: at which seal and entry (None where there is none)."""

    seq: int | None
    entry: int | None
    words: str

    def __str__(self) -> str:
        where = [f"seal {self.seq}"] if self.seq is not None else []
        where += [f"entry {self.entry}"] if self.entry is not None else []
        return f"{', '.join(where) or 'the log'}: {self.words}"


@dataclass(kw_only=True)
class Proof:
    """What was found.

    Attributes:
        sealed: how many entries were computed again.
        waiting: how many wait for their seal.
        seq: of the last seal looked at, 0 without any.
        head: the last hash, of the cohort's chain where one was asked for.
        cohorts: how many cohorts' chains were followed.
        fault: the first thing that is wrong, or None.
        heads_seen: those of the wanted heads that the chain has passed.
    """

    sealed: int = 0
    waiting: int = 0
    seq: int = 0
    head: bytes = chain.START
    cohorts: int = 0
    fault: Fault | None = None
    heads_seen: set[bytes] = field(default_factory=set)


@dataclass
class _Link:
    """How far a chain has come."""

    seq: int = 0
    head: bytes = chain.START


def prove(
    *, cohort_id: int | None = None, since: int = 1, heads: frozenset[bytes] = frozenset()
) -> Proof:
    """Compute everything again, from the seal *since* on; stops at the first thing that is wrong.

    Args:
        cohort_id: only the entries of this cohort and its chain.
        since: the seal to begin with; what the one before it says is taken as true.
        heads: hashes to look out for, those of the cohort where one is given.

    Rows are read a few thousand at a time, all as of one moment.
    """
    proof = Proof()
    with one_moment():
        proof.fault = _follow(proof, cohort_id, since, heads) or _unsealed(proof, cohort_id)
    return proof


def _follow(
    proof: Proof, cohort_id: int | None, since: int, heads: frozenset[bytes]
) -> Fault | None:
    values = {"since": since, "cohort": cohort_id}
    whole, at = _Link(), None
    cohorts: dict[int, _Link] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, values)
        if (row := cursor.fetchone()) is not None:
            whole, at = _Link(row[0], bytes(row[1])), row[2]
        elif since > 1:
            return Fault(since - 1, None, "this seal is missing, and the next one builds on it")
        if since > 1:
            cursor.execute(_BEFORE_OF_COHORTS, values)
            cohorts = {id_: _Link(seq, bytes(head)) for id_, seq, head in cursor.fetchall()}
    followed: set[int] = set()
    for row in _rows(values):
        seq, id_, hash_, previous, head, cohort, *of_cohort = row[:9]
        entry = row[9:]
        fault = _of_entry(id_, bytes(hash_), cohort, entry, at)
        if fault is None and cohort_id is None:
            fault = _of_link(whole, seq, bytes(previous), bytes(head), bytes(hash_), "the chain")
        if fault is None and cohort is not None:
            followed.add(cohort)
            fault = _of_link(
                cohorts.setdefault(cohort, _Link()),
                of_cohort[0],
                bytes(of_cohort[1]),
                bytes(of_cohort[2]),
                bytes(hash_),
                f"the chain of cohort {cohort}",
            )
        if fault is not None:
            return Fault(seq, id_, fault)
        at = entry[_AT]
        shown = bytes(of_cohort[2] if cohort_id is not None else head)
        proof.sealed, proof.seq, proof.head = proof.sealed + 1, seq, shown
        proof.cohorts = len(followed)
        if shown in heads:
            proof.heads_seen.add(shown)
    return None


def _rows(values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SEALS, values)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows


def _of_entry(
    id_: int,
    sealed: bytes,
    cohort: int | None,
    entry: tuple[Any, ...],
    before: datetime | None,
) -> str | None:
    at = entry[_AT]
    if at is None:
        return f"it was sealed as {sealed.hex()} and is gone"
    try:
        found = chain.entry_hash(entry)
    except ValueError as error:
        return f"it cannot be read: {error}"
    if found != sealed:
        return f"expected the hash {sealed.hex()}, and what stands there gives {found.hex()}"
    if entry[_COHORT] != cohort:
        return f"it is of cohort {entry[_COHORT]}, and its seal says {cohort}"
    if before is not None and at < before - _BACKDATED:
        return f"it says {at:%Y-%m-%d %H:%M} and was sealed after one of {before:%Y-%m-%d %H:%M}"
    return None


def _of_link(
    link: _Link, seq: int, previous: bytes, head: bytes, hash_: bytes, name: str
) -> str | None:
    if seq != link.seq + 1:
        return f"expected number {link.seq + 1} of {name}, and {seq} stands there"
    if previous != link.head:
        return f"expected {link.head.hex()} before it in {name}, and {previous.hex()} stands there"
    expected = chain.link(previous, hash_)
    if head != expected:
        return f"expected {expected.hex()} after it in {name}, and {head.hex()} stands there"
    link.seq, link.head = seq, head
    return None


def _unsealed(proof: Proof, cohort_id: int | None) -> Fault | None:
    fault = None
    with connection.chunked_cursor() as cursor:
        cursor.execute(_UNSEALED, {"cohort": cohort_id})
        while rows := cursor.fetchmany(_AT_ONCE):
            for id_, is_late in rows:
                proof.waiting += 1
                if is_late and fault is None:
                    fault = Fault(None, id_, "expected a seal within a minute, and there is none")
    return fault
