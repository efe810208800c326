import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.starter.vocabulary import grammar, known_words, suggestions, unknown_words


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_has_a_list_of_unknown_words(text: str) -> None:
    found = unknown_words(text)
    assert len(found) == len(set(found))
    assert not set(found) & known_words()


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("A red boat on the sea at night, moving left", []),
        ("a cinematic video of a red boat, 4k", []),
        ("a Purple dragon, 3 dragons near the volcano", ["dragon", "3", "dragons", "volcano"]),
        ("red-boat!!! at SEA", []),
        ("", []),
        ("\0 🚀 \ud83d", []),
        ("un été rouge", ["un", "été", "rouge"]),
    ],
)
def test_unknown_words_are_named_in_order(prompt: str, unknown: list[str]) -> None:
    assert unknown_words(prompt) == unknown


def test_a_very_long_prompt_is_fine() -> None:
    assert unknown_words("wyvern " * 32_000) == ["wyvern"]


def test_suggestions_are_known_different_and_repeatable() -> None:
    made = suggestions(20, seed=3)
    assert len(set(made)) == 20
    assert made == suggestions(20, seed=3)
    assert made != suggestions(20, seed=4)
    assert not [word for prompt in made for word in unknown_words(prompt)]


def test_the_grammar_lists_what_can_be_asked_for() -> None:
    names = grammar()
    assert {key: len(values) for key, values in names.items()} == {
        "subjects": 8,
        "colours": 8,
        "motions": 6,
        "places": 6,
        "times": 3,
    }
    assert "boat" in names["subjects"]


def test_the_vocabulary_needs_no_heavy_library() -> None:
    code = (
        "import sys, generation.starter.vocabulary\n"
        "print(sorted({'torch', 'numpy', 'diffusers', 'transformers', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
