"""The head of the log, kept and mailed once a day, and looked for in the chain."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from portal.models import AuditSeal, User
from portal.services import audit, log_heads, outbox, seals
from tests.portal.test_log_chain import falsified

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    storage = settings.STORAGES["log_heads"]
    settings.STORAGES = {
        **settings.STORAGES,
        "log_heads": {**storage, "OPTIONS": {"location": str(tmp_path / "heads")}},
    }
    return tmp_path / "heads"


def verify(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("verify_log", "--heads", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_once_a_day_and_found_again(artist: User, folder: Path) -> None:
    assert verify()[0] == "0 stored heads stand in the chain."
    for day in (1, 2):
        assert log_heads.tell_head(day=date(2026, 11, day)) == ["store"]
        audit.record(actor=artist, action="test.done", target=artist)
        assert log_heads.tell_head(day=date(2026, 11, day)) == []
    first, second = sorted(folder.iterdir())
    assert (first.name, second.name) == ("2026-11-01.json", "2026-11-02.json")
    newest = AuditSeal.objects.count() - 1
    assert [head.seal for head in log_heads.stored_heads()] == [newest - 1, newest]
    assert verify()[0] == "2 stored heads stand in the chain."
    assert verify("--from", str(newest))[0].startswith("1 stored")
    with (
        falsified("DELETE FROM portal_auditseal WHERE seq >= %s", newest),
        pytest.raises(CommandError, match=r"the head kept in 2026-11-02.json stands nowhere"),
    ):
        verify()
    first.write_text("{}")
    with pytest.raises(CommandError, match=r"2026-11-01.json cannot be read"):
        verify()
    with pytest.raises(CommandError, match="whole log"):
        verify("--cohort", artist.memberships.get().cohort.slug)


def test_by_mail_in_the_language_of_who_reads(
    artist: User, other_artist: User, folder: Path, settings: Settings
) -> None:
    settings.LOG_HEADS = "both"
    settings.LOG_HEADS_TO = ["lucien@example.org", "auditor@example.org"]
    assert log_heads.tell_head() == ["store", "mail"]
    assert log_heads.tell_head() == []
    outbox.deliver_waiting()
    head = bytes(AuditSeal.objects.latest("seq").head).hex()
    french, english = sorted(
        (sent for sent in mail.outbox if "log" in sent.subject or "journal" in sent.subject),
        key=lambda sent: sent.to == ["auditor@example.org"],
    )
    assert french.subject.startswith("Tête du journal du ")
    assert english.subject.startswith("Head of the log of ")
    assert head in str(french.body)
    assert f"verify_log --head {head}" in str(english.body)


def test_off_and_nothing_to_tell(db: None, folder: Path, settings: Settings) -> None:
    assert log_heads.tell_head() == []
    settings.LOG_HEADS = "off"
    seals.seal_waiting()
    assert (log_heads.tell_head(), folder.exists()) == ([], False)
