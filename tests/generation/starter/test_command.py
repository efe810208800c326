from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no model in"):
        call_command("starter", "evaluate", "--weights", str(tmp_path))


def test_evaluate_prints_every_figure_with_its_ceiling_and_chance() -> None:
    out = StringIO()
    call_command("starter", "evaluate", "--count", "2", "--forgiving", "4", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "subject", "colour", "motion", "background", "all four", "forgiving",
    ]  # fmt: skip
    assert all("(real renders " in line and "chance " in line for line in lines)
