from __future__ import annotations

import pytest
import torch

from bench import gpu


def test_without_a_gpu_it_says_so_in_one_line_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["bench.gpu"])

    assert gpu.main() == 2

    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "bench-gpu needs a GPU that torch can use, and finds none.\n",
    )
