"""How the API says no: one JSON form for every refusal, the one the OpenAI SDK reads."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from portal.containment_errors import Contained
from portal.errors import GreenroomError
from portal.limits import Spent

log = logging.getLogger(__name__)

# The services' names of what the API calls otherwise.
PARAMS = {
    "model_key": "model",
    "frames": "seconds",
    "start_picture": "input_reference",
    "picture_file": "input_reference",
    # It follows from the key.
    "cohort": "",
}

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class Problem(Schema):
    """``type`` groups, ``code`` names; ``param`` is the field it is about."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(Schema):
    error: Problem


# Whatever an operation does, these may be its answer.
REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 411, 413, 422, 429), ErrorBody)


def answer(
    status: int, *, code: str, message: str, param: str | None = None, retry: bool | None = None
) -> JsonResponse:
    """*retry* overrules what the SDK does by itself: it repeats 408, 409, 429 and what is ≥ 500."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    body = {"message": message, "type": kind, "param": param, "code": code}
    response = JsonResponse({"error": body}, status=status)
    if retry is not None:
        response["x-should-retry"] = "true" if retry else "false"
    return response


def refused(error: GreenroomError) -> JsonResponse:
    """A named error; trying again helps only where it says so."""
    status = error.api_status or error.status
    response = answer(
        status,
        code=error.code,
        message=str(error.message),
        param=PARAMS.get(error.field, error.field) or None,
        retry=False
        if isinstance(error, Contained) or (error.permanent and status in {409, 429})
        else None,
    )
    if wait := getattr(error, "retry_after", 0):
        response["retry-after"] = str(wait)
    if spent := getattr(error, "spent", None):
        say_limit(response, spent)
    if status == 401:
        response["www-authenticate"] = "Bearer"
    return response


def say_limit(response: HttpResponse, spent: Spent) -> None:
    response["x-ratelimit-limit-requests"] = str(spent.most)
    response["x-ratelimit-remaining-requests"] = str(spent.left)
    response["x-ratelimit-reset-requests"] = f"{spent.resets_in}s"


def not_found() -> JsonResponse:
    return answer(404, code="not_found", message=_("There is nothing here."))


def add_handlers(api: NinjaAPI) -> None:
    """Let *api* answer every exception in the one form."""

    @api.exception_handler(GreenroomError)
    def named(request: HttpRequest, error: GreenroomError) -> HttpResponse:
        return refused(error)

    @api.exception_handler(AuthenticationError)
    def without_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        said = _("Send your access key: “Authorization: Bearer grk_…”.")
        response = answer(401, code="missing_api_key", message=said)
        response["www-authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def misformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0]
        param = ".".join(str(part) for part in first.get("loc", ())[1:])
        return answer(400, code="invalid_value", message=first["msg"], param=param or None)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return not_found()

    @api.exception_handler(HttpError)
    def told(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(error.status_code, code="bad_request", message=str(error))

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("the API failed at %s %s", request.method, request.path)
        return answer(500, code="server_error", message=_("Something went wrong on our side."))
