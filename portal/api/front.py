"""The API itself. Apps add their routers by name, so nothing here imports upwards."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern
from ninja import NinjaAPI

from portal.api.auth import AccessKeyAuth
from portal.api.errors import add_handlers
from portal.api.webhooks import section

api = NinjaAPI(
    title="Greenroom",
    version="1",
    description="Make clips and fetch them, as the OpenAI SDK's `client.videos` does; file "
    "feedback, and see what it pays.",
    auth=AccessKeyAuth(),
    urls_namespace="v1",
    # Its page loads scripts from elsewhere, which the site's policy forbids.
    docs_url=None,
    openapi_extra={"webhooks": section()},
)
add_handlers(api)
api.add_router("", "generation.api.models.router", tags=["models"])
api.add_router("/device", "portal.api.device.router", tags=["device"])
# Literal paths come before those that begin with a video's id.
api.add_router("/videos", "generation.api.videos.router", tags=["videos"])
api.add_router("/videos", "review.api.router", tags=["videos"])
api.add_router("", "payments.api.router", tags=["work"])


def patterns() -> list[URLPattern]:
    """The API's addresses. Its keys let people in, so none of them asks for a session."""
    found = [entry for entry in api.urls[0] if isinstance(entry, URLPattern)]
    for pattern in found:
        pattern.callback = login_not_required(pattern.callback)
    return found
