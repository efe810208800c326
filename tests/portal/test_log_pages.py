"""The log as admins search it, and as the person it is about reads it."""

from __future__ import annotations

import csv
import io
import json
from ipaddress import ip_network

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import log_queries
from portal.log_reading import Change, Reader, changes
from portal.models import AuditEntry, Cohort, User
from portal.services import audit, seals
from portal.states import Role
from tests.factories.portal import browser_of, make_person

NEAR = ip_network("203.0.113.0/24")


def reasons(client: Client, **filters: str | int) -> list[str]:
    page = client.get(reverse("audit_log"), {"action": "test.done", **filters})
    assert page.status_code == 200
    return [entry.reason for entry in page.context["entries"]]


class TestSearch:
    @pytest.fixture(autouse=True)
    def entries(self, admin: User, artist: User) -> None:
        audit.record(actor=admin, action="test.done", target=artist, reason="Too 100% loud")
        audit.record(actor=artist, action="test.done", target=admin, reason="Too quiet")

    def test_words_in_the_reason(self, admin_client: Client) -> None:
        assert reasons(admin_client, reason="QUIET") == ["Too quiet"]
        assert reasons(admin_client, reason="100%") == ["Too 100% loud"]
        assert reasons(admin_client, reason="_oo") == []

    def test_a_thing(self, admin_client: Client, admin: User, artist: User) -> None:
        assert reasons(admin_client, thing=f"portal.user {admin.pk}") == ["Too quiet"]
        assert reasons(admin_client, thing=artist.pk) == ["Too 100% loud"]
        assert reasons(admin_client, thing=f"portal.cohort {admin.pk}") == []
        assert reasons(admin_client, thing="   ") == ["Too quiet", "Too 100% loud"]

    def test_days(self, admin_client: Client) -> None:
        assert reasons(admin_client, since="2020-01-01", until="2999-01-01") == [
            "Too quiet",
            "Too 100% loud",
        ]
        assert reasons(admin_client, since="2999-01-01") == []
        assert reasons(admin_client, until="2020-01-01") == []

    def test_a_request(self, artist_client: Client, admin_client: Client) -> None:
        artist_client.post(
            reverse("profile"),
            {"name": "Ada", "language": "en"},
            headers={"X-Request-ID": "from-the-proxy-1"},
            REMOTE_ADDR="203.0.113.9",
        )
        page = admin_client.get(reverse("audit_log"), {"request_id": "from-the-proxy-1"})
        (entry,) = page.context["entries"]
        assert entry.action == "person.updated"
        assert "203.0.113.0/24" in page.content.decode()

    @pytest.mark.parametrize("query", ["since=x", "until=31-31-31", "reason=%00", "before=9" * 20])
    def test_nonsense_filters_nothing(self, admin_client: Client, query: str) -> None:
        assert admin_client.get(f"{reverse('audit_log')}?{query}").status_code == 200

    def test_filters_stay_in_the_address(self, admin_client: Client, admin: User) -> None:
        for _ in range(55):
            audit.record(actor=admin, action="test.done", target=admin, reason="More")
        page = admin_client.get(reverse("audit_log"), {"reason": "More", "person": str(admin.pk)})
        older = admin_client.get(reverse("audit_log") + page.context["older_url"])
        assert len(older.context["entries"]) == 5
        assert older.context["newest_url"] == f"?reason=More&person={admin.pk}"


def test_no_page_counts_or_skips(admin_client: Client, admin: User) -> None:
    for _ in range(60):
        audit.record(actor=admin, action="test.done", target=admin)
    newest = AuditEntry.objects.latest("pk").pk
    admin_client.get(reverse("audit_log"))
    counts = []
    for before in (newest - 5, AuditEntry.objects.order_by("pk")[3].pk):
        with CaptureQueriesContext(connection) as asked:
            admin_client.get(reverse("audit_log"), {"before": before})
        counts.append(len(asked))
        said = " ".join(query["sql"] for query in asked.captured_queries if "audit" in query["sql"])
        assert "COUNT(" not in said
        assert "OFFSET" not in said
    assert counts[0] == counts[1]


class TestExport:
    def test_what_is_exported_is_itself_logged(
        self, admin_client: Client, admin: User, cohort: Cohort
    ) -> None:
        audit.record(actor=admin, action="test.done", target=admin, cohort=cohort, reason="@SUM")
        filters = {"action": "test.done", "cohort": cohort.slug}
        lines = admin_client.get(reverse("audit_export_lines"), filters)
        assert lines["Content-Type"] == "application/jsonl; charset=utf-8"
        (line,) = lines.getvalue().decode().splitlines()
        found = json.loads(line)
        assert (found["reason"], found["cohort"], found["seal"], found["sha256"]) == (
            *("@SUM", "Spring residency"),
            *(None, None),
        )
        note = AuditEntry.objects.get(action="log.exported")
        assert (note.actor, note.after) == (admin, {"format": "jsonl", **filters})
        table = admin_client.get(reverse("audit_export"), filters).getvalue().decode()
        (row,) = csv.DictReader(io.StringIO(table))
        assert row["reason"] == "'@SUM"

    @pytest.mark.django_db(transaction=True)
    def test_with_hashes(self, admin_client: Client, cohort: Cohort) -> None:
        seals.seal_waiting()
        answer = admin_client.get(reverse("audit_export"), {"cohort": cohort.slug})
        entry = AuditEntry.objects.filter(cohort=cohort).select_related("seal").latest("pk")
        first = next(csv.DictReader(io.StringIO(answer.getvalue().decode())))
        assert (first["id"], first["sha256"]) == (str(entry.pk), entry.seal.hash_hex)
        assert first["cohort_head"] == bytes(entry.seal.cohort_head or b"").hex()
        page = admin_client.get(reverse("audit_log")).content.decode()
        seal = log_queries.last_seal()
        assert seal is not None
        assert bytes(seal.head).hex() in page


