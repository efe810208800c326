"""What the person sees. Data goes to the standard output, everything else beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import click
from openai.types import Video
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from greenroom_client.videos import inner
from greenroom_client.words import mark, say

# A terminal's own controls in somebody's prompt would be obeyed.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)))


class Watcher(Protocol):
    def __call__(self, video: Video) -> None: ...


def notes() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False)


def note(text: str) -> None:
    notes().print(clean(text), markup=False)


def clean(text: object) -> str:
    return str(text).translate(_CONTROLS)


def standing(video: Video) -> str:
    """Where *video* stands, in words."""
    if video.error is not None:
        return video.error.message or video.error.code
    if video.status == "queued":
        queue = inner(video, "queue")
        before = queue.get("position")
        why = str(queue.get("why") or "")
        return f"{_place(before)}: {why}" if why else _place(before)
    if video.status == "in_progress":
        return say("rendering")
    state = str(inner(video, "review").get("state") or "")
    return say(_REVIEWS.get(state, mark("ready")))


def row_status(status: str) -> str:
    """What became of a row of a batch, in words."""
    return say(_ROWS.get(status, mark("waiting")))


def _place(before: int | None) -> str:
    if before is None:
        return say("waiting")
    return say("{count} before it", count=before) if before else say("next")


_REVIEWS = {
    "unsubmitted": mark("ready; not submitted for release"),
    "waiting": mark("ready; awaiting review"),
    "approved": mark("approved"),
    "changes": mark("changes asked for"),
    "declined": mark("declined"),
    "withdrawn": mark("ready; taken back from review"),
    "revoked": mark("approval withdrawn"),
}
_ROWS = {
    "in_progress": mark("rendering"),
    "completed": mark("ready"),
    "failed": mark("failed"),
    "refused": mark("not accepted"),
    "gone": mark("gone"),
}


def when(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


@contextmanager
def watching(total: int = 100) -> Iterator[Watcher]:
    """A bar that is told of a video again and again; without a terminal, a line per change."""
    console = notes()
    if not console.is_terminal:
        told = ""

        def tell(video: Video) -> None:
            nonlocal told
            line = f"{video.id}  {video.progress}%  {standing(video)}"
            if line != told:
                told = line
                note(line)

        yield tell
        return
    with Progress(
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
    ) as bar:
        task: TaskID = bar.add_task("", total=total)

        def move(video: Video) -> None:
            said = escape(clean(standing(video)))
            bar.update(task, completed=video.progress, description=said)

        yield move


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns on the standard output; tabs between them where that is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join(clean(cell) for cell in row))
        return
    made = Table(*head, box=None, pad_edge=False)
    for row in rows:
        made.add_row(*(escape(clean(cell)) for cell in row))
    console.print(made)


def videos(found: Sequence[Video]) -> None:
    table(
        (say("ID"), say("Asked"), say("Model"), say("Where it stands"), say("Prompt")),
        [
            (video.id, when(video.created_at), video.model, standing(video), video.prompt or "")
            for video in found
        ],
    )
