"""How accounts differ from allauth's own ways: by invitation only, secrets sealed at rest."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils import translation

from portal import sealing
from portal.models import User
from portal.requests import client_address
from portal.services.notify import send_mail_to

MFA_PURPOSE = "second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account without an invitation."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """For its limits and lists of sessions; 0.0.0.0 where nobody knows."""
        return str(client_address(request) or "0.0.0.0")  # noqa: S104 - said, not listened on

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Codes and notices leave like every other mail, in the reader's own language."""
        reader = User.objects.filter(email=email.lower()).first()
        language = reader.language if reader else translation.get_language()
        with translation.override(language):
            message = self.render_mail(
                template_prefix,
                email,
                {"request": allauth_context.request, "email": email, **context},
            )
        send_mail_to(
            email=email,
            name=reader.name if reader else "",
            language=language,
            subject=message.subject,
            text=message.body,
        )


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return sealing.seal(text, purpose=MFA_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text, purpose=MFA_PURPOSE)

    def get_totp_issuer(self) -> str:
        return "Greenroom"
