"""Signatures of webhooks in the form of standard-webhooks, which the OpenAI SDK checks. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def make_secret() -> str:
    """A new secret: ``whsec_`` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(*, message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """``v1,`` and the base64 HMAC-SHA256 of id, Unix seconds and body, joined by dots."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(
    *, message_id: str, timestamp: int, body: bytes, with_secrets: Iterable[str]
) -> dict[str, str]:
    """The three headers; each secret adds its signature, and one that fits is enough."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            sign(message_id=message_id, timestamp=timestamp, body=body, secret=secret)
            for secret in with_secrets
        ),
    }
