"""``/v1/device``: how a program gets its first key, by a code that a person confirms (RFC 8628)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema
from pydantic import BaseModel, Field

from portal.api.bodies import body_of
from portal.api.errors import REFUSALS
from portal.device_errors import DeviceLoginTooOften
from portal.limits import spend
from portal.requests import client_address, network_of
from portal.services import device_logins

router = Router()

# For one network. A program that keeps to its interval asks twelve times a minute.
MOST_CODES = 10
MOST_QUESTIONS = 60


class CodeWish(BaseModel):
    """``client``: what the program calls itself; the person reads it before they confirm."""

    client: str = Field(min_length=1, max_length=60)


class TokenWish(BaseModel):
    device_code: str = Field(min_length=1, max_length=100)


class DeviceCode(Schema):
    """Both codes end after ``expires_in`` seconds; ask every ``interval`` seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class DeviceToken(Schema):
    """``access_key`` is shown this once; ``expires_at`` in Unix seconds."""

    access_key: str
    token_type: str
    scope: str
    name: str
    cohort: str
    owner: str
    expires_at: int


def _takes(model: type[BaseModel]) -> dict[str, object]:
    schema = model.model_json_schema()
    forms = ("application/json", "application/x-www-form-urlencoded")
    return {
        "requestBody": {"required": True, "content": {form: {"schema": schema} for form in forms}}
    }


@router.post(
    "/code",
    auth=None,
    response={200: DeviceCode, **REFUSALS},
    operation_id="startDeviceLogin",
    summary="Codes for a program that has no key yet",
    url_name="device_code",
    openapi_extra=_takes(CodeWish),
)
def device_code(request: HttpRequest) -> DeviceCode:
    """The person types ``user_code`` at ``verification_uri``."""
    _slow(request, "device-code", MOST_CODES)
    asked = body_of(request).read(CodeWish)
    started = device_logins.start(client=asked.client, address=client_address(request))
    page = f"{settings.BASE_URL}{reverse('device')}"
    return DeviceCode(
        device_code=started.device_code,
        user_code=started.user_code,
        verification_uri=page,
        verification_uri_complete=f"{page}?code={started.user_code}",
        expires_in=int(device_logins.LIFETIME.total_seconds()),
        interval=started.row.interval,
    )


@router.post(
    "/token",
    auth=None,
    response={200: DeviceToken, **REFUSALS},
    operation_id="fetchDeviceKey",
    summary="The key, once its person has confirmed",
    url_name="device_token",
    openapi_extra=_takes(TokenWish),
)
def device_token(request: HttpRequest) -> DeviceToken:
    """Until then 400 ``authorization_pending``; a key is given out once."""
    _slow(request, "device-token", MOST_QUESTIONS)
    asked = body_of(request).read(TokenWish)
    made = device_logins.fetch(device_code=asked.device_code)
    return DeviceToken(
        access_key=made.clear,
        token_type="Bearer",  # noqa: S106
        scope=" ".join(sorted(made.row.scopes)),
        name=made.row.name,
        cohort=made.row.cohort.name,
        owner=str(made.row.owner),
        expires_at=int(made.row.expires_at.timestamp()),
    )


def _slow(request: HttpRequest, bucket: str, most: int) -> None:
    address = client_address(request)
    place = str(network_of(address)) if address is not None else "socket"
    spent = spend(f"{bucket}:{place}", most=most, seconds=60)
    if not spent.allowed:
        raise DeviceLoginTooOften(retry_after=spent.resets_in)
