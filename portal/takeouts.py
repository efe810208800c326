"""What goes into a takeout: a file with everything that is a person's, part by part.

Each app adds its parts at start-up (``add_part``) and says which entries of the audit log are about
somebody's things (``add_own``). A part is asked once for each takeout and writes into a
:class:`Bag`, which hands every byte on as it comes: nothing is held whole in memory.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone, translation

from portal.tables import harmless

if TYPE_CHECKING:
    from portal.models import User

BLOCK = 256 * 1024
SUMS = "SHA256SUMS"
# Packed already: trying again costs time and saves nothing.
_PACKED = (".mp4", ".jpg", ".png", ".webp")


class Bag:
    """A ZIP64 file that is being written.

    Args:
        file: where the bytes go; it need not seek.
        at: the moment that every entry bears.
        beat: called with every block; an exception of it ends the writing.
    """

    def __init__(self, file: IO[bytes], *, at: datetime, beat: Callable[[], None]) -> None:
        self._zip = zipfile.ZipFile(file, "w")
        self._at = timezone.localtime(at).timetuple()[:6]
        self._beat = beat
        self._sums: list[str] = []

    def text(self, name: str, text: str) -> None:
        self._write(name, [text.encode()])

    def json(self, name: str, value: Any) -> None:
        """*value* as Django's JSON: moments in ISO 8601, decimals as text."""
        encoder = DjangoJSONEncoder(ensure_ascii=False, indent=2)
        self._write(name, (piece.encode() for piece in encoder.iterencode(value)))

    def csv(self, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table after RFC 4180; no cell is one that a spreadsheet would calculate."""
        self._write(name, _lines(header, rows))

    def file(self, name: str, handle: IO[bytes]) -> None:
        """The rest of *handle*, which the caller closes."""
        self._write(name, iter(lambda: handle.read(BLOCK), b""))

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """End it with the digest of every file, as ``sha256sum --check`` reads them."""
        try:
            if kind is None:
                self._write(SUMS, [line.encode() for line in list(self._sums)])
        finally:
            self._zip.close()

    def _write(self, name: str, blocks: Iterable[bytes]) -> None:
        entry = zipfile.ZipInfo(name, date_time=self._at)
        entry.external_attr = 0o600 << 16
        packed = name.endswith(_PACKED)
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        digest = hashlib.sha256()
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for block in blocks:
                self._beat()
                digest.update(block)
                target.write(block)
        self._sums.append(f"{digest.hexdigest()}  {name}\n")


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(map(_cell, row))
        if out.tell() > BLOCK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _cell(value: object) -> object:
    """Numbers as they are, signs included; of everything else a text that is safe to open."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return harmless(str(value))


@dataclass(frozen=True, kw_only=True)
class Part:
    """One folder or file of a takeout.

    Attributes:
        key: machine name; shown nowhere.
        name: what it is called in the file: ``"clips/"`` or ``"profile.json"``.
        label: translatable; what is being written, for the page.
        about: translatable; what it is, for the README.
        write: writes it for one person.
        order: smaller comes first.
    """

    key: str
    name: str
    label: Any
    about: Any
    write: Callable[[User, Bag], None]
    order: int


# Of one person: the primary keys of those of a model's rows that are theirs.
Own = Callable[["User"], QuerySet[Any]]

_parts: list[Part] = []
_own: dict[str, Own] = {}


def add_part(part: Part) -> None:
    _parts.append(part)
    _parts.sort(key=lambda known: known.order)


def parts() -> tuple[Part, ...]:
    return tuple(_parts)


def label_of(key: str) -> str:
    """The label of the part *key*, or "" for one that there is no more."""
    return next((str(part.label) for part in _parts if part.key == key), "")


def add_own(target_type: str, function: Own) -> None:
    """Entries about *target_type* (``"generation.clip"``) belong to whoever *function* says."""
    _own[target_type] = function


def own() -> dict[str, Own]:
    return dict(_own)


def readme(language: str, words: Sequence[Any]) -> str:
    """What each folder is, in *language*; *words* are translatable paragraphs to begin with."""
    with translation.override(language):
        lines = [f"{word}\n" for word in words]
        lines += [f"{part.name}\n    {part.about}\n" for part in _parts]
        return "\n".join(lines)
