"""Login by code (RFC 8628): the person confirms in a browser, the program fetches its key."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import openai
from openai import BaseModel, OpenAI

from greenroom_client import pace
from greenroom_client.account import Account
from greenroom_client.problems import Exit, Problem, in_words, problem_of
from greenroom_client.words import headers, say

SLOWER = 5


class Codes(BaseModel):
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class Token(BaseModel):
    access_key: str
    name: str
    cohort: str
    owner: str
    expires_at: int


def sign_in(base_url: str, *, show: Callable[[Codes], None]) -> Account:
    """A key for this machine, once its person has confirmed; ``show`` tells them the code.

    Raises:
        Problem: refused, too late, or not reachable.
    """
    # A repeated fetch would find the key given out already, so nothing is repeated.
    with OpenAI(
        base_url=base_url, api_key="none", max_retries=0, default_headers=headers()
    ) as client:
        with in_words():
            codes = client.post("/device/code", cast_to=Codes, body={"client": this_machine()})
        show(codes)
        token = _wait_for(client, codes)
    return Account(
        base_url=base_url,
        api_key=token.access_key,
        owner=token.owner,
        cohort=token.cohort,
        key_name=token.name,
        expires_at=token.expires_at,
    )


def this_machine() -> str:
    return f"greenroom on {platform.node() or 'a computer'}"[:60]


def _wait_for(client: OpenAI, codes: Codes) -> Token:
    interval, left = float(codes.interval), float(codes.expires_in)
    said: dict[str, Any] = {"device_code": codes.device_code}
    while left > 0:
        pace.wait(interval)
        left -= interval
        try:
            return client.post("/device/token", cast_to=Token, body=said)
        except openai.APIError as error:
            problem = problem_of(error)
        match problem.code:
            case "authorization_pending":
                continue
            case "slow_down":
                interval += SLOWER
            case "too_many_requests":
                pace.wait(problem.retry_after or interval)
            case _:
                raise problem
    raise Problem(say("Nobody confirmed the code in time. Start again."), Exit.NOT_SIGNED_IN)
