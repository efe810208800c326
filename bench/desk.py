"""``python -m bench.desk``: the review queue and *Next* when very many clips were handed in."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING

from bench.ground import as_owner, ground, vacuum
from bench.table import Row, print_rows, seconds

if TYPE_CHECKING:
    from django.test import Client

    from generation.models import Clip
    from portal.models import User

ARTISTS = 300
FEW, MANY = 1_000, 1_000_000
REQUESTS = 40
ROUNDS = 6
_TABLES = ("generation_clip", "review_review", "review_decision", "review_claim")


def desk(many: int = MANY) -> list[Row]:
    """p95 of the queue's pages and of *Next* among a million reviews ÷ among a thousand.

    Two cohorts in one database, each with its reviewer and 300 artists; half of the reviews wait,
    half are decided. Both are measured in turn.
    """
    from django.core.management import call_command

    # The pages name their styles by digest.
    call_command("collectstatic", interactive=False, verbosity=0)
    clients = {}
    for name, count in (("few", FEW), ("many", many)):
        pattern, reviewer = _enrol(name)
        _fill(pattern, reviewer, name, count)
        clients[name] = reviewer
    vacuum(*_TABLES)
    rows = []
    for what, work in (("a page of the review queue", _pages), ("Next", _stepping)):
        lots, few = _in_turn(work(_client(clients["many"])), work(_client(clients["few"])))
        rows.append(
            Row(
                name=f"p95 of {what}, {many:,} reviews ÷ {FEW:,}",
                value=lots / few,
                most=1.3,
                detail=f"{lots * 1000:.0f} ms ÷ {few * 1000:.0f} ms, {ARTISTS} artists each",
            )
        )
    return rows


def _in_turn(ours: Callable[[], None], bare: Callable[[], None]) -> tuple[float, float]:
    """p95 of each over all rounds; one goes after the other, request by request."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(REQUESTS * ROUNDS):
        pairs = [(ours, taken[0]), (bare, taken[1])]
        for work, times in pairs if number % 2 else pairs[::-1]:
            times.append(seconds(work))
    late, early = (statistics.quantiles(times[10:], n=20)[-1] for times in taken)
    return late, early


def _client(reviewer: User) -> Client:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(reviewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _pages(client: Client) -> Callable[[], None]:
    pages = cycle(
        ["/review/", "/review/?tab=overdue", "/review/?tab=second", "/review/?tab=decided"]
    )

    def page() -> None:
        assert client.get(next(pages)).status_code == 200

    return page


def _stepping(client: Client) -> Callable[[], None]:
    """One press of *Next* at the desk: the clip is given back and the one behind it taken."""
    place = client.post("/review/start/").headers["Location"]

    def step() -> None:
        nonlocal place
        answer = client.post(f"{place}next/")
        assert answer.status_code == 302
        place = answer.headers["Location"]
        assert place != "/review/"

    return step


def _enrol(name: str) -> tuple[Clip, User]:
    """A cohort with artists, its reviewer, and a clip that the others are copied from."""
    from generation.models import Clip, GpuAccount
    from portal.models import Cohort, Membership, RoleGrant, User

    cohort = Cohort.objects.get(slug="spring-residency")
    cohort.pk, cohort.slug, cohort.name = None, f"desk-{name}", f"Desk {name}"
    cohort.save()
    reviewer = User.objects.create(email=f"desk@{name}.example", name=f"Reviewer of {name}")
    RoleGrant.objects.create(user=reviewer, role="reviewer", cohort=cohort)
    people = User.objects.bulk_create(
        User(email=f"{name}-{number}@desk.example", name=f"Artist {number}")
        for number in range(ARTISTS)
    )
    Membership.objects.bulk_create(Membership(cohort=cohort, user=person) for person in people)
    pattern = Clip.objects.create(
        artist=people[0],
        cohort=cohort,
        account=GpuAccount.objects.create(artist=people[0], cohort=cohort),
        prompt="a red boat on the sea at night",
        model_key="starter",
        width=128,
        height=128,
        frames=17,
        fps=8,
        steps=12,
        guidance="2.50",
        seed=7,
        estimate="6.000",
    )
    return pattern, reviewer


def _fill(pattern: Clip, reviewer: User, name: str, count: int) -> None:
    """*count* more reviews, due from two days ago to two days ahead; every other one is decided.

    As the owner of the tables: row by row through the triggers this takes an hour.
    """
    own = {
        "id": "gen_random_uuid()",
        "request_id": "gen_random_uuid()",
        "artist_id": "people.id",
        "state": "'ready'",
        "sha256": "repeat('a', 64)",
        "settings_sha256": "repeat('b', 64)",
        **dict.fromkeys(("original", "preview", "poster", "filmstrip", "cover"), "'x'"),
        "finished_at": "now()",
        "started_at": "now()",
        "queued_at": "now()",
    }
    columns = [field.column for field in pattern._meta.concrete_fields if field.column]
    chosen = ", ".join(own.get(column, f"pattern.{column}") for column in columns)
    as_owner(
        *_TRIGGERS_OFF,
        # Only names of columns are pasted.
        f"""
        CREATE TEMP TABLE made AS
        WITH people AS (
            SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM portal_user
            WHERE email LIKE '{name}-%@desk.example'
        )
        SELECT gen_random_uuid() AS clip, people.id AS artist, number,
               now() + interval '4 days' * (number / {count}::float - 0.5) AS due
        FROM generate_series(1, {count}) number
        JOIN people ON people.place = number % {ARTISTS}
        """,  # noqa: S608
        f"""
        INSERT INTO generation_clip ({", ".join(columns)})
        SELECT {chosen.replace("gen_random_uuid()", "made.clip", 1).replace("people.id", "artist")}
        FROM made CROSS JOIN generation_clip pattern WHERE pattern.id = '{pattern.pk}'
        """,  # noqa: S608
        f"""
        INSERT INTO review_review (clip_id, artist_id, cohort_id, state, note, submitted_at, due_at,
                                   closed_at, turn, waits_for)
        SELECT clip, artist, {pattern.cohort_id},
               CASE WHEN number % 2 = 0 THEN 'waiting' ELSE 'declined' END, '',
               due - interval '2 days', due,
               CASE WHEN number % 2 = 0 THEN NULL ELSE due - interval '1 day' END,
               row_number() OVER (
                   PARTITION BY artist, number % 2, date_trunc('hour', due) ORDER BY due
               ),
               CASE WHEN number % 20 = 0 THEN 'second' ELSE 'first' END
        FROM made
        """,  # noqa: S608
        f"""
        INSERT INTO review_decision (review_id, artist_id, reviewer_id, verdict, reason, note,
                                     sha256, settings_sha256, prompt, model_key, settings,
                                     decided_at)
        SELECT review.id, review.artist_id, {reviewer.pk}, 'decline', 'file', 'It stops half way.',
               repeat('a', 64), repeat('b', 64), 'a red boat', 'starter', '{{}}', review.closed_at
        FROM made JOIN review_review review ON review.clip_id = made.clip
        WHERE review.state = 'declined'
        """,  # noqa: S608
        *_TRIGGERS_ON,
    )


_TRIGGERS_OFF = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in _TABLES]
_TRIGGERS_ON = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in _TABLES]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=MANY, help="reviews in the longer queue")
    wanted = parser.parse_args()
    with ground():
        return print_rows(lambda: desk(wanted.many))


if __name__ == "__main__":
    sys.exit(main())
