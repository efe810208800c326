"""The form of an access key, without a database."""

from __future__ import annotations

import io
import logging
import re
import sys
from math import log2

from hypothesis import given
from hypothesis import strategies as st

from portal import keys
from portal.log import Line, keep_keys_out

BODIES = st.text(alphabet=keys.ALPHABET, min_size=36, max_size=36).map("grk_{}".format)
KEYS = BODIES.map(lambda body: body + keys.checksum(body))


def test_a_new_key() -> None:
    made = [keys.make() for _ in range(50)]
    assert len(set(made)) == 50
    assert {len(key) for key in made} == {keys.LENGTH} == {46}
    assert all(keys.checksum_ok(key) for key in made)
    assert log2(len(keys.ALPHABET)) * keys.RANDOM_LENGTH > 190


def test_a_known_checksum() -> None:
    # CRC-32 of "123456789" is 0xCBF43926 = 3421780262, the check value of the algorithm.
    assert keys.checksum("123456789") == "3jZRME"
    number = 0
    for digit in "3jZRME":
        number = number * 62 + keys.ALPHABET.index(digit)
    assert number == 0xCBF43926


@given(KEYS)
def test_every_key_is_recognised(key: str) -> None:
    assert keys.looks_like_key(key)
    assert keys.checksum_ok(key)
    assert re.fullmatch(keys.SCANNER_PATTERN, key)
    assert keys.find_in(f"token={key}\nnext") == [key]
    assert keys.redact(f"see {key}, please") == "see grk_…, please"


@given(KEYS, st.integers(0, 45), st.sampled_from(keys.ALPHABET))
def test_one_changed_character_is_noticed(key: str, place: int, letter: str) -> None:
    changed = key[:place] + letter + key[place + 1 :]
    assert keys.checksum_ok(changed) is (changed == key)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=80))
def test_no_other_text_is_one(text: str) -> None:
    assert not keys.checksum_ok(text)


@given(KEYS, st.sampled_from(["\0", "\n", "é", "９", " ", "_", "-"]), st.integers(4, 45))
def test_a_foreign_character_makes_it_none(key: str, letter: str, place: int) -> None:
    assert not keys.looks_like_key(key[:place] + letter + key[place:])
    assert not keys.looks_like_key(key[:place] + letter + key[place + 1 :])


@given(KEYS)
def test_a_hint_is_no_key(key: str) -> None:
    hint = keys.hint(key)
    assert len(hint) == 13
    assert hint.startswith(key[:8])
    assert hint.endswith(key[-4:])
    assert keys.redact(hint) == hint


@given(KEYS, st.integers(12, 45))
def test_a_part_is_taken_out_too(key: str, length: int) -> None:
    assert keys.redact(key[:length]) == "grk_…"
    assert keys.redact(f"{key}x") == "grk_…"


def test_values_of_the_log_are_redacted_however_deep() -> None:
    key = keys.make()
    assert keys.redact_values(
        {"name": key, "list": [key, 3, None], "inner": {"pair": (f"a {key}",)}, "on": True}
    ) == {"name": "grk_…", "list": ["grk_…", 3, None], "inner": {"pair": ["a grk_…"]}, "on": True}


def test_no_log_line_carries_one() -> None:
    key = keys.make()
    try:
        raise ValueError(f"bad {key}")
    except ValueError:
        record = logging.LogRecord(
            "portal", logging.ERROR, __file__, 1, "with %s", (key,), sys.exc_info()
        )
    line = Line("%(message)s").format(record)
    assert line.startswith("with grk_…\nTraceback")
    assert line.endswith("ValueError: bad grk_…")
    assert key not in line


def test_nor_do_those_of_programs_with_handlers_of_their_own() -> None:
    key = keys.make()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("[access] %(message)s"))
    logger = logging.Logger("gunicorn.access")
    logger.addHandler(handler)
    for _turn in range(2):
        keep_keys_out(logger)
    logger.info('"GET /v1/videos?key=%s HTTP/1.1" 401', key)
    assert written.getvalue() == '[access] "GET /v1/videos?key=grk_… HTTP/1.1" 401\n'
