"""A table of people is read as it was saved; each row that cannot be used says why."""

from __future__ import annotations

import pytest

from portal import invitees
from portal.errors import GreenroomError
from portal.invitation_errors import BatchTooLarge, BatchTooLong, EmailColumnMissing
from portal.invitees import MOST_BYTES, MOST_ROWS, Invitee
from portal.keys import make
from portal.table_errors import (
    ColumnTwice,
    TableEmpty,
    TableHasNoRows,
    TableNotText,
    TableUnreadable,
)

TABLE = "email,name,language,note\nnoé@example.org,,,\nzoe@example.org,Zoé,fr,À bientôt\n"


def people(content: bytes | str) -> list[Invitee]:
    found, _notes = invitees.read(
        content.encode() if isinstance(content, str) else content, language="en"
    )
    return found


def problem(row: str, headings: str = "email,name,language,note") -> str:
    [person] = people(f"{headings}\n{row}\n")
    return person.problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_as_spreadsheets_save_it(encoding: str, delimiter: str) -> None:
    zoe = people(TABLE.replace(",", delimiter).encode(encoding))[1]
    assert zoe == Invitee(
        number=2, email="zoe@example.org", name="Zoé", language="fr", note="À bientôt"
    )


@pytest.mark.parametrize(
    "headings",
    [
        "Courriel;Nom;Langue;Note personnelle",
        "ADRESSE E-MAIL;Prénom et nom;langue;message",
        "e-mail;Full name;Language;Personal note",
    ],
)
def test_headings_in_english_and_french(headings: str) -> None:
    [person] = people(f"{headings}\nZoe@Example.org;Zoé;français;Venez\n")
    assert (person.email, person.name, person.language, person.note) == (
        "zoe@example.org",
        "Zoé",
        "fr",
        "Venez",
    )


def test_any_order_and_unknown_columns_are_named() -> None:
    found, notes = invitees.read(b"Town,name,email\nLyon,Zoe,zoe@example.org\n", language="fr")
    assert (found[0].email, found[0].name, found[0].language) == ("zoe@example.org", "Zoe", "fr")
    assert list(notes) == ["Passed over: town."]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",Nour,,", "There is no address."),
        ("nour.example.org,,,", "The address has no @."),
        ("nour@example,,,", "No mail can be sent to this address: look for a typing error."),
        ("noé@example.org,,,", "No mail can be sent to this address: look for a typing error."),
        (
            '"a@example.org, b@example.org",,,',
            "A row is for one address; here are several, or a space.",
        ),
        ("=cmd()@example.org,,,", "The address begins like a formula of a spreadsheet."),
        ("+nour@example.org,,,", "The address begins like a formula of a spreadsheet."),
        ("nour@example.org,=1+1,,", "The name begins like a formula of a spreadsheet."),
        ("nour@example.org,@SUM(A1),,", "The name begins like a formula of a spreadsheet."),
        (f"nour@example.org,{'x' * 121},,", "The name is longer than 120 characters."),
        (f"{'x' * 250}@example.org,,,", "The address is longer than 254 characters."),
        ("nour@example.org,,de,", "“de” is no language we write in: en or fr."),
        (f"nour@example.org,,,{'x' * 2001}", "The note is longer than 2000 characters."),
        (
            "nour@example.org,,,,more",
            "It has more cells than there are headings. Put quotes around the text.",
        ),
    ],
)
def test_what_is_wrong_is_said_row_by_row(row: str, said: str) -> None:
    assert problem(row) == said


def test_a_repeated_address_names_the_first_row() -> None:
    found = people("email\nnour@example.org\nsol@example.org\nNOUR@example.org\n")
    assert [person.same_as for person in found] == [None, None, 1]
    assert found[2].problem == "Row 1 has the same address."


def test_a_broken_row_does_not_shadow_a_sound_one() -> None:
    found = people("email,language\nnour@example.org,de\nnour@example.org,fr\n")
    assert [bool(person.problem) for person in found] == [True, False]


def test_rows_in_another_encoding_are_refused_and_the_others_not() -> None:
    mixed = "email,name\nzoe@example.org,Zoé\n".encode() + "noe@example.org,Noé\n".encode("cp1252")
    found, notes = invitees.read(mixed, language="en")
    assert [bool(person.problem) for person in found] == [False, True]
    assert found[1].name == "No\ufffd"
    assert list(notes) == ["The file mixes two encodings; the rows that are not UTF-8 are refused."]


def test_an_access_key_is_refused_and_not_kept() -> None:
    key = make()
    [person] = people(f"email,note\nnour@example.org,{key}\n")
    assert person.problem
    assert key not in person.note


def test_what_prints_nothing_is_taken_out() -> None:
    [person] = people('email,name\nnour@example.org,"Nour\r\nBcc: x\u202e\x07"\n')
    assert (person.name, person.problem) == ("Nour Bcc: x", "")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", TableEmpty),
        (b" \n\r\n", TableEmpty),
        (b"email,name\n", TableHasNoRows),
        (b"nour@example.org,Nour\n", EmailColumnMissing),
        (b"email,courriel\na@b.org,c@d.org\n", ColumnTwice),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", TableNotText),
        (b"email\na\0b@example.org\n", TableNotText),
        (b"PK\x03\x04\x14\0\x06\0xl/workbook.xml", TableNotText),
        (b'email,name\n"a@b.org,7\n', TableUnreadable),
        (b"email\n" + b"a@b.org\n" * (MOST_ROWS + 1), BatchTooLong),
        (b"email\n" + b"a@b.org\n" * 10_000, BatchTooLong),
        (b"email\n" + b"x" * MOST_BYTES, BatchTooLarge),
    ],
)
def test_what_is_no_such_table_is_refused_by_name(
    content: bytes, error: type[GreenroomError]
) -> None:
    with pytest.raises(error) as refused:
        people(content)
    assert 400 <= refused.value.status < 500
    assert str(refused.value.message)


def test_as_many_rows_as_are_allowed() -> None:
    rows = "".join(f"p{number}@example.org\n" for number in range(MOST_ROWS))
    assert len(people(f"email\n{rows}")) == MOST_ROWS
