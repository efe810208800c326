"""The results of a prompt sheet as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from generation.models import PromptSheetRow
from portal.tables import harmless

HEADER = ("row", "prompt", "title", "status", "video", "seed", "error")


def results_csv(rows: Iterable[PromptSheetRow]) -> str:
    """*rows* with their clips, one line each, after RFC 4180."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows:
        clip = row.clip
        writer.writerow(
            map(
                harmless,
                (
                    str(row.number),
                    row.prompt,
                    row.title,
                    row.standing,
                    f"video_{clip.pk.hex}" if clip is not None else "",
                    str(clip.seed) if clip is not None else "",
                    row.error_text,
                ),
            )
        )
    return out.getvalue()
