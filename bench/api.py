"""``python -m bench.api``: what the videos API costs beside a bare endpoint of the same server."""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.ground import ground, vacuum
from bench.product import ask, offer_without_limits
from bench.table import Row, in_turn, print_rows

if TYPE_CHECKING:
    from generation.models import Clip
    from portal.models import User

CLIENTS = 4
GETS, POSTS, LISTS = 400, 120, 60
ROUNDS = 6
FEW, MANY = 1_000, 1_000_000
_FORM = {"prompt": "a red boat", "model": "starter", "seconds": "2", "size": "128x128"}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running one, and an artist's key to it."""

    port: int
    key: str

    def many(self, count: int, method: str, path: str, body: str = "") -> None:
        """*count* requests over ``CLIENTS`` connections that stay open."""
        threads = [
            threading.Thread(target=self._some, args=(count // CLIENTS, method, path, body))
            for _ in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _some(self, count: int, method: str, path: str, body: str) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        client = http.client.HTTPConnection("127.0.0.1", self.port)
        for _ in range(count):
            client.request(method, path, body=body or None, headers=headers)
            answer = client.getresponse()
            said = answer.read()
            if answer.status != 200:
                os.write(2, f"{method} {path}: {answer.status} {said[:300]!r}\n".encode())
                os._exit(1)
        client.close()


def videos_api(many: int = MANY, rounds: int = ROUNDS) -> list[Row]:
    """GET and POST of a video ÷ bare endpoints; twenty of a million clips ÷ of a thousand."""
    from generation.models import GpuAccount
    from portal.models import Cohort, User

    offer_without_limits("starter")
    Cohort.objects.filter(slug="spring-residency").update(
        gpu_seconds_per_artist=10**6, gpu_seconds_per_artist_week=10**6
    )
    ada = User.objects.get(email="ada@demo.example")
    lucien = User.objects.get(email="lucien@demo.example")
    clip = _ready_clip()
    form = urlencode(_FORM)
    with _served(_key_of(ada, "Bench")) as server:
        mine = f"/v1/videos/video_{clip.pk.hex}"
        get = _turns(server, GETS, "GET", mine, "/bench/bare/x", rounds=rounds)
        few_key, many_key = _key_of(lucien, "Few"), _key_of(ada, "Many")
        GpuAccount.objects.get_or_create(artist=lucien, cohort=clip.cohort)
        _fill(clip, lucien.pk, FEW)
        _fill(clip, ada.pk, many)
        few, lots = (Server(port=server.port, key=key) for key in (few_key, many_key))
        path = "/v1/videos?limit=20"
        lists = in_turn(
            lambda: lots.many(LISTS, "GET", path),
            lambda: few.many(LISTS, "GET", path),
            rounds=rounds,
        )
        # Last: clips that wait are shown otherwise in a list than ones that are ready.
        post = _turns(few, POSTS, "POST", "/v1/videos", "/bench/bare/", form, rounds=rounds)
    return [
        _row("GETs of a video a second ÷ of a bare endpoint with the same auth", get, 0.6, GETS),
        _row(
            "POSTs of a video a second ÷ to a bare endpoint that reads the same", post, 0.4, POSTS
        ),
        _row(f"lists of 20 a second, of {many:,} clips ÷ of {FEW:,}", lists, 0.8, LISTS),
    ]


def _row(name: str, taken: tuple[float, float], least: float, count: int) -> Row:
    ours, bare = taken
    return Row(
        name=name,
        value=bare / ours,
        least=least,
        detail=f"{count / ours:.0f} ÷ {count / bare:.0f} a second, 2 workers",
    )


def _turns(
    server: Server,
    count: int,
    method: str,
    ours: str,
    bare: str,
    body: str = "",
    *,
    rounds: int,
) -> tuple[float, float]:
    def loop(path: str, times: int = count) -> Callable[[], None]:
        return lambda: server.many(times, method, path, body)

    for path in (ours, bare):
        loop(path, CLIENTS * 8)()
    return in_turn(loop(ours), loop(bare), rounds=rounds)


@contextmanager
def _served(key: str) -> Iterator[Server]:
    """The site on two gunicorn workers, as in production, with a few bare views beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "portal/config/gunicorn.py"]
    process = subprocess.Popen(
        [*command, "portal.config.wsgi:application"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "GREENROOM_LISTEN": f"127.0.0.1:{port}",
            "GREENROOM_API_RATE_PER_PERSON": str(10**9),
            "GREENROOM_WEB_WORKERS": "2",
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        _await(port)
        yield Server(port=port, key=key)
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server does not start.")


def _ready_clip() -> Clip:
    from generation.catalogue import entry
    from generation.media import store
    from generation.media.store import StoredFiles
    from generation.models import Clip
    from generation.services import attempts
    from generation.states import ClipState
    from portal.models import User
    from review.services.submissions import submit

    asked = ask(entry("starter"))
    while True:
        lease = attempts.claim_next(worker="bench", models=["starter"])
        if lease is None:
            raise SystemExit("The clip was not given out.")
        folder = store.folder_of(lease.media_key)
        attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
        attempts.report(token=lease.token, state=ClipState.ENCODING, step=12)
        attempts.finish(
            token=lease.token,
            files=StoredFiles(
                sha256="a" * 64, **{name: f"{folder}/{name}.mp4" for name in store.FILE_FIELDS}
            ),
            manifest={"device": "cpu"},
            gpu_seconds=6,
        )
        if lease.clip.pk == asked.pk:
            clip = Clip.objects.get(pk=asked.pk)
            submit(actor=User.objects.get(pk=clip.artist_id), clip=clip)
            return clip


def _key_of(person: User, name: str) -> str:
    from portal.models import Cohort
    from portal.services.access_keys import KeyTerms, create_key
    from portal.states import Scope

    terms = KeyTerms(name=name, scopes=list(Scope), lifetime=timedelta(days=1))
    cohort = Cohort.objects.get(slug="spring-residency")
    return create_key(actor=person, cohort=cohort, terms=terms, tell=False).clear


def _fill(clip: Clip, artist: int, count: int) -> None:
    """Copies of *clip*, a second older each, for *artist*, without the triggers' toll."""
    from django.db import connection

    columns = [str(field.column) for field in clip._meta.local_fields]
    own = {
        "id": "gen_random_uuid()",
        "request_id": "gen_random_uuid()",
        "artist_id": "%(artist)s",
        "account_id": (
            "(SELECT id FROM generation_gpuaccount WHERE artist_id = %(artist)s"
            " AND cohort_id = clip.cohort_id)"
        ),
        "created_at": "clip.created_at - n * interval '1 second'",
    }
    chosen = ", ".join(own.get(column, f"clip.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO generation_clip ({', '.join(columns)}) SELECT {chosen}"  # noqa: S608
            " FROM generation_clip clip, generate_series(1, %(count)s) n WHERE clip.id = %(clip)s",
            {"artist": artist, "count": count, "clip": clip.pk},
        )
    vacuum("generation_clip")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=MANY, help="clips in the longer list")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each side")
    wanted = parser.parse_args()
    with ground():
        return print_rows(lambda: videos_api(wanted.many, wanted.rounds))


if __name__ == "__main__":
    sys.exit(main())
