"""Where an artist wants their money."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.states import PayeeMethod
from portal.sealing import seal, unseal

PAYEE_PURPOSE = "payee account"


class PayeeDetails(models.Model):
    """An artist's bank account or PayPal address, encrypted at rest.

    ``account_hint`` is enough of it to recognise it and not enough to use it. ``usable_from`` is
    when money may first go to an account that replaced another one; None means at once.
    """

    artist = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payee_details"
    )
    method = models.CharField(
        _("paid by"), max_length=10, choices=PayeeMethod.choices, default=PayeeMethod.IBAN
    )
    holder = models.CharField(_("account holder"), max_length=70)
    account_sealed = models.TextField()
    account_hint = models.CharField(max_length=80)
    updated_at = models.DateTimeField(auto_now=True)
    usable_from = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "payee details"
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=PayeeMethod.values), name="payee_method_known"
            ),
            models.CheckConstraint(
                condition=~Q(holder="") & ~Q(account_sealed=""), name="payee_is_complete"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist}: {self.account_hint}"

    @property
    def cooling_until(self) -> datetime | None:
        """Until when nothing is paid to this account; None when it may be paid to."""
        if self.usable_from is None or self.usable_from <= timezone.now():
            return None
        return self.usable_from

    @property
    def account(self) -> str:
        """The IBAN without spaces, or the PayPal address.

        Raises:
            portal.sealing.Unreadable: when it was sealed with a key that is gone.
        """
        return unseal(self.account_sealed, purpose=PAYEE_PURPOSE)

    @account.setter
    def account(self, plain: str) -> None:
        self.account_sealed = seal(plain, purpose=PAYEE_PURPOSE)
        self.account_hint = masked(plain, method=self.method)


def masked(account: str, *, method: str) -> str:
    """``FR76 •••• 0189`` or ``ad•••@example.org``."""
    if method == PayeeMethod.IBAN:
        return f"{account[:4]} •••• {account[-4:]}"
    name, _at, domain = account.partition("@")
    return f"{name[:2]}•••@{domain}"[:80]
