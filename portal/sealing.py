"""Encryption of small secrets at rest, with keys derived from the installation's secret key.

A copy of the database alone reveals none of them. Changing ``SECRET_KEY`` needs the old one in
``SECRET_KEY_FALLBACKS`` for as long as old values are to be read.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """The sealed text was changed, or sealed with a key that is gone or for another purpose."""


def seal(text: str, *, purpose: str) -> str:
    """*text* encrypted and signed; only ``unseal`` with the same *purpose* opens it."""
    return _box(purpose, _secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The text that was sealed.

    Raises:
        Unreadable: when it cannot be opened.
    """
    try:
        return _box(purpose, _secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(f"This was not sealed here for {purpose!r}.") from None


def _secrets() -> tuple[str, ...]:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(key if isinstance(key, str) else key.decode() for key in keys)


@lru_cache(maxsize=16)
def _box(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    """The newest secret seals; every secret opens."""
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    HKDF(
                        algorithm=SHA256(),
                        length=32,
                        salt=b"greenroom.sealing",
                        info=purpose.encode(),
                    ).derive(secret.encode())
                )
            )
            for secret in secrets
        ]
    )
