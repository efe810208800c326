"""Which addresses on the network something may be sent to.

Whoever gives a URL decides whom this server calls, and this server stands where others cannot
reach. So a name is resolved here, every address it has is looked at, and the caller connects to
exactly one of those; nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import IPPROTO_TCP, SOCK_STREAM, getaddrinfo
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.errors import TargetRefused, TargetUnknown
from portal.requests import Address

LONGEST_URL = 500
PORTS = frozenset({443, 8443})
_DEFAULT_PORTS = {"https": 443, "http": 80}

# Global by the registries, and yet a way into somebody's inside.
_NOT_OUTSIDE = [
    ip_network("168.63.129.16/32"),  # Azure's agent and metadata, from within
    ip_network("192.0.0.0/24"),  # protocol assignments; some clouds keep metadata here
    ip_network("192.88.99.0/24"),  # 6to4 relays
    ip_network("2001::/32"),  # Teredo, which wraps IPv4
    ip_network("2002::/16"),  # 6to4, which wraps IPv4
]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a URL leads.

    Attributes:
        scheme: ``https``, or ``http`` on this machine.
        host: the name in ASCII, or an address without brackets; for ``Host`` and for TLS.
        path: with the query.
        addresses: what the host was when it was looked at, each allowed; connect to no other.
    """

    scheme: str
    host: str
    port: int
    path: str
    addresses: Sequence[Address]


def find(url: str) -> Target:
    """Read *url*, resolve its host and see that it lies outside.

    With ``settings.WEBHOOK_PRIVATE_TARGETS`` this machine itself (loopback) is allowed too, with
    plain HTTP and at any port; nothing else that is not public ever is.

    Raises:
        TargetUnknown: nobody knows the name, just now.
        TargetRefused
    """
    scheme, host, port, path = _read(url)
    addresses = _resolve(host, port)
    if settings.WEBHOOK_PRIVATE_TARGETS and all(address.is_loopback for address in addresses):
        return Target(scheme=scheme, host=host, port=port, path=path, addresses=addresses)
    if scheme != "https":
        raise TargetRefused(_("The address must begin with https://."), field="url")
    if port not in PORTS:
        raise TargetRefused(_("Only the ports 443 and 8443 are allowed."), field="url")
    if not all(is_outside(address) for address in addresses):
        raise TargetRefused(
            _("This address lies inside a private network. Give one that the internet reaches."),
            field="url",
        )
    return Target(scheme=scheme, host=host, port=port, path=path, addresses=addresses)


def is_outside(address: Address) -> bool:
    """Whether *address* is one machine on the public internet."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return not any(address in network for network in _NOT_OUTSIDE)


def _read(url: str) -> tuple[str, str, int, str]:
    if len(url) > LONGEST_URL:
        raise TargetRefused(_("An address has at most 500 characters."), field="url")
    if "\\" in url or any(not letter.isprintable() or letter.isspace() for letter in url):
        raise TargetRefused(_("This is no address of a website."), field="url")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:
        raise TargetRefused(_("This is no address of a website."), field="url") from None
    if parts.scheme not in _DEFAULT_PORTS or not host or port == 0:
        raise TargetRefused(_("The address must begin with https://."), field="url")
    if parts.username is not None or parts.password is not None:
        raise TargetRefused(
            _("Leave name and password out of the address: a webhook proves itself by signature."),
            field="url",
        )
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], path


def _ascii(host: str) -> str:
    """*host* as names travel: in ASCII, without the root's dot. Raises ValueError."""
    host = host.rstrip(".").lower()
    if "%" in host:
        raise ValueError("an address with a zone is of this machine alone")
    if ":" in host:
        return str(IPv6Address(host))
    return host.encode("idna").decode() if host else ""


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise TargetUnknown(field="url") from None
    addresses: list[Address] = []
    for _family, _kind, _protocol, _name, where in found:
        address = _plain(str(where[0]))
        if address not in addresses:
            addresses.append(address)
    if not addresses:
        raise TargetUnknown(field="url")
    return addresses


def _plain(text: str) -> Address:
    """An address as it is connected to; IPv4 in the clothes of IPv6 is IPv4 again."""
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
