"""What can go wrong, in the user's words, and the exit code of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import openai

from greenroom_client.words import mark, say


class Exit(IntEnum):
    """Exit codes of the command; 2 is also click's own for a wrong option."""

    OK = 0
    FAILED = 1
    REFUSED = 2
    NOT_SIGNED_IN = 3
    NOT_FOUND = 4
    AWAITING_REVIEW = 5
    NOT_RELEASED = 6
    LIMIT = 7
    UNREACHABLE = 8
    INTERRUPTED = 130


class Problem(Exception):
    """
    Attributes:
        message: what to tell the person.
        exit: the exit code.
        code: the API's name of it, or "".
        retry_after: seconds after which the same can succeed, or None.
    """

    def __init__(
        self,
        message: str,
        exit_code: Exit = Exit.FAILED,
        *,
        code: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exit = exit_code
        self.code = code
        self.retry_after = retry_after


_BY_CODE = {
    "awaiting_review": Exit.AWAITING_REVIEW,
    "being_signed": Exit.AWAITING_REVIEW,
    "release_refused": Exit.NOT_RELEASED,
    "video_not_ready": Exit.FAILED,
    # Codes of login by code, RFC 8628.
    "access_denied": Exit.NOT_SIGNED_IN,
    "expired_token": Exit.NOT_SIGNED_IN,
    "invalid_grant": Exit.NOT_SIGNED_IN,
}
_BY_STATUS = {
    401: Exit.NOT_SIGNED_IN,
    403: Exit.NOT_SIGNED_IN,
    404: Exit.NOT_FOUND,
    409: Exit.FAILED,
    429: Exit.LIMIT,
}
_WHAT_NOW = {
    "missing_api_key": mark("Sign in with “greenroom login”."),
    "invalid_api_key": mark("Sign in again with “greenroom login”."),
    "key_expired": mark("Sign in again with “greenroom login”."),
    "key_revoked": mark("Sign in again with “greenroom login”."),
    "awaiting_review": mark("The marked preview is yours at once: --variant preview."),
    "video_in_progress": mark("Cancel it first: “greenroom cancel ID”."),
    "agreement_not_signed": mark("You find it on the site, under your name."),
}


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the SDK raises into a :class:`Problem`."""
    try:
        yield
    except openai.APIError as error:
        raise problem_of(error) from error


def problem_of(error: openai.APIError) -> Problem:
    """*error* as the person reads it: the site's own sentence, and what to do now."""
    if isinstance(error, openai.APITimeoutError):
        return Problem(say("Greenroom took too long to answer. Try again."), Exit.UNREACHABLE)
    if isinstance(error, openai.APIConnectionError):
        return Problem(
            say(
                "Greenroom cannot be reached at {host}. Check the address and your network.",
                host=error.request.url.host,
            ),
            Exit.UNREACHABLE,
        )
    if not isinstance(error, openai.APIStatusError):
        return Problem(say("The answer could not be read: {why}", why=error.message), Exit.FAILED)
    body = error.body if isinstance(error.body, dict) else {}
    said = str(body.get("message") or "").strip()
    code = str(error.code or "")
    status = error.status_code
    if not said:
        said = say("Greenroom answered {status}, and not why. Is the address right?", status=status)
    if status >= 500:
        request = error.response.headers.get("x-request-id", "")
        if request:
            said += f" {say('Tell the programme’s team this number: {number}', number=request)}"
        return Problem(said, Exit.UNREACHABLE, code=code)
    what_now = say(_WHAT_NOW[code]) if code in _WHAT_NOW else ""
    return Problem(
        f"{said} {what_now}".strip(),
        _BY_CODE.get(code) or _BY_STATUS.get(status, Exit.REFUSED),
        code=code,
        retry_after=_seconds(error.response.headers.get("retry-after")),
    )


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
