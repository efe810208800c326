from __future__ import annotations

import logging

from portal import keys
from portal.requests import request_id


class RequestIdFilter(logging.Filter):
    """Adds the current request's id to every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        return True


class Line(logging.Formatter):
    """Lines without access keys, whatever was logged: message, arguments or traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return keys.redact(super().format(record))


class Redacted(logging.Formatter):
    """Another program's formatter, with access keys taken out of what it writes."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return keys.redact(self._inner.format(record))


def keep_keys_out(logger: logging.Logger) -> None:
    """Redact what the handlers of *logger* write: gunicorn and Celery set up their own."""
    for handler in logger.handlers:
        if not isinstance(handler.formatter, Redacted | Line):
            handler.setFormatter(Redacted(handler.formatter or logging.Formatter()))
