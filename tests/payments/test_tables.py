from __future__ import annotations

import pytest

from payments.tables import Amount, csv_text, safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "－2"]
)
def test_a_cell_that_looks_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ada", "Zoé =", "a@example.org", "1-2", "'quoted'"])
def test_other_cells_stay(text: str) -> None:
    assert safe_cell(text) == text


def test_a_file_has_these_bytes() -> None:
    rows = [
        ["Zoé, the painter", Amount("-12.50")],
        ['said "no"\nand left', "-12.50"],
    ]

    assert csv_text(["name", "amount"], rows).encode() == (
        b'name,amount\r\n"Zo\xc3\xa9, the painter",-12.50\r\n"said ""no""\nand left",\'-12.50\r\n'
    )
