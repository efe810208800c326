"""The id of the request being served, for log lines and audit entries."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("greenroom_request_id", default="")
