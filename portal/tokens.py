"""Tokens of mailed links: random, shown once, hashed at rest."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits in URL-safe characters."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Hex SHA-256; enough for a token that nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()
