"""``python -m bench.gate``: what the release gate costs on the way of a file."""

from __future__ import annotations

import sys

from bench.ground import ground
from bench.product import ask, offer_without_limits
from bench.table import Row, in_turn, print_rows

REQUESTS = 60
ROUNDS = 4


def bytes_through_the_gate() -> list[Row]:
    """A preview through the release gate ÷ the health page, both through all middleware."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.test import Client

    from generation.catalogue import entry
    from generation.media import store
    from generation.media.store import StoredFiles
    from generation.services import attempts
    from generation.states import ClipState

    offer_without_limits("starter")
    ask(entry("starter"))
    lease = attempts.claim_next(worker="bench", models=["starter"])
    assert lease is not None
    names = {
        field: f"{store.folder_of(lease.media_key)}/{field}.mp4" for field in store.FILE_FIELDS
    }
    for name in names.values():
        default_storage.save(name, ContentFile(b"x" * 200_000))
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    attempts.report(token=lease.token, state=ClipState.ENCODING, step=12)
    attempts.finish(
        token=lease.token,
        files=StoredFiles(sha256="a" * 64, **names),
        manifest={"device": "cpu"},
        gpu_seconds=6,
    )
    client = Client(SERVER_NAME="127.0.0.1")
    # Whoever's turn it was.
    client.force_login(
        lease.clip.artist, backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    def bare() -> None:
        for _ in range(REQUESTS):
            client.get("/healthz")

    def gate() -> None:
        for _ in range(REQUESTS):
            response = client.get(f"/media/clips/{lease.clip.pk}/preview")
            assert response.status_code == 200
            b"".join(response.streaming_content)  # type: ignore[attr-defined]

    bare()
    gate()
    ours, alone = in_turn(gate, bare, rounds=ROUNDS)
    return [
        Row(
            name="time of a preview through the release gate ÷ the health page",
            value=ours / alone,
            detail=f"{1000 * ours / REQUESTS:.2f} ms ÷ {1000 * alone / REQUESTS:.2f} ms",
        )
    ]


if __name__ == "__main__":
    with ground():
        sys.exit(print_rows(bytes_through_the_gate))
