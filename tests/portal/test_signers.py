from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry, Cohort, Notification, User
from portal.services import agreements, signature_reminders
from portal.states import MemberState
from tests.factories.portal import browser_of, join, make_person, sign_newest
from tests.portal.test_races import at_once

KIND = signature_reminders.KIND


@pytest.fixture
def newcomer(cohort: Cohort) -> User:
    person = make_person("=Nour Haddad", email="nour@example.org")
    join(person, cohort, sign=False)
    return person


def test_admins_see_filter_and_export_who_signed(
    admin: User, artist: User, newcomer: User, cohort: Cohort
) -> None:
    browser = browser_of(admin)
    here = [cohort.agreement_id, 1]

    def listed(**query: str | int) -> list[User]:
        return list(browser.get(reverse("agreement_signers", args=here), query).context["people"])

    assert newcomer in listed()
    assert artist in listed()
    assert listed(standing="waiting") == [newcomer]
    assert newcomer in listed(cohort=cohort.pk)
    assert artist in listed(standing="signed")
    assert newcomer not in listed(standing="signed")
    assert browser.get(reverse("agreement_signers", args=[here[0], 9])).status_code == 404
    answer = browser.get(reverse("agreement_signers_csv", args=here), {"standing": "waiting"})
    text = b"".join(answer).decode("utf-8-sig")
    [line] = list(csv.DictReader(io.StringIO(text)))
    assert (line["name"], line["state"], line["sha256"]) == ("'=Nour Haddad", "waiting", "")
    assert line["cohorts"] == cohort.name
    newer = {"body_en": "New.", "body_fr": "Neuf."}
    agreements.publish_version(actor=admin, agreement=cohort.agreement, **newer)
    assert listed(standing="waiting") == []


def test_a_reminder_goes_once_a_day_to_live_members_alone(
    admin: User, artist: User, newcomer: User, cohort: Cohort
) -> None:
    gone = make_person("Gil Gone", email="gil@example.org")
    join(gone, cohort, sign=False)
    cohort.memberships.filter(user=gone).update(ended_at=timezone.now(), ended_how=MemberState.LEFT)
    browser = browser_of(admin)
    address = reverse("agreement_remind", args=[cohort.agreement_id])
    for _turn in range(2):
        assert browser.post(address, {"cohort": cohort.pk}).status_code == 302
    notice = Notification.objects.get(kind=KIND)
    assert (notice.user, notice.url) == (newcomer, "/agreement/")
    entry = AuditEntry.objects.get(action=KIND)
    assert (entry.actor, entry.after["people"]) == (admin, [newcomer.pk])

    def remind() -> int:
        return signature_reminders.remind(actor=admin, agreement=cohort.agreement)

    Notification.objects.filter(kind=KIND).update(created_at=timezone.now() - timedelta(days=2))
    assert remind() == 1
    Notification.objects.filter(kind=KIND).delete()
    ends_on, past = cohort.ends_on, timezone.localdate() - timedelta(days=1)
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=past, ends_on=past)
    assert remind() == 0
    Cohort.objects.filter(pk=cohort.pk).update(ends_on=ends_on)
    sign_newest(newcomer, cohort.agreement)
    assert remind() == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_remind_at_once_write_one_mail(admin: User, newcomer: User, cohort: Cohort) -> None:
    def remind() -> int:
        return signature_reminders.remind(actor=admin, agreement=cohort.agreement)

    assert sorted(map(str, at_once(remind, remind, remind))) == ["0", "0", "1"]
    assert Notification.objects.filter(kind=KIND, user=newcomer).count() == 1
