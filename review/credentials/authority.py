"""The programme's own authority: a root, an intermediate, and the certificate that signs."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT, CHAIN, KEY = "root.pem", "chain.pem", "signing.key"
ROOT_KEY, MIDDLE_KEY = "root.key", "intermediate.key"
# Without a time-stamp a file is valid no longer than the certificate that signed it.
_YEARS_ROOT, _YEARS_MIDDLE, _YEARS_LEAF = 30, 25, 20
_A_YEAR = timedelta(days=365)


def make(folder: Path, *, programme: str) -> None:
    """Make root, intermediate and signing certificate in *folder*, all or none.

    Every file has mode 0600 but the two that anybody may read: ``root.pem`` and ``chain.pem``
    (the signing certificate, then the intermediate). The folder has mode 0700.

    Raises:
        FileExistsError: there is an authority already.
        OSError: when a file cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if (folder / CHAIN).exists() or (folder / ROOT).exists():
        raise FileExistsError(f"{folder} holds an authority already")
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _each in range(3)]
    names = [
        _name(programme, f"{programme} {part}")
        for part in ("content credentials root", "content credentials", "release")
    ]
    root = _certificate(names[0], keys[0], names[0], keys[0], now, _YEARS_ROOT, below=1)
    middle = _certificate(names[1], keys[1], names[0], keys[0], now, _YEARS_MIDDLE, below=0)
    leaf = _certificate(names[2], keys[2], names[1], keys[1], now, _YEARS_LEAF, below=None)
    _write(folder / ROOT_KEY, _key_pem(keys[0]))
    _write(folder / MIDDLE_KEY, _key_pem(keys[1]))
    _write(folder / KEY, _key_pem(keys[2]))
    _write(folder / ROOT, _pem(root), mode=0o644)
    # Its presence says that everything else is there.
    _write(folder / CHAIN, _pem(leaf) + _pem(middle), mode=0o644)


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    years: int,
    *,
    below: int | None,
) -> x509.Certificate:
    """Sign one; *below* is how many authorities may stand under it, None for one that signs."""
    is_authority = below is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + years * _A_YEAR)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=below), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not is_authority:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purposes, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(programme: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, programme[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Never readable by others, not even before its last byte is there."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
