"""Exactly-once requests with a key: by their ``Idempotency-Key``, or recognised as a retry.

After the draft standard of the header, draft-ietf-httpapi-idempotency-key-header-07. The row is
committed before anything is made, so a request whose answer got lost is known when it comes again.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models.functions import Now
from django.utils import timezone

from portal.errors import IdempotencyKeyReused, IdempotencyKeyTooLong
from portal.models import AccessKey, KeyRequest
from portal.prepared import prepared

# The header names a request for so long.
REMEMBERED = timedelta(days=2)
# The SDK repeats a request within seconds, twice; a slow network adds some.
RETRIED_WITHIN = timedelta(minutes=10)
LONGEST_NAME = 255

_NEW = """
    INSERT INTO portal_keyrequest (access_key_id, name, body, token)
    VALUES (%(key)s, '', %(body)s, %(token)s)
"""


def token_for(*, key: AccessKey, name: str, body: str, is_retry: bool) -> UUID:
    """Under which token to make what this request asks for: that of the request it repeats.

    Args:
        name: its ``Idempotency-Key``, or "".
        body: hex SHA-256 of all it says.
        is_retry: whether the client says that it has sent this before.

    Raises:
        IdempotencyKeyReused: the name came with another body.
        IdempotencyKeyTooLong
    """
    if len(name) > LONGEST_NAME:
        raise IdempotencyKeyTooLong
    if name:
        return _named(key, hashlib.sha256(name.encode("utf-8", "replace")).hexdigest(), body)
    if is_retry:
        known = KeyRequest.objects.filter(
            access_key=key, body=body, created_at__gte=timezone.now() - RETRIED_WITHIN
        ).first()
        if known is not None:
            return known.token
    token = uuid4()
    prepared(_NEW, {"key": key.pk, "body": body, "token": token})
    return token


def forget_old() -> int:
    """Remove what nobody repeats any more; answers how many."""
    count, _each = KeyRequest.objects.filter(created_at__lt=Now() - REMEMBERED).delete()
    return count


def _named(key: AccessKey, name: str, body: str) -> UUID:
    row, _made = KeyRequest.objects.get_or_create(
        access_key=key, name=name, defaults={"body": body}
    )
    if row.body != body:
        raise IdempotencyKeyReused
    return row.token
