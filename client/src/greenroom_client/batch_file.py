"""A batch on disk: its prompts, what became of each, and the table of results."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from greenroom_client.problems import Exit, Problem
from greenroom_client.words import say

COLUMNS = ("prompt", "model", "seconds", "size", "seed", "title")
RESULTS = ("row", "prompt", "id", "status", "seed", "preview", "master", "note")
MOST_ROWS = 10_000
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One clip that is wanted. ``number`` is its line's place in the file, 1 for the first."""

    number: int
    wish: dict[str, str]
    key: str

    @property
    def stem(self) -> str:
        words = _NOT_IN_NAMES.sub("-", self.wish.get("title") or self.wish["prompt"]).strip("-")
        return f"{self.number:04}-{words[:40].strip('-').lower() or 'clip'}"


@dataclass(kw_only=True)
class Made:
    """What became of a row: ``status`` is the video's, "refused" or "" before it was asked for."""

    video_id: str = ""
    status: str = ""
    seed: int | None = None
    preview: str = ""
    master: str = ""
    note: str = ""


def read(path: Path) -> list[Row]:
    """The rows of a CSV file with a header line.

    Raises:
        Problem: naming the line that does not fit, before anything is asked for.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(
            say("{path} is not in UTF-8. Save it as UTF-8.", path=path), Exit.REFUSED
        ) from error
    except OSError as error:
        told = say("{path} cannot be read: {why}.", path=path, why=error.strerror)
        raise Problem(told, Exit.REFUSED) from error
    try:
        lines = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        head = [name.strip().lower() for name in lines.fieldnames or []]
        lines.fieldnames = head
        if "prompt" not in head:
            raise Problem(say("{path} has no column “prompt”.", path=path), Exit.REFUSED)
        if unknown := sorted(set(head) - set(COLUMNS)):
            told = say(
                "{path} has a column “{unknown}”. Known are: {known}.",
                path=path,
                unknown=unknown[0],
                known=", ".join(COLUMNS),
            )
            raise Problem(told, Exit.REFUSED)
        rows = []
        for number, line in enumerate(lines, start=1):
            if None in line:
                told = say(
                    "{path}, line {line}: more values than columns. "
                    "Put a prompt with commas in quotes.",
                    path=path,
                    line=lines.line_num,
                )
                raise Problem(told, Exit.REFUSED)
            wish = {name: (line[name] or "").strip() for name in head}
            rows.append(_row(path, number, lines.line_num, wish))
    except csv.Error as error:
        raise Problem(
            say("{path} is no table: {why}.", path=path, why=error), Exit.REFUSED
        ) from error
    if not rows:
        raise Problem(say("{path} holds no prompt.", path=path), Exit.REFUSED)
    if len(rows) > MOST_ROWS:
        told = say(
            "{path} has {count} rows; at most {most}.", path=path, count=len(rows), most=MOST_ROWS
        )
        raise Problem(told, Exit.REFUSED)
    return rows


def _row(path: Path, number: int, line: int, wish: dict[str, str]) -> Row:
    if not wish["prompt"]:
        raise Problem(
            say("{path}, line {line}: there is no prompt.", path=path, line=line), Exit.REFUSED
        )
    if (seed := wish.get("seed", "")) and not re.fullmatch(r"-?\d{1,20}", seed):
        told = say(
            "{path}, line {line}: the seed “{seed}” is no whole number.",
            path=path,
            line=line,
            seed=seed,
        )
        raise Problem(told, Exit.REFUSED)
    said = {name: value for name, value in wish.items() if value}
    told = json.dumps([path.name, number, said], ensure_ascii=False, sort_keys=True)
    return Row(number=number, wish=said, key=hashlib.sha256(told.encode()).hexdigest())


@dataclass
class State:
    """What is known of each row by its key, kept in a file that is whole at every moment."""

    path: Path
    base_url: str
    made: dict[str, Made] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, base_url: str) -> State:
        """Raises:
        Problem: it is of another Greenroom, or cannot be read.
        """
        try:
            known = json.loads(path.read_text("utf-8"))
            if known["base_url"] != base_url:
                told = say(
                    "{path} is of the batch at {address}. Name another --out.",
                    path=path,
                    address=known["base_url"],
                )
                raise Problem(told, Exit.REFUSED)
            return cls(path, base_url, {key: Made(**row) for key, row in known["rows"].items()})
        except FileNotFoundError:
            return cls(path, base_url)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            told = say("{path} cannot be read. Name another --out.", path=path)
            raise Problem(told, Exit.REFUSED) from error

    def of(self, row: Row) -> Made:
        return self.made.setdefault(row.key, Made())

    def save(self) -> None:
        rows = {key: asdict(made) for key, made in self.made.items()}
        _replace(self.path, json.dumps({"base_url": self.base_url, "rows": rows}, indent=1))


def write_results(path: Path, rows: list[Row], state: State) -> None:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(RESULTS)
    for row in rows:
        made = state.of(row)
        seed = "" if made.seed is None else made.seed
        told = [row.wish["prompt"], made.video_id, made.status, seed]
        files = [made.preview, made.master, made.note]
        table.writerow([row.number, *told, *files])
    _replace(path, out.getvalue())


def _replace(path: Path, text: str) -> None:
    """Write all or nothing, whenever the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
