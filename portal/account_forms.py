"""allauth's forms where our words or defaults differ."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A key that can also stand in for the password, which it must for who has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["passwordless"]
        field.label = _("Sign in with it alone")
        field.help_text = _(
            "Then the key replaces the password; it asks for your finger, face or PIN."
        )
        if not self.user.has_usable_password():
            self.initial.setdefault("passwordless", True)
