"""``/v1/docs``: the API in words, for whoever may read its schema, and that is everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.api_docs import reading
from portal.api_docs.examples import base_url


@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/api_docs.html",
        {
            "base_url": base_url(),
            "operations": reading.operations(),
            "things": reading.things(),
            "events": reading.events(),
            "event_fields": reading.event_fields(),
            "event_headers": reading.event_headers(),
            "general_codes": reading.general_codes(),
        },
    )
