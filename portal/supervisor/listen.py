"""The web's socket. The supervisor holds it, so a restarted web server keeps its port."""

from __future__ import annotations

import errno
import ipaddress
import socket

from portal.supervisor.errors import CannotStart

_TRIES = 100


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach *host*."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on *port* of *host*, or on the next port that is free; 0 means any.

    Raises:
        CannotStart: when *host* is not ours or no port near is free.
    """
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    for candidate in range(port, min(port + _TRIES, 65_536)):
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((bare, candidate))
            door.listen(512)
        except OSError as error:
            door.close()
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                continue
            raise CannotStart(
                f"Cannot listen on {host}: {error.strerror}.",
                hint="Is that an address of this machine?",
            ) from None
        return door
    raise CannotStart(
        f"No port from {port} to {port + _TRIES - 1} is free on {host}.",
        hint="Choose another with GREENROOM_PORT.",
    )


def url_of(host: str, port: int) -> str:
    """The address to type on this machine."""
    bare = host.strip("[]")
    # A browser makes passkeys for a name, never for a bare address.
    if bare in {"0.0.0.0", "::", "127.0.0.1", "::1"}:  # noqa: S104 - compared, not bound
        bare = "localhost"
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"
