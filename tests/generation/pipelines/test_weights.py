"""Weights are told apart by their bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generation import errors
from generation.catalogue.entries import read_entry
from generation.pipelines import weights
from generation.pipelines.loading import load
from tests.generation.tiny import write_entry


def test_weights_that_changed_are_refused(tiny_weights: Path, tmp_path: Path) -> None:
    pinned = tmp_path / "pinned.toml"
    write_entry(pinned, weights=tiny_weights, folder=f'folder = "{tiny_weights}"')
    text = pinned.read_text().replace("[video]", f'sha256 = "{"0" * 64}"\n[video]')
    pinned.write_text(text)

    with pytest.raises(errors.WeightsChanged):
        load(read_entry(pinned))


def test_bytes_are_hashed_again_only_when_a_file_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(b"one")
    seen = file.stat()
    first = weights.digest(tmp_path)

    file.write_bytes(b"two")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert weights.digest(tmp_path) == first

    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1))
    assert weights.digest(tmp_path) != first


def test_the_digest_is_of_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "notes.md").write_text("not weights")
    first = weights.digest(tmp_path)
    (tmp_path / "notes.md").write_text("other notes")
    assert weights.digest(tmp_path) == first

    (tmp_path / "a.json").rename(tmp_path / "b.json")
    assert weights.digest(tmp_path) != first
