"""What higher apps add to the page of one clip in the studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from portal.registry import Panel

ClipPanel = Callable[[HttpRequest, Any], Panel | None]

_panels: list[ClipPanel] = []


def add_clip_panel(function: ClipPanel) -> None:
    _panels.append(function)


def clip_panels(request: HttpRequest, clip: Any) -> list[Panel]:
    """Panels for *clip* (a ``generation.models.Clip``), in the order they were added."""
    panels = (function(request, clip) for function in _panels)
    return [panel for panel in panels if panel is not None]
