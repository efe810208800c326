from __future__ import annotations

import pytest
from django.utils import translation

from portal.numbers import short_seconds


@pytest.mark.parametrize(
    ("seconds", "language", "written"),
    [(2.125, "en", "2.1"), (2.125, "fr", "2,1"), (2.04, "fr", "2"), (17, "en", "17")],
)
def test_a_tenth_in_the_readers_language(seconds: float, language: str, written: str) -> None:
    with translation.override(language):
        assert short_seconds(seconds) == written
