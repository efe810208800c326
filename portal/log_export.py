"""Entries of the log as files, a line at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from portal.models import AuditEntry
from portal.tables import harmless

CSV, JSONL = "csv", "jsonl"
HEADER = (
    *("id", "at", "request_id", "network", "key_hint", "actor", "action", "target_type"),
    *("target_id", "cohort", "before", "after", "reason", "sha256", "seal", "head"),
    *("cohort_seal", "cohort_head"),
)


def download(entries: Iterable[AuditEntry], *, kind: str, name: str) -> StreamingHttpResponse:
    """*entries* as a file of *kind*, written while it is sent."""
    write: Callable[[Iterable[AuditEntry]], Iterator[str]] = (
        _csv_lines if kind == CSV else _json_lines
    )
    content_type = "text/csv" if kind == CSV else "application/jsonl"
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    return StreamingHttpResponse(
        write(entries),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _row(entry: AuditEntry) -> dict[str, Any]:
    """An entry by ``HEADER``; seal and hashes are None before it is sealed."""
    seal = getattr(entry, "seal", None)
    return {
        "id": entry.pk,
        "at": entry.at.isoformat(),
        "request_id": entry.request_id,
        "network": str(entry.network) if entry.network is not None else "",
        "key_hint": entry.key_hint,
        "actor": entry.actor_label,
        "action": entry.action,
        "target_type": entry.target_type,
        "target_id": entry.target_id,
        "cohort": entry.cohort.name if entry.cohort is not None else "",
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "sha256": bytes(seal.entry_hash).hex() if seal else None,
        "seal": seal.seq if seal else None,
        "head": bytes(seal.head).hex() if seal else None,
        "cohort_seal": seal.cohort_seq if seal else None,
        "cohort_head": bytes(seal.cohort_head).hex() if seal and seal.cohort_head else None,
    }


class _Echo:
    """A file that gives back what is written, so that lines can be streamed."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(HEADER)
    for entry in entries:
        yield writer.writerow([_cell(value) for value in _row(entry).values()])


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return harmless(str(value))


def _json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(_row(entry), ensure_ascii=False) + "\n"
