"""Reminders of invitations that nobody answered: one at half time, one before the end.

Each is one transaction that writes the reminder, its mail and the log, under the lock of its
invitation: who declines, accepts or is withdrawn meanwhile is not written to.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from portal import queries
from portal.models import Invitation, InvitationReminder
from portal.services import audit
from portal.services.invitation_mail import mail_reminder
from portal.states import CohortState, ReminderKind
from portal.tokens import hash_token, new_token

# The rest waits for the next look, so that other mails come to their turn.
A_LOOK = 200


def remind_due() -> int:
    """Remind whoever is due; answers how many mails were written."""
    if not settings.INVITATION_REMINDER_DAYS:
        return 0
    for count in range(A_LOOK):
        if not _remind_next():
            return count
    return A_LOOK


@transaction.atomic
def _remind_next() -> bool:
    invitation = (
        _due().select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk").first()
    )
    if invitation is None:
        return False
    kind = ReminderKind.LAST if invitation.last_at <= timezone.now() else ReminderKind.HALF  # type: ignore[attr-defined]
    token = new_token()
    InvitationReminder.objects.create(
        invitation=invitation, kind=kind, token_hash=hash_token(token)
    )
    audit.record(
        actor=None,
        action="invitation.reminded",
        target=invitation,
        cohort=invitation.cohort,
        after={"email": invitation.email, "kind": kind.value},
    )
    mail_reminder(invitation, token=token)
    return True


def _due() -> QuerySet[Invitation]:
    """Live invitations of open cohorts whose reminder has come, with ``last_at``.

    Where the end is nearer than half time, there is one reminder only.
    """
    half = ExpressionWrapper((F("expires_at") - F("invited_at")) / 2, output_field=DurationField())
    before_end = timedelta(days=settings.INVITATION_REMINDER_DAYS)
    return (
        Invitation.objects.filter(
            state__in=queries.LIVE_INVITATION,
            expires_at__gt=Now(),
            cohort__state=CohortState.OPEN,
        )
        .select_related("cohort", "invited_by")
        .annotate(
            half_at=ExpressionWrapper(F("invited_at") + half, output_field=DateTimeField()),
        )
        .annotate(
            last_at=Greatest(
                ExpressionWrapper(F("expires_at") - before_end, output_field=DateTimeField()),
                F("half_at"),
            ),
        )
        .filter(
            Q(last_at__lte=Now()) & ~_has(ReminderKind.LAST)
            | Q(half_at__lte=Now(), last_at__gt=Now()) & ~_has(ReminderKind.HALF)
        )
    )


def _has(kind: ReminderKind) -> Exists:
    return Exists(InvitationReminder.objects.filter(invitation=OuterRef("pk"), kind=kind))
