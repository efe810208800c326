"""Mails leave from a table, not from a page.

A mail is written in the transaction of what it tells of, so it exists if and only if that
happened. A worker sends it afterwards; a slow or dead mail server holds up nobody. A worker that
dies while sending leaves a lease that runs out, and the mail is sent again: at least once.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from portal import sealing
from portal.models import OutgoingMail
from portal.services.transitions import require_step
from portal.states import MAIL_TRANSITIONS, MailState

log = logging.getLogger(__name__)

PURPOSE = "outgoing mail"
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)


def put(
    *, to: str, subject: str, text: str, html: str = "", about: models.Model | None = None
) -> OutgoingMail:
    """Write a mail that leaves after this transaction; *about* lets pages show its fate."""
    subject = " ".join(subject.split())
    mail = OutgoingMail.objects.create(
        to=to,
        subject=subject[:255],
        sealed=sealing.seal(
            json.dumps({"subject": subject, "text": text, "html": html}), purpose=PURPOSE
        ),
        target_type=about._meta.label_lower if about is not None else "",
        target_id=str(about.pk) if about is not None else "",
    )
    transaction.on_commit(_ring, robust=True)
    return mail


def drop_waiting(*, about: models.Model) -> int:
    """Send no mail about *about* that still waits; answers how many.

    One that a worker holds is on its way already, and nobody can call it back.
    """
    count, _each = OutgoingMail.objects.filter(
        target_type=about._meta.label_lower, target_id=str(about.pk), state=MailState.WAITING
    ).delete()
    return count


def deliver_waiting(*, limit: int = 200) -> int:
    """Send what is due, one at a time, outside any transaction; answers how many left."""
    sent = 0
    for _turn in range(limit):
        mail = _claim()
        if mail is None:
            break
        sent += _deliver(mail)
    return sent


def _claim() -> OutgoingMail | None:
    """Take one due mail; a worker that holds it has ``LEASE`` to finish."""
    now = timezone.now()
    with transaction.atomic():
        mail = (
            OutgoingMail.objects.select_for_update(skip_locked=True)
            .filter(
                Q(state=MailState.WAITING, next_try_at__lte=now)
                | Q(state=MailState.SENDING, lease_until__lte=now)
            )
            .order_by("next_try_at", "id")
            .first()
        )
        if mail is None:
            return None
        if mail.state == MailState.WAITING:
            require_step(MAIL_TRANSITIONS, MailState.WAITING, MailState.SENDING)
        OutgoingMail.objects.filter(pk=mail.pk).update(
            state=MailState.SENDING, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    mail.refresh_from_db()
    return mail


def _message_id(mail: OutgoingMail) -> str:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<mail-{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}@{host}>"


def _deliver(mail: OutgoingMail) -> int:
    if mail.attempts > MAX_ATTEMPTS:
        _settle(mail, state=MailState.FAILED, error="every try ended with the worker")
        return 0
    try:
        content = json.loads(sealing.unseal(mail.sealed, purpose=PURPOSE))
    except sealing.Unreadable as error:
        _settle(mail, state=MailState.FAILED, error=str(error))
        return 0
    message = EmailMultiAlternatives(
        subject=content["subject"],
        body=content["text"],
        to=[mail.to],
        # The same id on every try lets a mailbox see a repeated mail as one.
        headers={"Message-ID": _message_id(mail)},
        connection=get_connection(timeout=30),
    )
    if content["html"]:
        message.attach_alternative(content["html"], "text/html")
    try:
        message.send()
    except (OSError, SMTPResponseException) as error:
        # smtplib's errors are OSErrors; 5xx answers are final, anything else may pass.
        _put_back(mail, error)
        return 0
    _settle(mail, state=MailState.SENT)
    return 1


def _put_back(mail: OutgoingMail, error: OSError) -> None:
    final = mail.attempts >= MAX_ATTEMPTS or _is_permanent(error)
    log.warning("Mail %s was not sent (try %s): %s", mail.pk, mail.attempts, error)
    if final:
        _settle(mail, state=MailState.FAILED, error=str(error))
        return
    pause = min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    _settle(mail, state=MailState.WAITING, error=str(error), next_try_at=timezone.now() + pause)


def _is_permanent(error: OSError) -> bool:
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500


@transaction.atomic
def _settle(
    mail: OutgoingMail,
    *,
    state: MailState,
    error: str = "",
    next_try_at: datetime | None = None,
) -> None:
    """Write the outcome, unless another worker took the mail over after our lease ran out."""
    current = OutgoingMail.objects.select_for_update(no_key=True).filter(pk=mail.pk).first()
    if current is None:
        # Its reader's account was deleted meanwhile.
        return
    if current.attempts != mail.attempts or current.state != MailState.SENDING:
        return
    require_step(MAIL_TRANSITIONS, MailState(current.state), state)
    current.state, current.lease_until, current.error = state, None, error[:255]
    if state is MailState.SENT:
        current.sent_at, current.sealed = timezone.now(), ""
    if next_try_at is not None:
        current.next_try_at = next_try_at
    current.save(
        update_fields=["state", "lease_until", "error", "sent_at", "sealed", "next_try_at"]
    )


def _ring() -> None:
    """Wake a worker; when the broker is away, the next beat finds the mail."""
    from portal.tasks import deliver_waiting_mail

    deliver_waiting_mail.apply_async(retry=False)
