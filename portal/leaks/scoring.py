"""How much the use of one key looks like a leak, as a number with its reasons. Pure.

Each kind of evidence is free up to what ordinary work shows, then costs points for each more, up to
a most of its own; the score is their sum. No kind reaches the line by itself except what only
strangers do: coming through somebody else's page from many networks. More evidence never lowers the
score, and a longer allowance never raises it, so what stays below the line without any allowance
need not be looked at further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

# A line may be set no lower: what is below it is judged by nobody.
LOWEST_LINE = 60
LINE = 100
HIGHEST_LINE = 500

WINDOW_SECONDS = 600
# Requests of one key from several networks this close together were made at the same time.
AT_ONCE_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the requests of one key, or of all keys of one person, were like.

    Over the last ``WINDOW_SECONDS``, unless said otherwise. A network is a /24, or a /48 of IPv6.

    Attributes:
        networks: from how many they came.
        networks_at_once: from how many within ``AT_ONCE_SECONDS``.
        start_networks: from how many something was asked for (POST: a clip, a remix).
        clients: with how many user agents.
        page_networks: from how many they came through a page that is not ours.
        page_requests: how many came through such a page.
        requests: how many there were.
        usual: how many there are in as long a time at the person's busiest, slowly forgotten.
    """

    networks: int = 0
    networks_at_once: int = 0
    start_networks: int = 0
    clients: int = 0
    page_networks: int = 0
    page_requests: int = 0
    requests: int = 0
    usual: int = 0

    def as_dict(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``free`` are ordinary; each more costs ``each`` points, ``most`` together."""

    fact: str
    free: int
    each: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One kind of evidence: ``count`` of ``fact``, where ``ordinary`` would be ordinary."""

    fact: str
    count: int
    ordinary: int
    points: int

    def as_dict(self) -> dict[str, str | int]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The sum and what it is made of, the heaviest first."""

    score: int
    findings: Sequence[Finding]


RULES = (
    Rule(fact="page_networks", free=1, each=15, most=150),
    Rule(fact="networks_at_once", free=3, each=15, most=90),
    Rule(fact="start_networks", free=3, each=10, most=90),
    Rule(fact="networks", free=6, each=8, most=90),
    Rule(fact="page_requests", free=0, each=2, most=25),
    Rule(fact="clients", free=5, each=3, most=15),
)
# A script that asks once a second is no burst, whoever never had one before.
BURST_FREE = 600
BURST_TIMES = 3
BURST_EACH = 40
BURST_MOST = 15

# What an artist may confirm as theirs, a cohort be allowed, or a person have beyond one key.
ALLOWED = ("networks", "networks_at_once", "start_networks", "clients", "page_networks")
MOST_ALLOWED = 40
NO_ALLOWANCE: Mapping[str, int] = MappingProxyType({})
# Somebody with several keys has a desk, a phone and a rented machine: as much again is ordinary.
PERSON_ALLOWANCE: Mapping[str, int] = MappingProxyType(
    {rule.fact: rule.free for rule in RULES if rule.fact in ALLOWED}
)


def judge(facts: Facts, allowance: Mapping[str, int] = NO_ALLOWANCE) -> Verdict:
    """The score of *facts*; *allowance* says how much more of a fact is ordinary here."""
    found = [_finding(rule, getattr(facts, rule.fact), allowance) for rule in RULES]
    found.append(_burst(facts))
    findings = sorted((one for one in found if one.points), key=lambda one: -one.points)
    return Verdict(score=sum(one.points for one in findings), findings=tuple(findings))


def together(*allowances: Mapping[str, int]) -> dict[str, int]:
    """The sum of *allowances*, fact by fact."""
    return {name: sum(allowance.get(name, 0) for allowance in allowances) for name in ALLOWED}


def allowance_for(facts: Facts) -> dict[str, int]:
    """The least that makes *facts* ordinary, as far as anything may be allowed."""
    free = {rule.fact: rule.free for rule in RULES}
    return {name: min(max(getattr(facts, name) - free[name], 0), MOST_ALLOWED) for name in ALLOWED}


def _finding(rule: Rule, count: int, allowance: Mapping[str, int]) -> Finding:
    ordinary = rule.free + max(allowance.get(rule.fact, 0), 0)
    points = min(max(count - ordinary, 0) * rule.each, rule.most)
    return Finding(fact=rule.fact, count=count, ordinary=ordinary, points=points)


def _burst(facts: Facts) -> Finding:
    ordinary = max(BURST_FREE, BURST_TIMES * facts.usual)
    points = min(max(facts.requests - ordinary, 0) // BURST_EACH, BURST_MOST)
    return Finding(fact="requests", count=facts.requests, ordinary=ordinary, points=points)
