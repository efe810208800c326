"""What a program that wants a key by a short code can be refused with (RFC 8628)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class DeviceLoginUnknown(GreenroomError):
    """A code that nobody was shown, that is used, or whose time is over: told apart for nobody."""

    code = "device_code_unknown"
    status = 404
    default_message = _("This code is not known, or its time is over. Start again in your program.")


class DeviceLoginTooOften(GreenroomError):
    """
    Attributes:
        retry_after: seconds until the next try.
    """

    code = "too_many_requests"
    status = 429
    permanent = False
    default_message = _("Too many tries. Wait a little and try again.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class DeviceTokenRefused(GreenroomError):
    """No key for a program, or not yet: the error codes of RFC 8628, section 3.5."""


class AuthorizationPending(DeviceTokenRefused):
    code = "authorization_pending"
    permanent = False
    default_message = _("Nobody has confirmed the code yet.")


class SlowDown(DeviceTokenRefused):
    code = "slow_down"
    permanent = False
    default_message = _("You ask too often: wait five seconds longer each time.")


class DeviceCodeExpired(DeviceTokenRefused):
    code = "expired_token"
    default_message = _("Nobody confirmed the code in time. Start again.")


class DeviceLoginDenied(DeviceTokenRefused):
    code = "access_denied"
    default_message = _("The code was refused.")


class DeviceCodeInvalid(DeviceTokenRefused):
    code = "invalid_grant"
    default_message = _("There is no such code, or it was used already.")
