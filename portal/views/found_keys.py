"""Where a secret scanner, or anybody, hands in a key that lay about."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal import keys
from portal.limits import spend
from portal.requests import client_address, network_of
from portal.services import access_keys

MOST_BYTES = 65_536
MOST_KEYS = 100
MOST_PER_MINUTE = 30


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def keys_found(request: HttpRequest) -> JsonResponse:
    """``{"key": …}``, ``{"keys": […]}`` or a list of ``{"token": …, "url": …}``.

    Answers ``{"results": [{"known": true}, …]}`` in the order asked. That tells nobody anything
    new: who holds a key could as well try it.
    """
    address = client_address(request)
    bucket = str(network_of(address)) if address is not None else "socket"
    spent = spend(f"found:{bucket}", most=MOST_PER_MINUTE, seconds=60)
    if not spent.allowed:
        return _error(
            429,
            "too_many_requests",
            "Too many reports from one network. Try again in a minute.",
            {"Retry-After": str(spent.resets_in)},
        )
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:12]) > MOST_BYTES:
        return _error(413, "too_large", f"At most {MOST_BYTES} bytes a report.")
    try:
        reports = _reports(json.loads(request.body))
    except (ValueError, RecursionError):
        return _error(400, "invalid_report", "Send JSON: a key, or a list of tokens.")
    if len(reports) > MOST_KEYS:
        return _error(413, "too_many_keys", f"At most {MOST_KEYS} keys a report.")
    return JsonResponse(
        {
            "results": [
                {"known": access_keys.report_found(raw=key, found_on=host)} for key, host in reports
            ]
        }
    )


def _reports(said: Any) -> list[tuple[str, str]]:
    """Keys and the hosts they were found on.

    Raises:
        ValueError: when *said* has another form.
    """
    if isinstance(said, dict):
        entries = [said["key"]] if "key" in said else said.get("keys")
        if isinstance(entries, list) and all(isinstance(entry, str) for entry in entries):
            return [(entry.strip(), _host(said.get("url"))) for entry in entries]
    if isinstance(said, list) and all(
        isinstance(entry, dict) and isinstance(entry.get("token"), str) for entry in said
    ):
        return [(entry["token"].strip(), _host(entry.get("url"))) for entry in said]
    raise ValueError("no report")


def _host(url: Any) -> str:
    """The host of *url*: a path or a query could carry a message to the owner, or the key."""
    if not isinstance(url, str):
        return ""
    try:
        return keys.redact(urlsplit(url[:2000]).hostname or "")
    except ValueError:
        return ""


def _error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JsonResponse:
    kind = "rate_limit_error" if status == 429 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": None, "code": code}
    return JsonResponse({"error": error}, status=status, headers=headers)
