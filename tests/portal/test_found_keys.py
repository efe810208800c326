"""The address where found keys are handed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal import keys
from portal.models import AccessKey, Cohort, User
from portal.services.key_rows import NewKey
from portal.views import found_keys
from tests.factories.portal import make_key

HERE = "/keys/found/"


@pytest.fixture
def made(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort)


def report(body: Any, **extra: Any) -> Any:
    # Whoever reports has no session and no form of ours.
    client = Client(enforce_csrf_checks=True)
    return client.post(HERE, body, "application/json", **extra)


def test_one_key(made: NewKey) -> None:
    for _turn in range(2):
        answer = report({"key": f" {made.clear}\n", "url": "https://pastes.example/x?y=z"})
        assert (answer.status_code, answer.json()) == (200, {"results": [{"known": True}]})
    row = AccessKey.objects.get()
    assert (row.standing(), row.found_on) == ("revoked", "pastes.example")


def test_a_scanners_list(artist: User, cohort: Cohort, made: NewKey) -> None:
    other = make_key(artist, cohort, name="Desk")
    answer = report(
        [
            {"token": keys.make(), "type": "greenroom_key", "url": "https://a.example/"},
            {"token": made.clear, "type": "greenroom_key", "url": 7},
            {"token": "no key at all"},
            {"token": made.clear[:-1] + "_"},
        ]
    )
    assert answer.json() == {"results": [{"known": known} for known in (0, 1, 0, 0)]}
    assert AccessKey.objects.get(pk=other.row.pk).standing() == "active"


def test_many_keys(made: NewKey) -> None:
    answer = report({"keys": [keys.make(), made.clear]})
    assert answer.json() == {"results": [{"known": False}, {"known": True}]}


def test_no_report(db: None) -> None:
    bodies: list[str | bytes] = [
        *("", "{", '"grk_"', "[1]", "{}", '{"key": 7}', '{"keys": "x"}', '[{"token": null}]'),
        *("null", '{"key": null}', "[" * 5000, b"\xff\xfe"),
    ]
    for body in bodies:
        answer = report(body)
        assert answer.status_code == 400, body
        assert answer.json()["error"]["code"] == "invalid_report"


@pytest.mark.parametrize("key", ["grk_\0", "é" * 46, "x" * 60_000])
def test_keys_that_are_none(key: str, db: None) -> None:
    answer = report({"key": key})
    assert (answer.status_code, answer.json()) == (200, {"results": [{"known": False}]})


def test_too_much_at_once(db: None) -> None:
    assert report({"key": "x" * 70_000}).json()["error"]["code"] == "too_large"
    many = report({"keys": ["x"] * 101})
    assert (many.status_code, many.json()["error"]["code"]) == (413, "too_many_keys")


def test_too_often_from_one_network(made: NewKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.limits.time.time", lambda: 1_000_000_050.0)
    monkeypatch.setattr(found_keys, "MOST_PER_MINUTE", 2)
    # A header that nobody trusted has set opens no new account of reports.
    codes = [
        report({"key": "x"}, headers={"X-Forwarded-For": f"192.0.{n}.1"}).status_code
        for n in range(3)
    ]
    assert codes == [200, 200, 429]
    assert report({"key": made.clear})["Retry-After"] == "30"
    assert report({"key": made.clear}, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_it_is_for_posting(client: Client, db: None) -> None:
    assert client.get(HERE).status_code == 405
