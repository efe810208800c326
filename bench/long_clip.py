"""``python -m bench.long_clip``: ten seconds at 1920 × 1080 from the prompt to the download.

A tiny Wan of the real classes renders through the real worker. What the process adds to the memory
it holds once the model is loaded is measured: latents, decoder, both encoders, everything.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ground import ground
from bench.memory import added_at_most
from bench.product import ask, offer_without_limits, warm
from bench.table import Row, print_rows
from bench.wan import TINY, save_wan, write_entry

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import User

# Wan's own rate.
FPS = 16
MOST_MIB = 1536


def long_clip(seconds: int) -> list[Row]:
    """Needs a fresh process: Django is set up with a catalogue of its own."""
    # As the autoencoder counts: the first frame stands alone, the others come by four.
    frames = FPS * seconds + 1
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-model-") as name:
        folder = Path(name)
        save_wan(TINY, folder / "weights")
        (folder / "catalogue").mkdir()
        write_entry(
            folder / "catalogue" / "long.toml",
            weights=folder / "weights",
            size="1920x1080",
            frames=frames,
            fps=FPS,
            steps=1,
        )
        os.environ["GREENROOM_CATALOGUE"] = str(folder / "catalogue")
        os.environ["GREENROOM_DEVICE"] = "cpu"
        with ground():
            return _measured(frames)


def _measured(frames: int) -> list[Row]:
    from generation.catalogue import entry
    from generation.models import Clip
    from generation.states import ClipState
    from generation.worker.loop import GpuWorker

    offer_without_limits("long")
    offered = entry("long")
    worker = GpuWorker(name="bench")
    warm(worker, offered)
    clip = ask(offered)
    with added_at_most() as made:
        worker.render_until_empty()
    clip = Clip.objects.get(pk=clip.pk)
    if clip.state != ClipState.READY:
        raise SystemExit(f"The clip could not be made: {clip.error_message or clip.state}")
    with added_at_most() as served:
        length = _reviewed_and_downloaded(clip)
    what = f"{frames} frames of 1920 × 1080"
    took = f"{clip.gpu_seconds} s on {clip.manifest['device']}, {os.cpu_count()} cores"
    return [
        Row(
            name="memory the worker adds for a long clip, its pipeline's own included",
            value=made.mib,
            detail=f"{what}, {took}",
            most=MOST_MIB,
            unit=" MiB",
        ),
        Row(
            name="memory that preview, review and download of it add",
            value=served.mib,
            detail=f"{what}, a master of {length / 2**20:.1f} MiB",
            most=64,
            unit=" MiB",
        ),
    ]


def _reviewed_and_downloaded(clip: Clip) -> int:
    """Look at the preview, submit, approve, download the master; answers its bytes."""
    from django.core.management import call_command

    from portal.models import User
    from review.services.claims import claim
    from review.services.decisions import decide
    from review.services.signing import sign_waiting
    from review.services.submissions import submit
    from review.states import Verdict

    rosa = User.objects.get(email="rosa@demo.example")
    review = submit(actor=clip.artist, clip=clip)
    assert _fetched(clip, "preview", rosa)[0]
    claim(actor=rosa, review=review)
    decide(
        actor=rosa,
        review=review,
        verdict=Verdict.APPROVE,
        seen_sha256=clip.sha256,
        seen_settings_sha256=clip.settings_sha256,
    )
    call_command("provenance", "init", stdout=io.StringIO())
    assert sign_waiting() == 1
    assert _fetched(clip, "original", rosa)[1] == clip.sha256
    length, _digest = _fetched(clip, "master", clip.artist)
    return length


def _fetched(clip: Clip, variant: str, user: User) -> tuple[int, str]:
    """Bytes and hex SHA-256 of a file of *clip*, through the release gate."""
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(f"/media/clips/{clip.pk}/{variant}")
    assert response.status_code == 200, response.status_code
    length, whole = 0, hashlib.sha256()
    for piece in response.streaming_content:  # type: ignore[attr-defined]
        length += len(piece)
        whole.update(piece)
    return length, whole.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    seconds = parser.parse_args().seconds
    return print_rows(lambda: long_clip(seconds))


if __name__ == "__main__":
    sys.exit(main())
