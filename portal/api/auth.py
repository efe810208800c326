"""Who a request is: the access key in its ``Authorization`` header (RFC 6750)."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from portal.requests import client_address, foreign_page, origin
from portal.services.key_use import KeyGrant, authenticate
from portal.services.leaks import watch

# Where the middleware finds it, which tells of its limit.
_GRANT = "key_grant"


class AccessKeyAuth(HttpBearer):
    """Raises the named refusals of ``authenticate``, and KeyFrozen of ``watch``."""

    def authenticate(self, request: HttpRequest, token: str) -> KeyGrant:
        address = client_address(request)
        client = request.headers.get("User-Agent", "")
        grant = authenticate(token, address=address, client=client)
        if (whence := origin.get()) is not None:
            whence.key_hint = grant.key.hint
        watch(
            key=grant.key,
            address=address,
            client=client,
            page=foreign_page(request),
            starts=request.method == "POST",
        )
        setattr(request, _GRANT, grant)
        return grant


def grant_of(request: HttpRequest) -> KeyGrant:
    """What the key of an authenticated *request* may do."""
    return cast(KeyGrant, getattr(request, _GRANT))


def grant_if_any(request: HttpRequest) -> KeyGrant | None:
    return getattr(request, _GRANT, None)
