"""What owners and admins are told about webhooks."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.models import WebhookEndpoint
from portal.services.notify import notify


def stopped(endpoint: WebhookEndpoint, *, is_gone: bool) -> None:
    """Tell its artist, or the cohort's admins, that nothing is sent there any more."""
    people = access.admins_of(endpoint.cohort_id) if endpoint.owner is None else [endpoint.owner]
    if is_gone:
        text = _(
            "It answered that it is gone for good (410), so nothing is sent there any more. What "
            "happens waits for 30 days: give it another address and resume it, or remove it."
        )
    else:
        text = _(
            "Nothing that was sent there for a day was accepted, so nothing is sent any more. What "
            "happens waits for 30 days. Its log says what went wrong; send a test, then resume it."
        )
    for person in people:
        notify(
            user=person,
            kind="webhook.stopped",
            title=_("The webhook %(webhook)s was stopped"),
            text=text,
            params={"webhook": endpoint.name},
            url=reverse("webhook", args=[endpoint.pk]),
        )
