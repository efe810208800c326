"""Finding weights and telling them apart by their bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from generation.errors import ModelUnavailable, WeightsChanged

if TYPE_CHECKING:
    from generation.catalogue.entries import Weights

# What a file looked like when its folder was read, and the digest found then.
_digests: dict[tuple[object, ...], str] = {}


def local_folder(weights: Weights) -> Path:
    """The folder that holds *weights*; a hub id is fetched at its pinned revision.

    Raises:
        ModelUnavailable: when it cannot be had.
    """
    if weights.folder is not None:
        if not (weights.folder / "model_index.json").is_file():
            raise ModelUnavailable from FileNotFoundError(
                f"{weights.folder} holds no weights (no model_index.json there)"
            )
        return weights.folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                weights.hub,
                revision=weights.revision,
                allow_patterns=["*.json", "*.safetensors", "*.model", "*.txt"],
            )
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelUnavailable from error


def digest(folder: Path) -> str:
    """Hex SHA-256 over name and content digest of every JSON and safetensors file, by name.

    Bytes are read at the first load; after that only when a file is another than it was then.
    """
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".json", ".safetensors", ".model"} and path.is_file()
    }
    seen = (str(folder.resolve()), *(_seen(name, path) for name, path in files.items()))
    if seen not in _digests:
        whole = hashlib.sha256()
        for name, path in files.items():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{content}  {name}\n".encode())
        _digests[seen] = whole.hexdigest()
    return _digests[seen]


def _seen(name: str, path: Path) -> tuple[str, int, int, int]:
    found = path.stat()
    return (name, found.st_ino, found.st_size, found.st_mtime_ns)


def verified(weights: Weights, folder: Path) -> str:
    """The digest of *folder*.

    Raises:
        WeightsChanged: when the catalogue pins another one.
    """
    found = digest(folder)
    if weights.sha256 and found != weights.sha256:
        raise WeightsChanged from ValueError(
            f"{folder} has the digest {found}, the catalogue says {weights.sha256}"
        )
    return found
