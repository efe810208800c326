"""Reading a TOML table with errors that name the file and the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from generation.errors import CatalogueInvalid

_MISSING: Any = object()


class Table:
    """One table of a catalogue file; every value is taken once, what is left over is an error."""

    def __init__(self, values: Mapping[str, Any], path: Path, name: str = "") -> None:
        self.path = path
        self.name = name
        self._left = dict(values)

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raises:
        CatalogueInvalid: always, naming file, field and *problem*.
        """
        where = f"{self.name}.{key}" if self.name else key
        raise CatalogueInvalid(f"{self.path}: {where}: {problem}")

    def _take(self, key: str, kinds: tuple[type, ...], what: str, default: Any) -> Any:
        value = self._left.pop(key, _MISSING)
        if value is _MISSING:
            if default is _MISSING:
                self.refuse(key, f"is missing; say {what}")
            return default
        # bool is an int in Python, but `steps = true` is a slip of the pen.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.refuse(key, f"is {value!r}; say {what}")
        return value

    def has(self, key: str) -> bool:
        return key in self._left

    def table(self, key: str, *, required: bool = True) -> Table:
        value = self._take(key, (dict,), "a table", _MISSING if required else {})
        return Table(value, self.path, f"{self.name}.{key}" if self.name else key)

    def tables(self, key: str) -> list[Table]:
        """The tables of ``[[key]]``, none when there is no such field."""
        values = self._take(key, (list,), f"[[{key}]] tables", [])
        if not all(isinstance(value, dict) for value in values):
            self.refuse(key, f"is {values!r}; say [[{key}]] tables")
        return [Table(value, self.path, f"{key}[{at}]") for at, value in enumerate(values, 1)]

    def text(self, key: str, default: str = _MISSING) -> str:
        value: str = self._take(key, (str,), "a text", default)
        if default is _MISSING and not value.strip():
            self.refuse(key, "is empty")
        return value

    def one_of(self, key: str, allowed: Sequence[str], default: str = _MISSING) -> str:
        value = self.text(key, default)
        if value not in allowed:
            self.refuse(key, f"is {value!r}; say one of {', '.join(allowed)}")
        return value

    def flag(self, key: str, default: bool = _MISSING) -> bool:
        value: bool = self._take(key, (bool,), "true or false", default)
        return value

    def integer(self, key: str, *, least: int, most: int, default: int = _MISSING) -> int:
        value: int = self._take(key, (int,), "a whole number", default)
        if not least <= value <= most:
            self.refuse(key, f"is {value}; say {least} to {most}")
        return value

    def number(self, key: str, *, least: str, most: str, default: str = _MISSING) -> Decimal:
        value = Decimal(str(self._take(key, (int, float), "a number", default)))
        if not Decimal(least) <= value <= Decimal(most):
            self.refuse(key, f"is {value}; say {least} to {most}")
        return value

    def texts(self, key: str, default: Sequence[str] = _MISSING) -> tuple[str, ...]:
        values = self._take(key, (list, tuple), "a list of texts", default)
        if not all(isinstance(value, str) and value for value in values):
            self.refuse(key, f"is {values!r}; say a list of texts")
        return tuple(values)

    def integers(self, key: str) -> tuple[int, ...]:
        values = self._take(key, (list,), "a list of whole numbers", _MISSING)
        if not values or not all(type(value) is int for value in values):
            self.refuse(key, f"is {values!r}; say a list of whole numbers")
        return tuple(values)

    def done(self) -> None:
        """Raises:
        CatalogueInvalid: for a field nobody asked for, which is most often a misspelt one.
        """
        for key in self._left:
            self.refuse(key, "is not a field of a catalogue entry")
