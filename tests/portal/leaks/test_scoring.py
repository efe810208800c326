"""The score: more evidence never lowers it, ordinary use never reaches the line."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.leaks.scoring import (
    ALLOWED,
    BURST_TIMES,
    LINE,
    MOST_ALLOWED,
    RULES,
    Facts,
    allowance_for,
    judge,
    together,
)
from portal.services.leaks import suspect

# Other tests keep the machine busy meanwhile.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

EVIDENCE = [rule.fact for rule in RULES] + ["requests"]
counts = st.integers(0, 400)
any_facts = st.builds(Facts, **dict.fromkeys([*EVIDENCE, "usual"], counts))
allowances = st.dictionaries(st.sampled_from(ALLOWED), st.integers(0, MOST_ALLOWED))


@st.composite
def ordinary(draw: st.DrawFn) -> Facts:
    """What people do: a few networks one after the other, any number of requests and programs."""
    networks = draw(st.integers(0, 6))
    return Facts(
        networks=networks,
        networks_at_once=draw(st.integers(0, min(networks, 3))),
        start_networks=draw(st.integers(0, networks)),
        clients=draw(counts),
        page_networks=draw(st.integers(0, min(networks, 1))),
        page_requests=draw(counts),
        requests=draw(st.integers(0, 100_000)),
        usual=draw(counts),
    )


@unhurried
@given(facts=any_facts, fact=st.sampled_from(EVIDENCE), more=counts, allowance=allowances)
def test_more_evidence_never_lowers_the_score(
    facts: Facts, fact: str, more: int, allowance: dict[str, int]
) -> None:
    worse = replace(facts, **{fact: getattr(facts, fact) + more})
    assert judge(worse, allowance).score >= judge(facts, allowance).score


@unhurried
@given(facts=any_facts, allowance=allowances, more=allowances)
def test_an_allowance_never_raises_the_score(
    facts: Facts, allowance: dict[str, int], more: dict[str, int]
) -> None:
    wider = together(allowance, more)
    assert judge(facts, wider).score <= judge(facts, allowance).score <= judge(facts).score


@unhurried
@given(facts=ordinary(), of_person=any_facts)
def test_ordinary_use_never_crosses_the_line(facts: Facts, of_person: Facts) -> None:
    assert judge(facts).score < LINE
    assert suspect(facts, facts, line=LINE) is None


@unhurried
@given(facts=any_facts)
def test_the_score_is_the_sum_of_what_is_explained(facts: Facts) -> None:
    verdict = judge(facts)
    assert verdict.score == sum(finding.points for finding in verdict.findings)
    points = [finding.points for finding in verdict.findings]
    assert points == sorted(points, reverse=True)
    assert all(finding.points > 0 for finding in verdict.findings)
    assert all(finding.count > finding.ordinary for finding in verdict.findings)


@unhurried
@given(facts=any_facts)
def test_what_was_confirmed_is_ordinary_afterwards(facts: Facts) -> None:
    seen = replace(facts, **{name: min(getattr(facts, name), MOST_ALLOWED) for name in ALLOWED})
    assert judge(seen, allowance_for(seen)).score < LINE


def test_five_strangers_on_a_page_are_a_leak() -> None:
    facts = Facts(
        networks=5,
        networks_at_once=5,
        start_networks=5,
        clients=2,
        page_networks=5,
        page_requests=5,
        requests=5,
    )
    verdict = judge(facts)
    assert [(one.fact, one.points) for one in verdict.findings] == [
        ("page_networks", 60),
        ("networks_at_once", 30),
        ("start_networks", 20),
        ("page_requests", 10),
    ]
    assert verdict.score == 120


def test_strangers_without_a_page_are_one_too() -> None:
    facts = Facts(networks=8, networks_at_once=8, start_networks=8, requests=8)
    assert judge(facts).score == 75 + 50 + 16


def test_a_burst_is_measured_by_the_persons_own_history() -> None:
    facts = Facts(networks=1, requests=3000)
    assert [one.fact for one in judge(facts).findings] == ["requests"]
    assert judge(replace(facts, usual=3000 // BURST_TIMES)).findings == ()


def test_a_leak_of_another_key_does_not_cost_this_one() -> None:
    leaked = Facts(networks=40, networks_at_once=40, start_networks=40, page_networks=40)
    assert suspect(Facts(networks=2, start_networks=2, requests=9), leaked, line=LINE) is None


def test_two_keys_of_one_person_count_together() -> None:
    half = Facts(networks=8, networks_at_once=5, start_networks=6)
    both = Facts(networks=16, networks_at_once=10, start_networks=12)
    found = suspect(half, both, line=LINE)
    assert judge(half).score == 76
    assert found is not None
    assert (found.of_person, found.verdict.score) == (True, 60 + 60 + 32)
