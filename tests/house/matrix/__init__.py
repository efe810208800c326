"""Every address of the site × every persona, with the status each gets.

Each app lists its own in ``tests/house/matrix/<app>.py``: ``ROWS``, and ``prepare(world)`` when its
addresses need things. ``tests/house/test_url_matrix.py`` asks them all and fails on an address
that nobody lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portal.containment import Target
from portal.models import Cohort, User
from portal.services import members as memberships
from portal.services.agreements import publish_version
from portal.states import Stage
from tests.factories.portal import make_containment

# What a stranger gets where signing in is required.
LOGIN = "login"

# Those that every row speaks of. ``nobody`` is whoever is signed in and has no business there.
SPOKEN_OF = ("stranger", "nobody", "artist", "other_artist", "reviewer", "admin")

# Each persona that a row says nothing of gets what another one gets.
LIKE = {
    "lead": "reviewer",
    "finance": "nobody",
    "operator": "nobody",
    # Of another cohort alone: what names nothing of this one is open to them as well.
    "other_admin": "admin",
    # ``artist`` again, in a world in which something happened to them.
    "frozen_artist": "artist",
    "unsigned_artist": "artist",
    "ended_artist": "artist",
}

PERSONAS = ("stranger", "artist", "other_artist", "reviewer", "admin", *LIKE)

# What happened to ``artist``: they are contained; their agreement has a newer version; they were
# taken out of the cohort.
BEFALLEN = ("frozen_artist", "unsigned_artist", "ended_artist")

# Who has a role, and so an authenticator app.
STAFF = ("reviewer", "lead", "admin", "other_admin", "finance", "operator")

Status = int | str


@dataclass(kw_only=True)
class World:
    """The people and things addresses are asked about; an app's ``prepare`` adds to ``things``.

    ``cohort`` is ``artist``'s; ``other_artist`` is in another one, which ``other_admin``
    administers. The other staff are there for every cohort.
    """

    artist: User
    other_artist: User
    reviewer: User
    lead: User
    admin: User
    other_admin: User
    finance: User
    operator: User
    cohort: Cohort
    things: dict[str, Any] = field(default_factory=dict)

    def act_as(self, persona: str) -> User:
        """Who *persona* is, once what makes them so has happened."""
        match persona:
            case "frozen_artist":
                target = Target(stage=Stage.PERSON, person_id=self.artist.pk)
                make_containment(target, actor=self.admin)
            case "unsigned_artist":
                publish_version(
                    actor=self.admin,
                    agreement=self.cohort.agreement,
                    body_en="New terms.",
                    body_fr="Nouveaux termes.",
                )
            case "ended_artist":
                membership = self.artist.memberships.get(cohort=self.cohort)
                memberships.remove(
                    actor=self.admin, membership=membership, reason="The round is over"
                )
        person: User = self.artist if persona in BEFALLEN else getattr(self, persona)
        return person


def nothing(world: World) -> list[Any]:
    """An address without arguments."""
    return []


@dataclass(frozen=True, kw_only=True)
class Row:
    """One address and how it is asked.

    Attributes:
        name: URL name with its namespace.
        expect: status for each persona, by ``LIKE`` for those it leaves out; a POST with ``data``
            that would work.
        args: arguments of the address, from the world.
        headers: extra request headers.
        is_json: whether ``data`` goes as JSON instead of as a form.
        with_key: whether the persona sends an access key; ``things["keys"]`` holds each one's.
    """

    name: str
    expect: Mapping[str, Status]
    args: Callable[[World], list[Any]] = nothing
    method: str = "GET"
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    headers: Mapping[str, str] = field(default_factory=dict)
    is_json: bool = False
    with_key: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    def __post_init__(self) -> None:
        like = {**LIKE, "other_admin": "admin" if self.args is nothing else "nobody"}
        said = {name: self.expect[other] for name, other in like.items()}
        object.__setattr__(self, "expect", {**said, **self.expect})


def everyone(status: Status) -> dict[str, Status]:
    """The same for all, strangers included."""
    return dict.fromkeys(SPOKEN_OF, status)


def signed_in(status: Status) -> dict[str, Status]:
    """The same for all who are signed in; strangers are asked to."""
    return {**everyone(status), "stranger": LOGIN}


def only(*personas: str, gets: Status, others: Status = 404) -> dict[str, Status]:
    """*gets* for those named, *others* for the rest who are signed in."""
    return {**signed_in(others), **dict.fromkeys(personas, gets)}


def but(rows: list[Row], persona: str, status: Status, *asked: str) -> list[Row]:
    """*rows*, in which *persona* gets *status* where *asked* (``"POST v1:videos"``) or anywhere."""
    unknown = set(asked) - {str(row) for row in rows}
    assert not unknown, unknown
    return [
        replace(row, expect={**row.expect, persona: status})
        if not asked or str(row) in asked
        else row
        for row in rows
    ]
