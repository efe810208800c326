"""LoRA adapters of an entry: whose they are, how strongly they may be worn. Free of torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from generation.catalogue.reading import Table

if TYPE_CHECKING:
    from portal.models import Cohort, User

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
SHA256 = re.compile(r"[0-9a-f]{64}")
EVERYBODY = "*"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A default and the range an artist may choose from, both ends included."""

    default: Decimal
    least: Decimal
    most: Decimal

    def holds(self, value: Decimal | int) -> bool:
        return self.least <= value <= self.most


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One LoRA adapter for the model of its entry.

    Attributes:
        file: safetensors, ``sha256`` (hex) of its bytes.
        weight: how strongly it is applied.
        cohorts, artists: slugs and e-mail addresses of those who may use it; ``*`` among the
            cohorts means everybody who may use the model.
        licence: a note for people: on what terms it is used.
    """

    key: str
    title: str
    file: Path
    sha256: str
    weight: Bounds
    cohorts: frozenset[str]
    artists: frozenset[str]
    licence: str

    def is_for(self, artist: User, cohort: Cohort) -> bool:
        return bool(
            self.cohorts & {cohort.slug, EVERYBODY} or artist.email.casefold() in self.artists
        )


def read_bounds(table: Table, key: str, least: str, most: str) -> Bounds:
    """Raises:
    CatalogueInvalid: naming file and field.
    """
    inner = table.table(key)
    bounds = Bounds(
        default=inner.number("default", least=least, most=most),
        least=inner.number("min", least=least, most=most),
        most=inner.number("max", least=least, most=most),
    )
    inner.done()
    if not bounds.least <= bounds.default <= bounds.most:
        table.refuse(key, "its default must lie between min and max")
    return bounds


def read_adapters(table: Table) -> tuple[Adapter, ...]:
    """Raises:
    CatalogueInvalid: naming file and field.
    """
    found: list[Adapter] = []
    for inner in table.tables("adapters"):
        adapter = _read(inner)
        if adapter.key in {known.key for known in found}:
            inner.refuse("key", f"{adapter.key!r} is there twice")
        found.append(adapter)
    return tuple(found)


def _read(table: Table) -> Adapter:
    key = table.text("key")
    if not KEY.fullmatch(key):
        table.refuse("key", "may hold a–z, 0–9 and hyphens")
    file = table.text("file")
    if not file.endswith(".safetensors"):
        # Other formats run code of whoever made the file.
        table.refuse("file", "must be a .safetensors file")
    sha256 = table.text("sha256")
    if not SHA256.fullmatch(sha256):
        table.refuse("sha256", "must be 64 hex digits")
    cohorts: Sequence[str] = table.texts("cohorts", ())
    artists: Sequence[str] = table.texts("artists", ())
    if not cohorts and not artists:
        table.refuse("cohorts", f'is missing, and so is artists; "{EVERYBODY}" means everybody')
    adapter = Adapter(
        key=key,
        title=table.text("title"),
        file=settings.BASE_DIR / file,
        sha256=sha256,
        # Beyond two an adapter drowns the model.
        weight=read_bounds(table, "weight", "-2", "2"),
        cohorts=frozenset(cohorts),
        artists=frozenset(address.casefold() for address in artists),
        licence=table.text("licence"),
    )
    table.done()
    return adapter
