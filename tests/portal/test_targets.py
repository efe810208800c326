"""Where webhooks may not go: names, addresses, ports; and what is done with the answer."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal import outbound, targets
from portal.errors import TargetRefused, TargetUnknown
from portal.outbound import Answer
from tests.listening import Listener, listening

Names = Callable[..., None]

PUBLIC = "93.184.215.14"
INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.0.3",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.5.5",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.fixture
def public_only(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = False


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Lets every host name have these addresses, or none at all."""

    def resolve_to(*addresses: str) -> None:
        def fake(host: str, port: int, **kwargs: Any) -> list[Any]:
            if not addresses:
                raise socket.gaierror(socket.EAI_NONAME, "not known")
            return [(0, 0, 0, "", (address, port)) for address in addresses]

        monkeypatch.setattr(targets, "getaddrinfo", fake)

    return resolve_to


@pytest.mark.usefixtures("public_only")
class TestFind:
    @pytest.mark.parametrize("address", INSIDE)
    def test_a_name_of_something_inside_is_refused(self, names: Names, address: str) -> None:
        names(address)
        with pytest.raises(TargetRefused, match="private network"):
            targets.find("https://hooks.example.org/")
        names(PUBLIC, address)
        with pytest.raises(TargetRefused, match="private network"):
            targets.find("https://hooks.example.org/")

    @pytest.mark.parametrize(
        "host",
        [
            *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "localhost"),
            *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "10.0.0.1", "169.254.169.254"),
        ],
    )
    def test_an_address_inside_is_refused_however_it_is_written(self, host: str) -> None:
        with pytest.raises(TargetRefused):
            targets.find(f"https://{host}/")

    @pytest.mark.parametrize(
        "url",
        [
            *("http://hooks.example.org/", "ftp://hooks.example.org/", "file:///etc/passwd"),
            *("hooks.example.org", "https://", "https:///path", "", "https://[::1", "//x/"),
            *("https://user@hooks.example.org/", "https://user:pass@hooks.example.org/"),
            *("https://hooks.example.org:22/", "https://hooks.example.org:0/"),
            *("https://hooks.example.org:6379/", "https://hooks.example.org:99999/"),
            *("https://hooks.example.org:x/", "https://hooks.example.org/a b"),
            *("https://hooks.example.org\\@10.0.0.1/", "https://hooks.example.org/\r\nX: 1"),
            *("https://hooks.example.org/\x00", "https://[fe80::1%25eth0]/", "https://a..b/"),
            "https://hooks.example.org/" + "a" * 500,
        ],
    )
    def test_what_is_no_public_https_address_is_refused(self, names: Names, url: str) -> None:
        names(PUBLIC)
        with pytest.raises(TargetRefused) as refused:
            targets.find(url)
        assert refused.value.field == "url"

    def test_a_name_that_nobody_knows_may_be_known_later(self, names: Names) -> None:
        names()
        with pytest.raises(TargetUnknown) as refused:
            targets.find("https://hooks.example.org/")
        assert not refused.value.permanent

    def test_what_is_outside_is_found(self, names: Names) -> None:
        names(PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC)
        target = targets.find("https://Hooks.Example.org.:8443/a/é?b=c+d&e=%20#part")
        assert (target.scheme, target.host, target.port) == ("https", "hooks.example.org", 8443)
        assert target.path == "/a/%C3%A9?b=c+d&e=%20"
        assert [str(address) for address in target.addresses] == [
            PUBLIC,
            "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        ]
        assert targets.find("https://bücher.example").host == "xn--bcher-kva.example"


class TestThisMachine:
    """Local development: ``WEBHOOK_PRIVATE_TARGETS`` lets loopback in, and nothing else."""

    def test_plain_http_at_any_port(self) -> None:
        target = targets.find("http://127.0.0.1:9/x")
        assert (target.scheme, target.port, target.path) == ("http", 9, "/x")

    @pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "fe80::1"])
    def test_the_rest_stays_refused(self, names: Names, address: str) -> None:
        for addresses in ([address], ["127.0.0.1", address]):
            names(*addresses)
            with pytest.raises(TargetRefused):
                targets.find("https://hooks.example.org/")

    def test_plain_http_leaves_not(self, names: Names) -> None:
        names(PUBLIC)
        with pytest.raises(TargetRefused, match="https"):
            targets.find("http://hooks.example.org/")


