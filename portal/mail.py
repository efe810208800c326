"""Where mails go in the demo: into files that the outbox page shows."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class OutboxBackend(BaseEmailBackend):
    """Writes each mail as an ``.eml`` file, named so that the newest sorts last."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stem = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}"
            draft = folder / f".{stem}.part"
            draft.write_bytes(message.message().as_bytes())
            draft.rename(folder / f"{stem}.eml")
        return len(email_messages)
