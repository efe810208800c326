"""Byte ranges (RFC 9110, section 14) and streaming of a part of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BufferedReader

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_BLOCK = 256 * 1024


class Unsatisfiable(Exception):
    """No byte of the file lies in the range asked for."""


def parse(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None when the header is to be ignored.

    Several ranges at once, other units and malformed headers are ignored, as the RFC allows:
    the whole file is sent.

    Args:
        size: of the file, in bytes.

    Raises:
        Unsatisfiable
    """
    match = _ONE_RANGE.fullmatch(header.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first_text, last_text = match.groups()
    if not first_text:
        length = int(last_text)
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size - 1
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if last_text and int(last_text) < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return first, last


class Part:
    """Bytes *first* to *last* of an open file, block by block; closes the file at the end."""

    def __init__(self, handle: BufferedReader, first: int, last: int) -> None:
        self._handle = handle
        self._left = last - first + 1
        handle.seek(first)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self._handle.read(min(_BLOCK, self._left)) if self._left > 0 else b""
        if not block:
            self.close()
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._handle.close()
