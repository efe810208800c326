from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.errors import FileMissing
from generation.media import store
from generation.models import Clip
from portal.models import Cohort, User
from tests.factories.generation import make_clip, make_ready_clip


def made(folder: Path) -> dict[str, Path]:
    paths = {}
    for field in store.FILE_FIELDS:
        suffix = ".mp4" if field in {"original", "preview"} else ".jpg"
        paths[field] = folder / f"{field}{suffix}"
        paths[field].write_bytes(field.encode())
    return paths


def stored_files(root: str) -> list[str]:
    folder = Path(default_storage.path(root))
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_files_are_stored_under_names_nobody_can_guess(tmp_path: Path) -> None:
    key = uuid.uuid4()

    files = store.put(media_key=key, number=2, sha256="ab" * 32, paths=made(tmp_path))

    assert files.original == f"clips/{key.hex[:2]}/{key.hex}/original-2-abababababababab.mp4"
    with default_storage.open(files.cover) as cover:
        assert cover.read() == b"cover"
    assert len(stored_files("clips")) == len(store.FILE_FIELDS)


def test_a_file_that_cannot_be_stored_leaves_none(tmp_path: Path) -> None:
    paths = made(tmp_path)
    paths["cover"].unlink()

    with pytest.raises(FileNotFoundError):
        store.put(media_key=uuid.uuid4(), number=1, sha256="ab" * 32, paths=paths)

    assert stored_files("clips") == []


def test_every_variant_opens_and_master_is_the_original(ada: User, cohort: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=cohort, content=b"the bytes")

    with (
        store.open_variant(clip, "original") as original,
        store.open_variant(clip, "master") as master,
    ):
        assert original.read() == master.read() == b"the bytes"
    assert store.size(clip, "master") == 9
    assert store.content_type(clip, "preview") == "video/mp4"
    assert store.content_type(clip, "cover") == "image/jpeg"


@pytest.mark.parametrize("variant", ["nonsense", "", "sha256"])
def test_an_unknown_variant_is_missing(ada: User, cohort: Cohort, variant: str) -> None:
    clip = make_ready_clip(artist=ada, cohort=cohort)

    with pytest.raises(FileMissing):
        store.open_variant(clip, variant)


def test_a_clip_without_files_has_none(ada: User, cohort: Cohort) -> None:
    clips = [
        make_clip(artist=ada, cohort=cohort),
        make_ready_clip(artist=ada, cohort=cohort, files=False),
    ]
    for clip in clips:
        with pytest.raises(FileMissing):
            store.open_variant(clip, "preview")


def test_removing_takes_the_folder_along(ada: User, cohort: Cohort) -> None:
    clip = make_ready_clip(artist=ada, cohort=cohort)
    names = store.names_of(clip)
    folder = Path(default_storage.path(names[0])).parent

    store.remove(names)
    store.remove(names)

    assert not folder.exists()
    assert Clip.objects.filter(pk=clip.pk, created_at__lte=timezone.now()).exists()
