from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.models import Notification, OutgoingMail, User
from portal.services import notifications, outbox
from portal.services.notify import notify
from portal.states import MailState
from portal.tasks import deliver_waiting_mail


class Postbox(BaseEmailBackend):
    """A mail server that fails as it is told to, one answer a mail."""

    answers: ClassVar[list[Exception | None]] = []
    taken: ClassVar[list[EmailMessage]] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            answer = self.answers.pop(0) if self.answers else None
            if answer is not None:
                raise answer
            self.taken.append(message)
        return len(email_messages)


@pytest.fixture
def postbox(settings: Any) -> type[Postbox]:
    settings.EMAIL_BACKEND = f"{__name__}.Postbox"
    Postbox.answers, Postbox.taken = [], []
    return Postbox


@pytest.fixture
def waiting(db: None) -> OutgoingMail:
    return outbox.put(to="ada@example.org", subject="A\nsecret", text="the code is 123456")


def make_due(row: OutgoingMail) -> None:
    OutgoingMail.objects.filter(pk=row.pk).update(next_try_at=timezone.now())


def test_what_it_says_is_sealed_and_then_gone(waiting: OutgoingMail) -> None:
    assert "123456" not in waiting.sealed
    assert deliver_waiting_mail() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.sealed, waiting.attempts) == ("sent", "", 1)
    (sent,) = mail.outbox
    assert (sent.subject, sent.body, sent.to) == (
        "A secret",
        "the code is 123456",
        ["ada@example.org"],
    )
    assert deliver_waiting_mail() == 0


def test_a_mail_is_undone_with_what_it_tells_of(db: None) -> None:
    with transaction.atomic():
        outbox.put(to="ada@example.org", subject="No", text="No")
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()


def test_a_passing_failure_is_tried_again(waiting: OutgoingMail, postbox: type[Postbox]) -> None:
    postbox.answers = [smtplib.SMTPServerDisconnected("gone"), None]
    assert outbox.deliver_waiting() == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.error) == ("waiting", 1, "gone")
    assert waiting.next_try_at > timezone.now() + timedelta(seconds=20)
    assert outbox.deliver_waiting() == 0
    make_due(waiting)
    assert outbox.deliver_waiting() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("sent", 2)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"unknown")}), "failed"),
        (smtplib.SMTPRecipientsRefused({"ada@example.org": (450, b"later")}), "waiting"),
        (smtplib.SMTPDataError(554, b"no"), "failed"),
        (smtplib.SMTPDataError(421, b"busy"), "waiting"),
        (ConnectionRefusedError("nobody there"), "waiting"),
    ],
)
def test_a_final_answer_is_final(
    waiting: OutgoingMail, postbox: type[Postbox], error: Exception, state: str
) -> None:
    postbox.answers = [error]
    outbox.deliver_waiting()
    waiting.refresh_from_db()
    assert waiting.state == state


def test_it_gives_up_in_the_end(waiting: OutgoingMail, postbox: type[Postbox]) -> None:
    for _turn in range(outbox.MAX_ATTEMPTS):
        make_due(waiting)
        postbox.answers = [TimeoutError("slow")]
        outbox.deliver_waiting()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("failed", outbox.MAX_ATTEMPTS)


def test_one_bad_mail_holds_up_no_other(waiting: OutgoingMail, postbox: type[Postbox]) -> None:
    outbox.put(to="second@example.org", subject="Hi", text="Hi")
    postbox.answers = [TimeoutError("slow"), None]
    assert outbox.deliver_waiting() == 1
    assert [message.to for message in postbox.taken] == [["second@example.org"]]


def test_a_mail_whose_worker_died_is_sent_by_the_next(waiting: OutgoingMail) -> None:
    now = timezone.now()
    OutgoingMail.objects.filter(pk=waiting.pk).update(
        state=MailState.SENDING, lease_until=now + timedelta(minutes=1), attempts=1
    )
    assert outbox.deliver_waiting() == 0
    OutgoingMail.objects.filter(pk=waiting.pk).update(lease_until=now - timedelta(seconds=1))
    assert outbox.deliver_waiting() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("sent", 2)


def test_a_mail_that_kills_every_worker_is_given_up(waiting: OutgoingMail) -> None:
    OutgoingMail.objects.filter(pk=waiting.pk).update(
        state=MailState.SENDING,
        lease_until=timezone.now() - timedelta(seconds=1),
        attempts=outbox.MAX_ATTEMPTS,
    )
    assert outbox.deliver_waiting() == 0
    waiting.refresh_from_db()
    assert waiting.state == "failed"
    assert mail.outbox == []


def test_the_database_refuses_a_sent_mail_that_still_holds_its_words(
    waiting: OutgoingMail,
) -> None:
    OutgoingMail.objects.filter(pk=waiting.pk).update(state="sending", lease_until=timezone.now())
    with pytest.raises(IntegrityError, match="mail_sent_is_emptied"):
        OutgoingMail.objects.filter(pk=waiting.pk).update(
            state="sent", sent_at=timezone.now(), lease_until=None
        )


class TestNotify:
    def test_in_the_language_of_the_reader(self, other_artist: User) -> None:
        notice = notify(
            user=other_artist, kind="test", title=_("Language"), text="%(x)s", params={"x": "100%"}
        )
        assert (notice.title, notice.text) == ("Langue", "100%")
        row = OutgoingMail.objects.latest("pk")
        assert row.to == "Lucien Moreau <lucien@example.org>"

    def test_without_a_mail(self, artist: User) -> None:
        before = OutgoingMail.objects.count()
        notify(user=artist, kind="test", title="Hello", mail=False)
        assert OutgoingMail.objects.count() == before

    def test_only_their_owner_marks_them(self, artist: User, other_artist: User) -> None:
        notice = notify(user=artist, kind="test", title="Hello")
        assert not notifications.mark_read(actor=other_artist, notification=notice)
        assert notifications.mark_read(actor=artist, notification=notice)
        assert not notifications.mark_read(actor=artist, notification=notice)
        assert Notification.objects.get(pk=notice.pk).read_at is not None
        notify(user=artist, kind="test", title="Another")
        assert notifications.mark_all_read(actor=artist) == artist.notifications.count() - 1


def test_the_demo_keeps_mails_in_files(settings: Any, tmp_path: Path, db: None) -> None:
    settings.EMAIL_BACKEND = "portal.mail.OutboxBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    outbox.put(to="Ada <ada@example.org>", subject="Été", text="Bonjour ☀", html="<p>x</p>")
    assert outbox.deliver_waiting() == 1
    (file,) = (tmp_path / "outbox").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert (message["Subject"], message["To"]) == ("Été", "Ada <ada@example.org>")
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    assert body.get_content().strip() == "Bonjour ☀"
