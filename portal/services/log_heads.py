"""The log's head, once a day, to where nobody who could falsify the log can reach.

``settings.LOG_HEADS`` says where: ``store`` keeps it with the storage ``log_heads``, ``mail`` sends
it to ``settings.LOG_HEADS_TO``, ``both`` does both, ``off`` neither.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.duties import Duty, people_for
from portal.models import AuditSeal, OutgoingMail, User
from portal.services import seals
from portal.services.notify import notify, send_mail_to

log = logging.getLogger(__name__)
BROKEN = "log.broken"


class StoredHead(NamedTuple):
    """What one file says: the head after the seal ``seal`` on ``day``; None where unreadable."""

    name: str
    seal: int | None
    head: bytes | None


def tell_head(*, day: date | None = None) -> list[str]:
    """Give out the head of *day*, once; answers the ways it took (``"store"``, ``"mail"``).

    A day of UTC. Whatever was already done that day is not done again.
    """
    if settings.LOG_HEADS == "off":
        return []
    seals.seal_waiting()
    seal = AuditSeal.objects.order_by("-seq").first()
    if seal is None:
        return []
    day = day or timezone.now().astimezone(UTC).date()
    done = []
    if settings.LOG_HEADS in {"store", "both"} and _store(seal, day):
        done.append("store")
    if settings.LOG_HEADS in {"mail", "both"} and _mail(seal, day):
        done.append("mail")
    return done


def compare_newest() -> StoredHead | None:
    """The newest head that was kept, where the log no longer has it; its admins are told, once.

    What could not be compared yet, since nothing is kept, is well.
    """
    if settings.LOG_HEADS not in {"store", "both"}:
        return None
    for name in _names()[-1:]:
        newest = _read(name)
        if newest.seal is not None:
            known = AuditSeal.objects.filter(seq=newest.seal, head=newest.head)
            if known.exists():
                return None
        log.error("The log does not have the head kept in %s: run verify_log --heads", name)
        _alarm(name)
        return newest
    return None


def _alarm(name: str) -> None:
    for admin in people_for(Duty.PEOPLE, None):
        if admin.notifications.filter(kind=BROKEN, title__contains=name).exists():
            continue
        notify(
            user=admin,
            kind=BROKEN,
            title=gettext_lazy("The log does not fit its head of %(name)s"),
            text=gettext_lazy(
                "Yesterday’s head stands nowhere in the log: somebody with rights over the "
                "database may have changed it. Have an operator run: "
                "manage.py verify_log --heads"
            ),
            params={"name": name},
            url=reverse("audit_log"),
        )


def stored_heads() -> Iterator[StoredHead]:
    """Every head that was kept, by day."""
    return map(_read, _names())


def _names() -> list[str]:
    try:
        return sorted(
            name for name in storages["log_heads"].listdir("")[1] if name.endswith(".json")
        )
    except FileNotFoundError:
        return []


def _read(name: str) -> StoredHead:
    with storages["log_heads"].open(name) as file:
        try:
            said = json.loads(file.read())
            return StoredHead(name, int(said["seal"]), bytes.fromhex(said["head"]))
        except (ValueError, KeyError, TypeError):
            return StoredHead(name, None, None)


def _store(seal: AuditSeal, day: date) -> bool:
    storage, name = storages["log_heads"], f"{day:%Y-%m-%d}.json"
    if storage.exists(name):
        return False
    content = {"day": f"{day:%Y-%m-%d}", "seal": seal.seq, "head": bytes(seal.head).hex()}
    storage.save(name, ContentFile((json.dumps(content, indent=2) + "\n").encode()))
    return True


@transaction.atomic
def _mail(seal: AuditSeal, day: date) -> bool:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    label = AuditSeal._meta.label_lower
    known = OutgoingMail.objects.filter(target_type=label, created_at__gte=midnight)
    if not settings.LOG_HEADS_TO or known.exists():
        return False
    languages = dict(
        User.objects.filter(email__in=settings.LOG_HEADS_TO).values_list("email", "language")
    )
    values = {"day": f"{day:%Y-%m-%d}", "count": seal.seq, "head": bytes(seal.head).hex()}
    for address in settings.LOG_HEADS_TO:
        language = languages.get(address, settings.LANGUAGE_CODE)
        with translation.override(language):
            subject = _("Head of the log of %(day)s") % values
            text = (
                _(
                    "Keep this mail. %(count)s entries are sealed, and the newest hash is\n\n"
                    "%(head)s\n\nWith it anybody can tell later whether an entry before it was "
                    "changed or removed:\n\nmanage.py verify_log --head %(head)s"
                )
                % values
            )
        send_mail_to(
            email=address, name="", language=language, subject=subject, text=text, about=seal
        )
    return True
