from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from portal.numbers import machine_time, short_seconds


@pytest.mark.parametrize(
    ("seconds", "language", "written"),
    [(2.125, "en", "2.1"), (2.125, "fr", "2,1"), (2.04, "fr", "2"), (17, "en", "17")],
)
def test_a_tenth_in_the_readers_language(seconds: float, language: str, written: str) -> None:
    with translation.override(language):
        assert short_seconds(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "upwards", "written"),
    [
        ("0", False, "0 s"),
        ("11.9", False, "11 s"),
        ("11.1", True, "12 s"),
        ("899.4", False, "899 s"),
        ("900", False, "15 min"),
        ("959", False, "15 min"),
        ("901", True, "16 min"),
        ("36000", False, "600 min"),
    ],
)
def test_machine_time_promises_no_second_too_many(
    seconds: str, upwards: bool, written: str
) -> None:
    with translation.override("en"):
        assert machine_time(Decimal(seconds), upwards=upwards).replace("\xa0", " ") == written
