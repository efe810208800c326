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
