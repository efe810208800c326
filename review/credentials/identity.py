"""Who signs: the settings' own chain, or the authority that was made here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.utils.translation import gettext as _

from review.credentials import authority
from review.credentials.errors import CertificateUnfit, NoCertificate
from review.credentials.profile import algorithm_of, faults_of


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What is signed with.

    Attributes:
        algorithm: see ``profile.algorithm_of``.
        chain: PEM, the signing certificate first.
        key: file of the private key, None with a *callback*.
        callback: dotted path of who signs instead, or "".
        timestamps: URL of an RFC 3161 authority, or "".
        anchors: PEM of what the signatures are trusted by.
        sha256: hex digest of the signing certificate.
        name: of the signing certificate's subject.
    """

    algorithm: str
    chain: str
    key: Path | None
    callback: str
    timestamps: str
    anchors: str
    sha256: str
    name: str
    expires: datetime


def folder() -> Path:
    """Where the programme's own authority lies."""
    return Path(settings.PROVENANCE_FOLDER)


def has_own_chain() -> bool:
    """Whether the settings name certificates made elsewhere."""
    return bool(settings.PROVENANCE_CHAIN)


def load() -> Identity:
    """What to sign with at this moment.

    Raises:
        NoCertificate: there is none, or a file cannot be read.
        CertificateUnfit: it has expired, or is not made for this; says which.
    """
    own = has_own_chain()
    chain_path = Path(settings.PROVENANCE_CHAIN) if own else folder() / authority.CHAIN
    callback = settings.PROVENANCE_SIGNER if own else ""
    key_path: Path | None = folder() / authority.KEY
    if own:
        key_path = None if callback else Path(settings.PROVENANCE_KEY)
    try:
        content = chain_path.read_bytes()
        key = key_path.read_bytes() if key_path is not None else None
        chain = x509.load_pem_x509_certificates(content)
    except OSError as error:
        said = _("%(file)s cannot be read: %(why)s.")
        raise NoCertificate(
            said % {"file": error.filename or chain_path, "why": error.strerror}
        ) from error
    except ValueError as error:
        raise CertificateUnfit(
            _("%(file)s holds no certificates in PEM.") % {"file": chain_path}
        ) from error
    if faults := faults_of(chain, key=key):
        raise CertificateUnfit(" ".join(faults))
    leaf = chain[0]
    return Identity(
        algorithm=algorithm_of(leaf),
        chain=content.decode(),
        key=key_path,
        callback=callback,
        timestamps=settings.PROVENANCE_TIMESTAMPS,
        anchors=anchors(),
        sha256=leaf.fingerprint(hashes.SHA256()).hex(),
        name=leaf.subject.rfc4514_string(),
        expires=min(certificate.not_valid_after_utc for certificate in chain),
    )


def anchors() -> str:
    """PEM of what the programme's credentials are trusted by; "" when there is nothing.

    The root of the settings, else the root made here, and the last of an own chain: credentials
    written before the settings named another chain stay the programme's.
    """
    paths = [Path(settings.PROVENANCE_ROOTS)] if settings.PROVENANCE_ROOTS else []
    paths.append(folder() / authority.ROOT)
    found = [path.read_text() for path in paths if path.is_file()]
    if has_own_chain() and not settings.PROVENANCE_ROOTS:
        last = Path(settings.PROVENANCE_CHAIN)
        if last.is_file():
            found.append("-----BEGIN" + last.read_text().rpartition("-----BEGIN")[2])
    return "\n".join(found)
