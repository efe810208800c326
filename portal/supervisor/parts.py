"""What the supervisor starts: parts that stay, and steps that end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.embedded.process import Program


def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A program that runs as long as Greenroom does.

    Attributes:
        title: its name in the lines shown.
        program: how to start it.
        ready: the words to show once it is ready, or None while it is not.
        before: what to do before each start.
        patience: seconds it may take to become ready.
        hint: what to look at when it cannot start.
        is_server: the others need it, so it ends last.
    """

    title: str
    program: Program
    ready: Callable[[], str | None]
    before: Callable[[], None] = _nothing
    patience: float = 60
    hint: str = ""
    is_server: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """A program that must end well before the next thing starts.

    Attributes:
        title: its name in the lines shown, or "" to show none.
        program: how to start it.
        detail: the words to show when it has ended, made from its output.
        after: what to do once it has ended well.
        hint: what to look at when it fails.
    """

    title: str
    program: Program
    detail: Callable[[str], str]
    after: Callable[[], None] = _nothing
    hint: str = ""
