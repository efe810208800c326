"""What every answer under ``/v1`` carries, and what pages would say said in the API's form."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.api import errors
from portal.api.auth import grant_if_any

PREFIX = "/v1/"


class ApiMiddleware:
    """Counts and times requests of the API; turns its bare 404, 405 and 400 pages into JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        began = time.perf_counter()
        response = _in_form(self.get_response(request))
        response["openai-processing-ms"] = str(round((time.perf_counter() - began) * 1000))
        grant = grant_if_any(request)
        if grant is not None:
            errors.say_limit(response, grant.spent)
        response.setdefault("Cache-Control", "private, no-store")
        return response


def _in_form(response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or response.get("Content-Type", "").startswith(
        "application/json"
    ):
        return response
    match response.status_code:
        case 404:
            made = errors.not_found()
        case 405:
            made = errors.answer(
                405, code="method_not_allowed", message=_("This address takes another method.")
            )
        case status if status < 500:
            made = errors.answer(
                status, code="bad_request", message=_("This request could not be read.")
            )
        case _:
            return response
    if "Allow" in response:
        made["Allow"] = response["Allow"]
    return made
