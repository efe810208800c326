from __future__ import annotations

import pytest

from bench.table import Row, print_rows


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            Row(name="ours ÷ bare", value=1.084, most=1.1, detail="2 s ÷ 1.8 s"),
            "yes        1.08  ≤ 1.1       ours ÷ bare  (2 s ÷ 1.8 s)",
        ),
        (
            Row(name="ours ÷ bare", value=0.25, least=0.5, detail="a"),
            "NO         0.25  ≥ 0.5       ours ÷ bare  (a)",
        ),
        (
            Row(name="ours", value=1234.4, most=1536, unit=" MiB", detail="a"),
            "yes   1,234 MiB  ≤ 1536 MiB  ours  (a)",
        ),
        (Row(name="ours", value=2.0, detail="a"), "           2.00  reported    ours  (a)"),
    ],
)
def test_a_row_says_figure_aim_and_whether_it_is_reached(row: Row, line: str) -> None:
    assert str(row) == line


def test_a_figure_that_is_missed_makes_the_bench_end_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    met = Row(name="met", value=1.0, most=1.1, detail="a")
    missed = Row(name="missed", value=1.2, most=1.1, detail="a")

    assert print_rows(lambda: [met, missed]) == 1
    assert print_rows(lambda: [met]) == 0
    assert [line[:4] for line in capsys.readouterr().out.splitlines()] == [
        "    ",
        "yes ",
        "NO  ",
        "    ",
        "yes ",
    ]
