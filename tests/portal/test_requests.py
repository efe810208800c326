"""Whom a request comes from, whatever its headers claim."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from pytest_django import Settings

from portal.config import env
from portal.requests import client_address, network_of

PROXIES = [ip_network("10.0.0.0/24"), ip_network("::1")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        # Not from a proxy: whatever the header says is the client's own invention.
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        # The client wrote the first hop itself; the proxy appended whom it saw.
        ("10.0.0.1", "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("::1", " 2001:db8::7 ", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        # Through a socket there is no peer address; only this machine's proxy can be there.
        ("", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_address_that_a_trusted_proxy_saw(
    settings: Settings, peer: str, forwarded: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    assert client_address(request) == ip_address(found)


def test_without_proxies_the_header_is_nothing(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    ask = RequestFactory().get
    forged = {"X-Forwarded-For": "203.0.113.9"}
    assert client_address(ask("/", headers=forged, REMOTE_ADDR="127.0.0.1")) == ip_address(
        "127.0.0.1"
    )
    assert client_address(ask("/", headers=forged, REMOTE_ADDR="")) is None


def test_a_neighbourhood_names_nobody() -> None:
    assert str(network_of(ip_address("203.0.113.9"))) == "203.0.113.0/24"
    assert str(network_of(ip_address("2001:db8:1:2::7"))) == "2001:db8:1::/48"


def test_networks_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_EXAMPLE", "10.0.0.1, 2001:db8::/32")
    assert env.networks("GREENROOM_EXAMPLE", default=[]) == [
        ip_network("10.0.0.1/32"),
        ip_network("2001:db8::/32"),
    ]
    monkeypatch.setenv("GREENROOM_EXAMPLE", "10.0.0.1/8")
    with pytest.raises(ImproperlyConfigured, match="has host bits set"):
        env.networks("GREENROOM_EXAMPLE", default=[])
