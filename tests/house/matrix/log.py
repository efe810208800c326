"""Addresses of the log."""

from __future__ import annotations

from tests.house.matrix import Row, only, signed_in

ROWS = [
    Row(name="audit_log", expect=only("admin", gets=200)),
    Row(name="audit_export", expect=only("admin", gets=200)),
    Row(name="audit_export_lines", expect=only("admin", gets=200)),
    Row(name="my_log", expect=signed_in(200)),
    Row(name="my_log_export", expect=signed_in(200)),
    Row(name="my_log_export_lines", expect=signed_in(200)),
]
