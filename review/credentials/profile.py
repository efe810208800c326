"""Whether a certificate may sign content credentials, and since when not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.utils.translation import gettext as _

_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
_C2PA_CLAIMS = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
_FIT = {ExtendedKeyUsageOID.EMAIL_PROTECTION, _DOCUMENT_SIGNING, _C2PA_CLAIMS}
_UNFIT = {
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.CODE_SIGNING,
    ExtendedKeyUsageOID.TIME_STAMPING,
    ExtendedKeyUsageOID.OCSP_SIGNING,
}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_SHORTEST_RSA = 2048
_T = TypeVar("_T", bound=x509.ExtensionType)


def algorithm_of(certificate: x509.Certificate) -> str:
    """``es256``, ``es384``, ``es512``, ``ps256`` or ``ed25519``; "" for a key that may not sign."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, "")
    if isinstance(key, rsa.RSAPublicKey):
        return "ps256" if key.key_size >= _SHORTEST_RSA else ""
    return "ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else ""


def faults_of(
    chain: Sequence[x509.Certificate], *, key: bytes | None, now: datetime | None = None
) -> list[str]:
    """What keeps *chain* from signing, in words; empty when it may.

    Args:
        chain: the signing certificate first, then those above it.
        key: its private key as PEM; None where somebody else holds it.
    """
    now = now or datetime.now(UTC)
    leaf = chain[0]
    faults = [*_time_faults(chain, now), *_use_faults(leaf)]
    if not algorithm_of(leaf):
        faults.append(_("Its kind of key may not sign content credentials."))
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature):
            faults.append(_("The certificates of the chain do not follow from each other."))
            break
    if key is not None and not _belongs(key, leaf):
        faults.append(_("The private key is not that of the certificate."))
    return faults


def _time_faults(chain: Sequence[x509.Certificate], now: datetime) -> list[str]:
    faults = []
    for certificate in chain:
        told = {"name": certificate.subject.rfc4514_string()}
        if certificate.not_valid_after_utc < now:
            told["day"] = certificate.not_valid_after_utc.date().isoformat()
            faults.append(_("The certificate of %(name)s expired on %(day)s.") % told)
        elif certificate.not_valid_before_utc > now:
            told["day"] = certificate.not_valid_before_utc.date().isoformat()
            faults.append(_("The certificate of %(name)s is valid from %(day)s on.") % told)
    return faults


def _use_faults(leaf: x509.Certificate) -> list[str]:
    faults = []
    uses = _extension(leaf, x509.KeyUsage)
    if uses is None or not uses.digital_signature:
        faults.append(_("The certificate is not made for signatures (key usage)."))
    purposes = set(_extension(leaf, x509.ExtendedKeyUsage) or ())
    if not purposes & _FIT or purposes & _UNFIT:
        faults.append(_("The certificate is not made for signing documents (extended key usage)."))
    basic = _extension(leaf, x509.BasicConstraints)
    if basic is not None and basic.ca:
        faults.append(_("The certificate is one of an authority, which may not sign clips."))
    if _extension(leaf, x509.AuthorityKeyIdentifier) is None:
        faults.append(_("The certificate does not name the key it was signed with."))
    return faults


def _extension(certificate: x509.Certificate, kind: type[_T]) -> _T | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _belongs(key: bytes, leaf: x509.Certificate) -> bool:
    try:
        private = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError):
        return False
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.public_key().public_bytes(*form) == leaf.public_key().public_bytes(*form)
