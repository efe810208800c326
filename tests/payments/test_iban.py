from __future__ import annotations

import pytest

from payments.iban import compact, grouped, is_valid

# Examples published in the IBAN registry.
PUBLISHED = [
    "AT61 1904 3002 3457 3201",
    "BE68 5390 0754 7034",
    "CH93 0076 2011 6238 5295 7",
    "DE89 3704 0044 0532 0130 00",
    "ES91 2100 0418 4502 0005 1332",
    "FR14 2004 1010 0505 0001 3M02 606",
    "GB29 NWBK 6016 1331 9268 19",
    "IT60 X054 2811 1010 0000 0123 456",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "NL91 ABNA 0417 1643 00",
    "NO93 8601 1117 947",
    "PL61 1090 1014 0000 0712 1981 2874",
    "PT50 0002 0123 1234 5678 9015 4",
    "SE45 5000 0000 0583 9825 7466",
]


@pytest.mark.parametrize("typed", PUBLISHED)
def test_published_examples_are_valid(typed: str) -> None:
    assert is_valid(compact(typed))
    assert grouped(compact(typed)) == typed


@pytest.mark.parametrize("typed", PUBLISHED)
def test_one_wrong_digit_is_found(typed: str) -> None:
    iban = compact(typed)
    wrong = iban[:-1] + str((int(iban[-1]) + 1) % 10) if iban[-1].isdigit() else iban[:-1] + "0"

    assert not is_valid(wrong)


@pytest.mark.parametrize("typed", PUBLISHED)
def test_two_digits_that_changed_places_are_found(typed: str) -> None:
    iban = compact(typed)
    at = next(i for i in range(4, len(iban) - 1) if iban[i] != iban[i + 1])

    assert not is_valid(iban[:at] + iban[at + 1] + iban[at] + iban[at + 2 :])


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "DE",
        "DE89",
        "XX89370400440532013000",
        "DE8937040044053201300",
        "DE893704004405320130000",
        "DE89 3704 0044 0532 0130 0O",
        "=HYPERLINK(1)",
        "FR14200410100505000１3M02606",
    ],
)
def test_what_is_no_iban(typed: str) -> None:
    assert not is_valid(compact(typed))


def test_what_people_type_is_made_compact() -> None:
    assert compact(" gb29-nwbk 6016\u00a01331 9268 19") == "GB29NWBK60161331926819"
