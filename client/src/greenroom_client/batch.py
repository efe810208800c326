"""A file of prompts in, clips out; broken off, it goes on where it stopped.

One thread asks, looks and fetches in turn, so a Ctrl-C finds the state between two whole steps. A
row's ``Idempotency-Key`` says file name, row number and content: what was asked for and not yet
written down is found again, not made again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from openai import OpenAI
from openai.types import Video

from greenroom_client import pace, videos
from greenroom_client.batch_file import Made, Row, State
from greenroom_client.problems import Exit, Problem
from greenroom_client.words import say

# Where the site does not say how long.
RETRY_SECONDS = 10.0
# So many times in a row it may be away: a restart is no reason to give up.
MOST_MISSES = 12
_WAIT = frozenset({"too_many_waiting", "key_rate_limited", "too_many_requests"})
_ENDS = frozenset({Exit.NOT_SIGNED_IN, Exit.UNREACHABLE})
_OVER = frozenset({"completed", "failed", "refused", "gone"})


class Batch:
    """``tell`` gets a row and what became of it, whenever that changes."""

    def __init__(
        self,
        client: OpenAI,
        rows: list[Row],
        state: State,
        *,
        out: Path,
        parallel: int,
        tell: Callable[[Row, Made], None],
    ) -> None:
        # Waiting is done here, where other rows go on meanwhile.
        self.client = client.with_options(max_retries=0)
        self.rows = rows
        self.state = state
        self.out = out
        self.parallel = parallel
        self.tell = tell
        # Why nothing more is asked for: a budget is spent, say.
        self.stopped: Problem | None = None
        self._misses = 0

    def run(self) -> None:
        """Until every row is over, or nothing more may be asked for.

        Raises:
            Problem: the key is refused, or the site cannot be reached.
        """
        for row in self.rows:
            made = self.state.of(row)
            if made.status == "refused":
                # What was refused may be allowed by now.
                made.status, made.note = "", ""
            elif made.status == "completed" and not self._has_all(made):
                # Approved since, or a file was removed: looked at once more.
                made.status = "in_progress"
        while True:
            running = [row for row in self.rows if self._is_running(self.state.of(row))]
            pause = self._ask(running)
            if not running:
                if self.stopped is not None or not self._next():
                    return
                pace.wait(pause or RETRY_SECONDS)
                continue
            if (seconds := self._look_at(running)) > 0:
                pace.wait(seconds)

    def counts(self) -> dict[str, int]:
        """How many rows are made, failed and not asked for yet."""
        told = [self.state.of(row) for row in self.rows]
        made = sum(one.status == "completed" and bool(one.preview) for one in told)
        waiting = sum(one.status not in _OVER for one in told)
        return {"made": made, "failed": len(told) - made - waiting, "waiting": waiting}

    def _is_running(self, made: Made) -> bool:
        return bool(made.video_id) and made.status not in _OVER

    def _has_all(self, made: Made) -> bool:
        return all(name and (self.out / name).exists() for name in (made.preview, made.master))

    def _next(self) -> Row | None:
        return next((row for row in self.rows if not self.state.of(row).status), None)

    def _ask(self, running: list[Row]) -> float | None:
        """Ask for rows until enough are running; the seconds to wait where the site says so."""
        while len(running) < self.parallel and self.stopped is None:
            row = self._next()
            if row is None:
                return None
            made = self.state.of(row)
            wish: dict[str, Any] = dict(row.wish)
            try:
                video = videos.create(self.client, idempotency_key=row.key, **wish)
            except Problem as problem:
                wait = self._wait_for(problem)
                if wait is not None:
                    return wait
                if problem.exit == Exit.LIMIT:
                    self.stopped = problem
                elif problem.exit in _ENDS:
                    raise
                else:
                    made.status, made.note = "refused", problem.message
                    self._changed(row, made)
                continue
            self._misses = 0
            self._note(row, made, video)
            running.append(row)
        return None

    def _look_at(self, running: list[Row]) -> float:
        """Seconds until the next round; 0 when one has ended and another can be asked for."""
        waits = []
        for row in running:
            misses = self._misses
            waits.append(self._look(row, self.state.of(row)))
            if self._misses > misses:
                # The site is away, so it is for the others.
                return waits[-1]
        return 0 if 0 in waits else min(waits)

    def _look(self, row: Row, made: Made) -> float:
        """Seconds until the next look; 0 when there is none."""
        try:
            video, seconds = videos.look(self.client, made.video_id)
            if video.status == "completed":
                self._fetch(row, made, video)
        except Problem as problem:
            wait = self._wait_for(problem)
            if wait is not None:
                return wait
            if problem.exit != Exit.NOT_FOUND:
                raise
            made.status, made.note = "gone", say("It was deleted.")
            self._changed(row, made)
            return 0
        self._misses = 0
        self._note(row, made, video)
        return seconds if videos.is_live(video) else 0

    def _wait_for(self, problem: Problem) -> float | None:
        """Seconds after which to try the same again; None when that does not help."""
        if problem.exit == Exit.UNREACHABLE and self._misses < MOST_MISSES:
            self._misses += 1
        elif problem.code not in _WAIT and not (problem.exit == Exit.LIMIT and problem.retry_after):
            return None
        return problem.retry_after or RETRY_SECONDS

    def _note(self, row: Row, made: Made, video: Video) -> None:
        made.video_id, made.status = video.id, video.status
        made.seed = (video.model_extra or {}).get("seed")
        if video.error is not None:
            made.note = video.error.message or video.error.code
        self._changed(row, made)

    def _fetch(self, row: Row, made: Made, video: Video) -> None:
        made.note = ""
        self._save(row, made, "preview")
        if videos.inner(video, "review").get("state") == "approved":
            self._save(row, made, "master")
        else:
            review = videos.inner(video, "review")
            made.note = made.note or str(review.get("note") or review.get("state") or "")

    def _save(self, row: Row, made: Made, what: Literal["preview", "master"]) -> None:
        name = f"{row.stem}{'.preview' if what == 'preview' else ''}.mp4"
        if not (self.out / name).exists():
            variant: videos.Variant = "video" if what == "master" else "preview"
            try:
                videos.download(self.client, made.video_id, variant, self.out / name)
            except Problem as problem:
                if problem.exit in _ENDS:
                    raise
                made.note = problem.message
                return
        setattr(made, what, name)

    def _changed(self, row: Row, made: Made) -> None:
        self.state.save()
        self.tell(row, made)