def post(url: str, **more: Any) -> Answer:
    return outbound.post(url, body=b"{}", headers={"X-Test": "1"}, **more)


class TestPost:
    def test_it_connects_to_the_address_that_was_checked(
        self, names: Names, listener: Listener
    ) -> None:
        names("127.0.0.1")
        answer = post(f"http://hooks.example.org:{listener.port}/a?b=c")
        assert (answer.status, answer.error, answer.is_success) == (200, "", True)
        (heard,) = listener.heard
        assert heard.path == "/a?b=c"
        assert heard.headers["host"] == f"hooks.example.org:{listener.port}"
        assert (heard.headers["x-test"], heard.body) == ("1", b"{}")

    def test_a_redirect_is_an_answer_and_no_way(self, listener: Listener) -> None:
        listener.answers = [(302, {"Location": listener.url}, b"over there")]
        answer = post(listener.url)
        assert (answer.status, answer.is_success, answer.text) == (302, False, "over there")
        assert len(listener.heard) == 1

    def test_proxies_of_the_environment_are_not_asked(
        self, monkeypatch: pytest.MonkeyPatch, listener: Listener
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert post(listener.url).status == 200

    def test_a_long_answer_is_cut(self, listener: Listener) -> None:
        listener.answers = [(200, {}, b"\x00\xff" + b"a" * 5_000_000)]
        answer = post(listener.url)
        assert answer.text == "�" + "a" * 1022

    def test_names_that_have_come_to_lie_inside_are_refused_when_sent(
        self, settings: Any, names: Names, listener: Listener
    ) -> None:
        settings.WEBHOOK_PRIVATE_TARGETS = False
        names("127.0.0.1")
        answer = post(f"https://hooks.example.org:{listener.port}/")
        assert (answer.status, answer.error) == (None, "target_refused")
        names()
        assert post("https://hooks.example.org/").error == "target_unknown"
        assert listener.heard == []

    def test_nobody_there(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            answer = post(f"http://127.0.0.1:{closed.getsockname()[1]}/")
        assert (answer.status, answer.error) == (None, "no_connection")

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (b"", "too_slow"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "too_slow"),
            (b"SSH-2.0-OpenSSH_9.9\r\n", "no_http"),
        ],
    )
    def test_a_server_that_keeps_us_waiting_is_cut_off(self, said: bytes, error: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            held: list[socket.socket] = []

            def serve() -> None:
                line, _address = server.accept()
                held.append(line)
                line.recv(65536)
                line.sendall(said)

            thread = threading.Thread(target=serve)
            thread.start()
            answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=0.2)
            thread.join()
            held[0].close()
        assert (answer.status, answer.error) == (None, error)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of ``hooks.example.org``, which signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.org")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


class TestTls:
    def test_the_name_is_said_and_the_certificate_checked(
        self, monkeypatch: pytest.MonkeyPatch, names: Names, certificate: Path
    ) -> None:
        names("127.0.0.1")
        asked_for: list[str | None] = []
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_side.load_cert_chain(certificate)
        server_side.set_servername_callback(lambda _line, name, _context: asked_for.append(name))
        trusting = ssl.create_default_context(cafile=str(certificate))
        with listening(server_side) as listener:
            unknown = post(f"https://hooks.example.org:{listener.port}/")
            monkeypatch.setattr(outbound, "tls_context", lambda: trusting)
            other = post(f"https://other.example.org:{listener.port}/")
            good = post(f"https://hooks.example.org:{listener.port}/")
        assert (unknown.error, other.error, good.status) == ("tls", "tls", 200)
        assert asked_for == ["hooks.example.org", "other.example.org", "hooks.example.org"]
        (heard,) = listener.heard
        assert heard.headers["host"] == f"hooks.example.org:{listener.port}"
