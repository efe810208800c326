"""What the studio's views share: who may, parts of a live page, ids in an address."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from generation.access import uses_studio
from portal.models import User
from portal.queries import memberships_for
from portal.views.base import SignedInRequest

WATCHED_MOST = 100


def artist_or_404(request: SignedInRequest) -> User:
    if not uses_studio(request.user):
        raise Http404
    return request.user


def closed_to(artist: User) -> dict[str, Any]:
    """What ``partials/closed.html`` says to an artist who can make no clip now."""
    memberships = list(memberships_for(artist))
    return {
        "closed_memberships": memberships,
        "all_ended": not any(membership.is_live for membership in memberships),
    }


def is_live_request(request: HttpRequest) -> bool:
    """Whether a part of the page asks, not the browser for a whole one."""
    return request.headers.get("HX-Request") == "true"


def with_toast(response: HttpResponse, text: str, tone: str = "success") -> HttpResponse:
    # JSON in ASCII: a header carries no other letters.
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": tone}})
    # A boosted form would put its verb's address into the address bar.
    response["HX-Push-Url"] = "false"
    return response


def ids(text: str) -> list[uuid.UUID]:
    """The UUIDs of a comma-separated list; anything else in it is passed over."""
    found = []
    for part in text.split(",")[:WATCHED_MOST]:
        try:
            found.append(uuid.UUID(part))
        except ValueError:
            continue
    return found
