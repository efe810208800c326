"""What is known of the request being served: its id, and the address it comes from."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cached_property
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

request_id: ContextVar[str] = ContextVar("greenroom_request_id", default="")
origin: ContextVar[Origin | None] = ContextVar("greenroom_origin", default=None)


class Origin:
    """Where the request being served comes from, as far as the log keeps it.

    Attributes:
        key_hint: what may be shown of the access key it came with, or "".
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.key_hint = ""

    @cached_property
    def network(self) -> Network | None:
        """The neighbourhood of its address."""
        address = client_address(self._request)
        return None if address is None else network_of(address)


def client_address(request: HttpRequest) -> Address | None:
    """The address *request* comes from; None when it came through a socket and no proxy says.

    ``X-Forwarded-For`` is read only from ``settings.TRUSTED_PROXIES`` and from the right: each
    proxy appends whom it saw, and anybody can write what stands further left.
    """
    nearest = parse_address(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES or not _is_proxy(nearest):
        return nearest
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        address = parse_address(hop)
        if address is None:
            break
        nearest = address
        if not _is_proxy(address):
            break
    return nearest


def parse_address(text: str) -> Address | None:
    """The address in *text*; an IPv4 address that came as IPv6 is IPv4 again."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def network_of(address: Address) -> Network:
    """The neighbourhood of *address* (/24 or /48): says where from without saying who."""
    return ip_network((address, 24 if isinstance(address, IPv4Address) else 48), strict=False)


def foreign_page(request: HttpRequest) -> str:
    """The host of the web page that sent *request*, if it is none of ours; "" otherwise.

    Browsers say it in ``Origin`` or ``Referer``; programs say neither. A page that hides where it
    is from (``null``) is not ours.
    """
    said = request.headers.get("Origin", "") or request.headers.get("Referer", "")
    if not said:
        return ""
    try:
        parts = urlsplit(said[:2000])
        host = parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        host = ""
    if host and host in {
        request.META.get("HTTP_HOST", "").lower(),
        urlsplit(settings.BASE_URL).netloc,
    }:
        return ""
    return (host or "null")[:100]


def _is_proxy(address: Address | None) -> bool:
    # A request without an address came through a socket, so from this machine.
    return address is None or any(address in network for network in settings.TRUSTED_PROXIES)