def test_changes_in_words(artist: User) -> None:
    entry = AuditEntry(
        before={"state": "open", "seats": 3, "list": []},
        after={"state": "closed", "is_odd": True, "list": [1, None], "of": {"a": 1.5}},
    )
    assert changes(entry) == [
        Change("state", "open", "closed"),
        Change("seats", "3", None),
        Change("list", "–", "1, –"),
        Change("is odd", None, "yes"),
        Change("of", None, "a: 1.5"),
    ]


class TestOwn:
    def test_theirs_and_nobody_elses(
        self, artist: User, other_artist: User, admin: User, cohort: Cohort, artist_client: Client
    ) -> None:
        audit.record(
            actor=admin,
            action="test.done",
            target=artist,
            before={"by": "ALBA FERRARI", "email": "lucien@example.org"},
            after={"who": ["Lucien Moreau’s desk", artist.email], "name": artist.name},
            reason="Lucien Moreau (lucien@example.org) told Alba Ferrari, not Ada Okafor",
        )
        audit.record(actor=admin, action="test.done", target=other_artist, reason="Not for Ada")
        page = artist_client.get(reverse("my_log"))
        (entry, said), *rest = page.context["lines"]
        assert entry.actor_label == "An admin"
        assert said == [
            Change("by", "[somebody else]", None),
            Change("e-mail address", "[somebody’s address]", None),
            Change("who", None, "[somebody else]’s desk, ada@example.org"),
            Change("name", None, "Ada Okafor"),
        ]
        assert entry.reason == (
            "[somebody else] ([somebody’s address]) told [somebody else], not Ada Okafor"
        )
        text = page.content.decode()
        for secret in ("Lucien", "lucien@", "Alba", "Ferrari", "Not for Ada", "alba@"):
            assert secret not in text
        assert {"member.joined", "person.created"} <= {entry.action for entry, _ in rest}
        # In the log itself nothing has changed.
        assert AuditEntry.objects.filter(before__by="ALBA FERRARI").exists()

    def test_where_others_came_from_is_theirs(self, artist: User, reviewer: User) -> None:
        mine = AuditEntry(actor=artist, action="a.b", network=NEAR, request_id="mine")
        done = AuditEntry(actor=reviewer, action="a.b", network=NEAR, request_id="done")
        read = Reader(artist).read([mine, done, AuditEntry(action="a.b")])
        assert [(entry.actor_label, entry.network, entry.request_id) for entry in read] == [
            ("Ada Okafor", NEAR, "mine"),
            ("A reviewer", None, ""),
            ("Greenroom itself", None, ""),
        ]

    def test_in_pages_and_whole(self, artist: User, artist_client: Client) -> None:
        for number in range(110):
            audit.record(actor=artist, action="test.done", target=artist, reason=str(number))
        seen: list[int] = []
        url = reverse("my_log")
        while url:
            page = artist_client.get(url)
            seen += [entry.pk for entry, _ in page.context["lines"]]
            older = page.context["older_url"]
            url = f"{reverse('my_log')}{older}" if older else ""
        assert seen == sorted(set(seen), reverse=True)
        assert len(seen) > 110
        lines = artist_client.get(reverse("my_log_export_lines")).getvalue().decode()
        assert [json.loads(line)["id"] for line in lines.splitlines()] == seen
        assert AuditEntry.objects.latest("pk").action == "log.own_exported"
        assert artist_client.get(reverse("my_log"), {"before": "x"}).status_code == 200

    def test_every_kind_of_thing_names_a_lookup_that_works(self, artist: User) -> None:
        from portal import registry

        assert len(registry.theirs()) >= 20
        assert log_queries.own_entries(artist, most=5)

    def test_what_is_done_to_what_is_theirs(self, artist: User, admin: User) -> None:
        membership = artist.memberships.get()
        audit.record(actor=admin, action="test.done", target=membership)
        assert log_queries.own_entries(artist, most=1)[0].target_id == str(membership.pk)
        assert all(
            entry.action != "test.done"
            for entry in log_queries.own_entries(make_person(role=Role.REVIEWER), most=50)
        )

    def test_in_french(self, other_artist: User) -> None:
        page = browser_of(other_artist).get(reverse("my_log"))
        assert "Ce que le journal dit de vous" in page.content.decode()
