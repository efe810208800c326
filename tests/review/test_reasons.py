from __future__ import annotations

import dataclasses
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils.translation import gettext_lazy as _

from review.reasons import CODES, REASONS, Reason, by_code, check_fair, find, for_verdict
from review.states import Verdict


def test_the_published_reasons_are_fair() -> None:
    check_fair(REASONS)


@pytest.mark.parametrize(
    "words",
    [
        "Criticism of how we pay",
        "Negative about the model",
        "Harms our reputation",
        "Not in the spirit of the programme",
        "Embarrasses a partner",
    ],
)
def test_criticism_of_the_programme_can_be_no_reason(words: str) -> None:
    reason = Reason(code="new", title=_(words), explanation=_("It is so."), way_on=_("Another."))
    with pytest.raises(ImproperlyConfigured, match="'new'"):
        check_fair([*REASONS, reason])


def test_each_reason_is_explained_once() -> None:
    assert len(set(CODES)) == len(CODES)
    for reason in REASONS:
        for field in ("title", "explanation", "way_on"):
            assert str(getattr(reason, field)).strip(), (reason.code, field)


def test_a_number_key_reaches_every_reason_to_decline() -> None:
    assert len(for_verdict(Verdict.DECLINE)) <= 9


def test_some_reasons_are_for_withdrawing_only() -> None:
    assert find("our_mistake", verdict=Verdict.DECLINE) is None
    assert find("our_mistake", verdict=Verdict.REVOKE) == by_code("our_mistake")
    assert find("file", verdict=Verdict.DECLINE) == by_code("file")
    assert find("made up", verdict=Verdict.DECLINE) is None


def test_the_database_knows_the_same_reasons(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
            ["decision_reason_published"],
        )
        (definition,) = cursor.fetchone()
    quoted = set(re.findall(r"'(\w+)'::character varying", definition))
    assert quoted - {"approve", "overturn", "changes", "decline", "revoke"} == set(CODES)


def test_a_reason_cannot_be_changed_in_passing() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        REASONS[0].code = "other"  # type: ignore[misc]
