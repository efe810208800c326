"""Reminders to sign the newest version of an agreement: at most one a day to a person."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import signers
from portal.models import Agreement, Cohort, Notification, User
from portal.services import audit
from portal.services.notify import notify

KIND = "agreement.reminded"
APART = timedelta(days=1)


@transaction.atomic
def remind(*, actor: User, agreement: Agreement, cohort: Cohort | None = None) -> int:
    """Write to each live member who has not signed the newest version; answers how many.

    Who was reminded within a day, of whichever agreement, is left in peace.
    """
    # The lock of publishing and signing: who is written to has not signed.
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    newest = agreement.versions.latest("number")
    # Another agreement's reminder waits for the same people, and then sees the mail written here.
    waiting = list(
        signers.waiting_for(newest, cohort).order_by("pk").select_for_update(no_key=True)
    )
    reminded = set(
        Notification.objects.filter(
            kind=KIND, user__in=waiting, created_at__gt=timezone.now() - APART
        ).values_list("user_id", flat=True)
    )
    told = [person for person in waiting if person.pk not in reminded]
    for person in told:
        notify(
            user=person,
            kind=KIND,
            title=_("“%(agreement)s” still waits for your signature"),
            text=_("Please read and sign it before you make new clips."),
            params={"agreement": agreement.title},
            url=reverse("sign_agreement"),
        )
    if told:
        audit.record(
            actor=actor,
            action=KIND,
            target=newest,
            cohort=cohort,
            after={
                "agreement": agreement.title,
                "version": newest.number,
                "people": [person.pk for person in told],
            },
        )
    return len(told)
