"""Any table is read as it was saved; anything else is refused by name, never by an exception."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation import sheet_errors as errors
from generation.sheets import reading
from generation.sheets.reading import COLUMNS, MOST_BYTES, MOST_ROWS, read
from portal import table_errors
from portal.errors import GreenroomError

TABLE = "prompt,seed,title\na boat,7,Night\nthe café,,\n"


def cells(content: bytes) -> list[dict[str, str]]:
    return [line.cells for line in read(content).lines]


WANTED = [
    {**dict.fromkeys(COLUMNS, ""), "prompt": "a boat", "seed": "7", "title": "Night"},
    {**dict.fromkeys(COLUMNS, ""), "prompt": "the café"},
]


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "The file was saved as UTF-16."),
        ("utf-16-le", "The file was saved as UTF-16."),
        ("utf-16-be", "The file was saved as UTF-16."),
        ("cp1252", "The file was saved in the Windows code page (cp1252)."),
    ],
)
def test_encodings(encoding: str, note: str) -> None:
    assert cells(TABLE.encode(encoding)) == WANTED
    assert " ".join(read(TABLE.encode(encoding)).notes).startswith(note)


@pytest.mark.parametrize(
    ("delimiter", "notes"),
    [
        (",", []),
        (";", ["Its columns are parted by semicolons."]),
        ("\t", ["Its columns are parted by tabs."]),
    ],
)
def test_delimiters_and_line_ends(delimiter: str, notes: list[str]) -> None:
    for end in ("\n", "\r\n", "\r"):
        text = TABLE.replace(",", delimiter).replace("\n", end)
        assert cells(text.encode()) == WANTED
        assert list(read(text.encode()).notes) == notes


def test_headings_in_any_case_and_order_and_those_nobody_knows() -> None:
    sheet = read(b"Notes, TITLE ,Prompt\nmine,Night,a boat\n")
    assert [line.cells["prompt"] for line in sheet.lines] == ["a boat"]
    assert sheet.lines[0].cells["title"] == "Night"
    assert list(sheet.notes) == ["Passed over: notes."]


def test_one_column_needs_no_quotes() -> None:
    sheet = read(b'prompt\na boat, at night; alone\n"quoted, too"\n')
    assert [line.cells["prompt"] for line in sheet.lines] == [
        "a boat, at night; alone",
        "quoted, too",
    ]


def test_empty_rows_are_passed_over_and_counted_out() -> None:
    sheet = read(b"\n\nprompt,seed\n\na boat,\n , \na cat,\n")
    assert [(line.number, line.cells["prompt"]) for line in sheet.lines] == [
        (1, "a boat"),
        (2, "a cat"),
    ]


def test_a_row_with_more_cells_than_headings_says_so() -> None:
    [first, second] = read(b"prompt,seed\na boat, at sea,7\na cat,1,,\n").lines
    assert "more cells" in first.trouble
    assert second.trouble == ""


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", table_errors.TableEmpty),
        (b" \n\r\n", table_errors.TableEmpty),
        (b"prompt,seed\n", table_errors.TableEmpty),
        (b"a boat,7\n", errors.SheetColumnsWrong),
        (b"prompt,prompt\na,b\n", table_errors.ColumnTwice),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", table_errors.TableNotText),
        (b"prompt\na\0b\n", table_errors.TableNotText),
        (b"\xff\xfea", table_errors.TableNotText),
        (b"\xef\xbb\xbfprompt\n\xff", table_errors.TableNotText),
        (b"prompt\n\x81\x8d\n", table_errors.TableNotText),
        (b"prompt\ncaf\xc3\xa9 and caf\xe9\n", table_errors.TableEncodingMixed),
        (b'prompt,seed\n"a boat,7\n', table_errors.TableUnreadable),
        (b"prompt\n" + b"x" * 140_000, table_errors.TableUnreadable),
        (b"prompt\n" + b"x\n" * (MOST_ROWS + 1), errors.SheetTooLong),
        (b"prompt\n" + b"x\n" * 10_000, errors.SheetTooLong),
        (b"x" * (MOST_BYTES + 1), errors.SheetTooLarge),
    ],
)
def test_what_is_no_sheet_is_refused_by_name(content: bytes, error: type[GreenroomError]) -> None:
    with pytest.raises(error) as refused:
        read(content)
    assert 400 <= refused.value.status < 500
    assert str(refused.value.message)


def test_as_many_rows_as_are_allowed() -> None:
    assert len(read(b"prompt\n" + b"x\n" * MOST_ROWS).lines) == MOST_ROWS


CELL = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=40
).map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n").strip())


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)), min_size=1, max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_spreadsheet_writes_is_read_back(
    rows: list[dict[str, str]], delimiter: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    kept = [row for row in rows if any(row.values())]
    try:
        found = cells(out.getvalue().encode(encoding))
    except table_errors.TableEmpty:
        found = []
    assert found == kept


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.builds(lambda head, rest: head + rest, st.just(b"prompt,seed\n"), st.binary()),
        st.text(max_size=200).map(lambda text: f"prompt;{text}".encode("utf-16", "replace")),
    )
)
def test_whatever_it_is_there_is_an_answer(content: bytes) -> None:
    lines: list[dict[str, str]] = []
    status = 0
    try:
        lines = cells(content)
    except GreenroomError as error:
        status = error.status
    assert bool(lines) != (400 <= status < 500)
    assert all("\0" not in cell for line in lines for cell in line.values())


def test_the_limits_are_those_the_page_names() -> None:
    assert (reading.MOST_BYTES, reading.MOST_ROWS) == (2 * 1024 * 1024, 5000)
