"""One POST to somebody else's server: to an address that was looked at, within a time, no further.

No proxy of the environment, no redirect, no cookie and no more of the answer than is kept. The
server of the other side may be slow, hostile or both: a watch ends the connection when its time is
up, however slowly it trickles.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPConnection, HTTPException

from portal.errors import TargetRefused
from portal.targets import Target, find

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
KEPT_BYTES = 1024
# Of a host with many addresses.
_MOST_ADDRESSES = 3


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a request.

    Attributes:
        status: HTTP status, None when no answer came.
        took_ms: milliseconds until then, name look-up included.
        text: the first KiB of the body, whatever it says.
        error: ``target_refused``, ``target_unknown``, ``no_connection``, ``tls``, ``too_slow`` or
            ``no_http`` where no answer came, else "".
    """

    status: int | None = None
    took_ms: int = 0
    text: str = ""
    error: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], seconds: float = TOTAL_SECONDS
) -> Answer:
    """Send *body*; every way it can fail is an answer, none an exception."""
    started = time.monotonic()
    status, text, error = _attempt(url, body=body, headers=headers, ends=started + seconds)
    took = round((time.monotonic() - started) * 1000)
    return Answer(status=status, took_ms=took, text=text, error=error)


def _attempt(
    url: str, *, body: bytes, headers: Mapping[str, str], ends: float
) -> tuple[int | None, str, str]:
    try:
        target = find(url)
    except TargetRefused as refusal:
        return None, "", refusal.code
    watch = _Watch(ends)
    connection = _Connection(target, watch)
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        response = connection.getresponse()
        status = response.status
        text = response.read(KEPT_BYTES).decode("utf-8", "replace").replace("\x00", "")
    except TimeoutError:
        return None, "", "too_slow"
    except ssl.SSLError:
        return None, "", "too_slow" if watch.is_over else "tls"
    except OSError:
        return None, "", "too_slow" if watch.is_over else "no_connection"
    except (HTTPException, ValueError):
        return None, "", "too_slow" if watch.is_over else "no_http"
    finally:
        connection.close()
        watch.end()
    # What was cut off may look like a short answer.
    return (None, "", "too_slow") if watch.is_over else (status, text, "")


class _Watch:
    """Ends a connection at a moment, from another thread."""

    def __init__(self, ends: float) -> None:
        self._ends = ends
        self._twin: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self.is_over = False

    @property
    def left(self) -> float:
        """Seconds; never 0, which would mean not to wait at all."""
        return max(0.01, self._ends - time.monotonic())

    def over(self, line: socket.socket) -> None:
        """Watch over *line*, by a handle of its own: TLS will take the other one away."""
        self._twin = line.dup()
        self._timer = threading.Timer(self.left, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._twin is not None:
            self._twin.close()

    def _cut(self) -> None:
        self.is_over = True
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    """A connection to one of the addresses of *target* and to no other, in the name of its host."""

    def __init__(self, target: Target, watch: _Watch) -> None:
        super().__init__(target.host, target.port)
        # Of what ``Host`` leaves out.
        self.default_port = 443 if target.scheme == "https" else 80
        self._target = target
        self._watch = watch

    def connect(self) -> None:
        line = self._reach()
        self._watch.over(line)
        line.settimeout(self._watch.left)
        if self._target.scheme == "https":
            try:
                line = tls_context().wrap_socket(line, server_hostname=self._target.host)
            except BaseException:
                line.close()
                raise
        self.sock = line

    def _reach(self) -> socket.socket:
        failure: OSError | None = None
        ends = time.monotonic() + min(CONNECT_SECONDS, self._watch.left)
        for address in self._target.addresses[:_MOST_ADDRESSES]:
            left = max(0.01, ends - time.monotonic())
            try:
                return socket.create_connection((str(address), self._target.port), timeout=left)
            except OSError as error:
                failure = error
        raise failure or OSError("the host has no address")


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """The machine's own authorities, TLS 1.2 or later, the name checked."""
    return ssl.create_default_context()
