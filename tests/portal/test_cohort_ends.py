"""A cohort runs longer, or closes for good: who is told what, and what stays open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from portal.errors import IllegalTransition
from portal.member_errors import NotLater
from portal.models import AuditEntry, Cohort, Notification, User
from portal.services import cohorts, members
from portal.states import CohortState
from tests.factories.portal import join, make_person
from tests.portal.test_cohorts import terms


def test_it_runs_longer_and_its_artists_are_told(
    cohort: Cohort, admin: User, artist: User, other_artist: User
) -> None:
    gone = make_person()
    join(gone, cohort)
    members.leave(actor=gone, membership=gone.memberships.get())
    before = cohort.ends_on
    after = before + timedelta(days=30)
    extended = cohorts.extend(actor=admin, cohort=cohort, ends_on=after, note="The festival moved.")
    assert extended.ends_on == after
    entry = AuditEntry.objects.get(action="cohort.extended")
    assert (entry.before, entry.after["ends_on"], entry.reason) == (
        {"ends_on": before.isoformat()},
        after.isoformat(),
        "The festival moved.",
    )
    told = Notification.objects.filter(kind="cohort.end_moved")
    assert {notice.user for notice in told} == {artist, other_artist}
    assert told.get(user=artist).title == (
        f"Spring residency runs until {date_format(after, 'DATE_FORMAT')}"
    )
    with override("fr"):
        day, old = date_format(after, "DATE_FORMAT"), date_format(before, "DATE_FORMAT")
    french = told.get(user=other_artist)
    assert french.title == f"Spring residency se poursuit jusqu’au {day}"
    assert french.text == f"Elle devait s’achever le {old}.\n\nThe festival moved."


def test_only_to_a_later_day_and_not_when_closed(cohort: Cohort, admin: User) -> None:
    for days in (0, -1):
        with pytest.raises(NotLater):
            cohorts.extend(
                actor=admin, cohort=cohort, ends_on=cohort.ends_on + timedelta(days=days)
            )
    cohorts.change_state(actor=admin, cohort=cohort, state=CohortState.CLOSED)
    with pytest.raises(IllegalTransition):
        cohorts.extend(actor=admin, cohort=cohort, ends_on=cohort.ends_on + timedelta(days=1))
    assert not Notification.objects.filter(kind="cohort.end_moved").exists()


def test_another_last_day_among_the_terms_is_told_too(
    cohort: Cohort, admin: User, artist: User
) -> None:
    cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, seats=9))
    assert not artist.notifications.filter(kind="cohort.end_moved").exists()
    earlier = cohort.ends_on - timedelta(days=10)
    cohorts.update_cohort(actor=admin, cohort=cohort, **terms(cohort, ends_on=earlier))
    assert artist.notifications.filter(kind="cohort.end_moved").count() == 1


def test_a_cohort_whose_time_was_over_takes_clips_again(cohort: Cohort, admin: User) -> None:
    today = timezone.localdate()
    Cohort.objects.filter(pk=cohort.pk).update(ends_on=today - timedelta(days=1))
    assert not Cohort.objects.get().takes_clips_on(today)
    assert cohorts.extend(actor=admin, cohort=cohort, ends_on=today).takes_clips_on(today)


def test_its_artists_are_told_that_it_closed(
    cohort: Cohort, admin: User, artist: User, other_artist: User
) -> None:
    cohorts.change_state(
        actor=admin, cohort=cohort, state=CohortState.CLOSED, reason="The residency is over."
    )
    told = Notification.objects.filter(kind="cohort.closed")
    assert {notice.user for notice in told} == {artist, other_artist}
    english, french = told.get(user=artist), told.get(user=other_artist)
    assert english.title == "Spring residency is closed"
    assert english.text.startswith("The residency is over.\n\nNo new clips are made there;")
    assert french.title == "Spring residency a pris fin"
    assert AuditEntry.objects.get(action="cohort.closed").reason == "The residency is over."


def test_the_pages(cohort: Cohort, admin_client: Client, artist: User) -> None:
    extend, close = (
        reverse(name, args=[cohort.slug]) for name in ("cohort_extend", "cohort_close")
    )
    page = admin_client.get(reverse("cohort", args=[cohort.slug])).content.decode()
    assert (extend in page, close in page) == (True, True)
    same = admin_client.post(extend, {"ends_on": cohort.ends_on, "note": "Hold on"})
    assert same.status_code == 400
    assert "Choose a day after" in same.content.decode()
    assert "Hold on" in same.content.decode()
    later = cohort.ends_on + timedelta(days=1)
    assert admin_client.post(extend, {"ends_on": later}).status_code == 302
    page = admin_client.get(close).content.decode()
    assert ("What ends" in page, "What stays" in page) == (True, True)
    assert admin_client.post(close, {"reason": ""}).status_code == 400
    assert Cohort.objects.get().state == CohortState.OPEN
    done = admin_client.post(close, {"reason": "It is over."}, follow=True)
    assert "The cohort is closed" in done.content.decode()
    assert Cohort.objects.get().state == CohortState.CLOSED
    for url in (extend, close):
        assert admin_client.get(url).status_code == 404
    # By its old way it does not close.
    old = reverse("cohort_state", args=[cohort.slug, "close"])
    assert admin_client.post(old).status_code == 404


def test_who_closes_proves_again_that_it_is_them(cohort: Cohort, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    answer = client.post(reverse("cohort_close", args=[cohort.slug]), {"reason": "x"})
    assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
    assert Cohort.objects.get().state == CohortState.OPEN
