from __future__ import annotations

import csv
import io

import pytest
from django.db import InternalError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from portal import queries, registry
from portal.models import AuditEntry, Cohort, User
from portal.services import audit
from tests.factories.portal import make_cohort

REFUSALS = (InternalError, ProgrammingError)


def test_an_entry_outlives_its_object_and_its_actor_label(artist: User, cohort: Cohort) -> None:
    entry = audit.record(
        actor=artist, action="cohort.updated", target=cohort, cohort=cohort, after={"seats": 3}
    )
    entry.refresh_from_db()
    assert (entry.actor_label, entry.target_type, entry.target_id) == (
        "Ada Okafor",
        "portal.cohort",
        str(cohort.pk),
    )


def test_the_database_refuses_to_rewrite_it(artist: User) -> None:
    rows = AuditEntry.objects.filter(actor=artist)
    assert rows.exists()
    with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
        rows.update(reason="nothing happened")
    with pytest.raises(REFUSALS, match="permission denied"), transaction.atomic():
        rows.delete()


def test_an_entry_knows_its_request(artist_client: Client, artist: User) -> None:
    artist_client.post(
        reverse("profile"),
        {"name": "Ada", "language": "en"},
        headers={"X-Request-ID": "from-the-proxy-1"},
    )
    entry = AuditEntry.objects.get(action="person.updated")
    assert entry.request_id == "from-the-proxy-1"


def test_every_action_of_the_ground_floor_has_words(artist: User) -> None:
    for action in AuditEntry.objects.values_list("action", flat=True).distinct():
        assert registry.action_label(action) != action


class TestPage:
    def test_filters(self, admin_client: Client, admin: User, artist: User, cohort: Cohort) -> None:
        other = make_cohort("Elsewhere", actor=admin)
        page = admin_client.get(reverse("audit_log"), {"action": "cohort.created"})
        assert [entry.cohort for entry in page.context["entries"]] == [other, cohort]
        page = admin_client.get(
            reverse("audit_log"), {"action": "cohort.created", "cohort": cohort.slug}
        )
        assert [entry.cohort for entry in page.context["entries"]] == [cohort]
        page = admin_client.get(reverse("audit_log"), {"person": artist.pk})
        assert {entry.actor for entry in page.context["entries"]} == {artist}

    @pytest.mark.parametrize("query", ["before=x", "person=x", "cohort=x", "action=x", "before=-1"])
    def test_filters_that_make_no_sense_filter_nothing(
        self, admin_client: Client, query: str
    ) -> None:
        assert admin_client.get(f"{reverse('audit_log')}?{query}").status_code == 200

    def test_pages_without_gaps_or_doubles(self, admin_client: Client, admin: User) -> None:
        for number in range(120):
            audit.record(actor=admin, action="test.done", target=admin, reason=str(number))
        seen: list[str] = []
        url = f"{reverse('audit_log')}?action=test.done"
        while url:
            page = admin_client.get(url)
            seen += [entry.reason for entry in page.context["entries"]]
            older = page.context["older_url"]
            url = f"{reverse('audit_log')}{older}" if older else ""
        assert seen == [str(number) for number in range(119, -1, -1)]

    def test_export(self, admin_client: Client, admin: User, cohort: Cohort) -> None:
        audit.record(
            actor=admin,
            action="test.done",
            target=admin,
            cohort=cohort,
            before={"é": 1},
            reason="=HYPERLINK(1)",
        )
        answer = admin_client.get(reverse("audit_export"), {"action": "test.done"})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = answer.getvalue().decode()
        header, row = csv.reader(io.StringIO(text))
        found = dict(zip(header, row, strict=True))
        assert found["reason"] == "'=HYPERLINK(1)"
        assert found["before"] == '{"é": 1}'
        assert (found["actor"], found["cohort"]) == ("Alba Ferrari", "Spring residency")


def test_the_history_of_one_thing(admin: User, cohort: Cohort) -> None:
    (item,) = queries.timeline(queries.history_of(cohort))
    assert (item["actor"], item["text"]) == ("Alba Ferrari", "opened the cohort Spring residency")
