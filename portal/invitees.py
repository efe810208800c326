"""A table of people to invite, read without trusting it: bytes in, rows or a named refusal out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from portal import keys, tables
from portal.errors import KeyInText
from portal.invitation_errors import BatchTooLarge, BatchTooLong, EmailColumnMissing
from portal.table_errors import ColumnMissing, TableTooLong

MOST_BYTES = 1024 * 1024
MOST_ROWS = 2_000
NAME_MAX, NOTE_MAX, EMAIL_MAX = 120, 2_000, 254

# What spreadsheets of English and French speakers say above each column.
HEADINGS = {
    **dict.fromkeys(
        (
            *("email", "e-mail", "mail", "email address", "e-mail address", "mail address"),
            *("adresse", "adresse email", "adresse e-mail", "adresse mail", "courriel"),
            *("adresse électronique", "adresse de courriel", "adresse courriel"),
        ),
        "email",
    ),
    **dict.fromkeys(
        ("name", "full name", "first and last name", "nom", "nom complet", "prénom et nom"),
        "name",
    ),
    **dict.fromkeys(("language", "lang", "langue"), "language"),
    **dict.fromkeys(
        ("note", "personal note", "message", "note personnelle", "mot", "mot personnel"), "note"
    ),
}
SHAPE = tables.Shape(headings=HEADINGS, needed="email", most_rows=MOST_ROWS, parts_mixed=True)

LANGUAGES = {
    **dict.fromkeys(("en", "eng", "english", "anglais", "anglaise", "en-gb", "en-us"), "en"),
    **dict.fromkeys(("fr", "fra", "fre", "french", "français", "francais", "fr-fr"), "fr"),
}

# Marks that turn the direction of text could show another address than the one written to.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """One row: whom to invite, or in words why nobody can be (``problem``).

    ``same_as`` is the number of the earlier row that has the same address.
    """

    number: int
    email: str
    name: str = ""
    language: str = "en"
    note: str = ""
    problem: str = ""
    same_as: int | None = None


def read(content: bytes, *, language: str) -> tuple[list[Invitee], Sequence[str]]:
    """The people in *content* and how it was read; *language* is of those who have none.

    Raises:
        BatchTooLarge, BatchTooLong, EmailColumnMissing, and what else
        :func:`portal.tables.read` refuses.
    """
    if len(content) > MOST_BYTES:
        raise BatchTooLarge(field="file")
    try:
        table = tables.read(content, SHAPE)
    except ColumnMissing as error:
        raise EmailColumnMissing(field="file") from error
    except TableTooLong as error:
        raise BatchTooLong(field="file") from error
    first: dict[str, int] = {}
    return [_invitee(line, language, first) for line in table.lines], table.notes


def _invitee(line: tables.Line, language: str, first: dict[str, int]) -> Invitee:
    email = _one_line(line.cells["email"]).removeprefix("mailto:").lower()
    name = _one_line(line.cells["name"])
    note = _clean(line.cells["note"]).strip()
    wanted = line.cells["language"].strip().casefold()
    problem = line.trouble or _problem(email, name, wanted, note, line.cells)
    same_as = None
    if not problem:
        same_as = first.get(email)
        if same_as is None:
            first[email] = line.number
        else:
            problem = _("Row %(number)d has the same address.") % {"number": same_as}
    return Invitee(
        number=line.number,
        # What is kept for the list holds no key, whole or cut.
        email=keys.redact(email)[:EMAIL_MAX],
        name=keys.redact(name)[:NAME_MAX],
        language=LANGUAGES.get(wanted, language),
        note=keys.redact(note)[:NOTE_MAX],
        problem=problem,
        same_as=same_as,
    )


def _problem(email: str, name: str, language: str, note: str, cells: dict[str, str]) -> str:
    if any(keys.find_in(cell) for cell in cells.values()):
        return str(KeyInText.default_message)
    if problem := _problem_of_address(email):
        return problem
    if tables.is_formula(cells["name"]):
        return _("The name begins like a formula of a spreadsheet.")
    if len(name) > NAME_MAX:
        return _("The name is longer than %(most)d characters.") % {"most": NAME_MAX}
    if language and language not in LANGUAGES:
        return _("“%(language)s” is no language we write in: en or fr.") % {
            "language": language[:20]
        }
    if len(note) > NOTE_MAX:
        return _("The note is longer than %(most)d characters.") % {"most": NOTE_MAX}
    return ""


def _problem_of_address(email: str) -> str:
    if not email:
        return _("There is no address.")
    if tables.is_formula(email):
        return _("The address begins like a formula of a spreadsheet.")
    if len(email) > EMAIL_MAX:
        return _("The address is longer than %(most)d characters.") % {"most": EMAIL_MAX}
    if email.count("@") > 1 or re.search(r"[\s,;]", email):
        return _("A row is for one address; here are several, or a space.")
    if "@" not in email:
        return _("The address has no @.")
    try:
        validate_email(email)
    except ValidationError:
        return _("No mail can be sent to this address: look for a typing error.")
    return ""


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """*text* without what prints nothing: in a mail's head it could do harm."""
    kept = (
        letter if letter in "\n\t" or unicodedata.category(letter) != "Cc" else " "
        for letter in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return _TURNING.sub("", "".join(kept))
