"""The words the starter model knows; free of torch, numpy and diffusers, for the web process."""

import functools
import random
import re
import unicodedata

from generation.starter import grammar as g

# Words and numbers; digits with letters stay together ("4k", "35mm").
WORD_PATTERN = "[a-z0-9]+"
_WORD = re.compile(WORD_PATTERN)
_COMMON = (
    "a an and the of in on at by with to from for is that it its this over under near through "
    "across while as very video scene shot frame against into there then"
)


def words(text: str) -> list[str]:
    """The text's words as the tokenizer sees them."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


@functools.cache
def known_words() -> frozenset[str]:
    """Every word of the training captions, filler that the model learnt to ignore included."""
    known: set[str] = set(words(_COMMON))
    tables = (
        g.SUBJECTS, g.COLOURS, g.MOTIONS, g.PLACES, g.TIMES,
        g.BARE_MOTIONS, g.BARE_PLACES, g.BARE_TIMES,
    )  # fmt: skip
    for table in tables:
        for phrases in table.values():
            known.update(word for phrase in phrases for word in words(phrase))
    for phrase in (*g.FILLER_BEFORE, *g.FILLER_AFTER, *g.ADJECTIVES, *g.ADVERBS):
        known.update(words(phrase))
    return frozenset(known)


def unknown_words(prompt: str) -> list[str]:
    """Words of the prompt that the model never learnt, in order and once each; any text is fine.

    Letters outside a–z make a word unknown as well and it is shown as it was typed, in lower case.
    """
    known = known_words()
    found: dict[str, None] = {}
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", prompt).lower()):
        if word not in known and any(part not in known for part in (_WORD.findall(word) or [word])):
            found.setdefault(word)
    return list(found)


def suggestions(count: int, seed: int) -> list[str]:
    """`count` different prompts within the grammar, the same ones for the same seed."""
    rng = random.Random(seed)
    every = list(g.scenes())
    prompts: dict[str, None] = {}
    while len(prompts) < min(count, len(every)):
        text = g.plain_caption(rng.choice(every), rng)
        prompts.setdefault(text[0].upper() + text[1:])
    return list(prompts)


def grammar() -> dict[str, list[str]]:
    """What can be asked for: the names of subjects, colours, motions, places and times."""
    return {
        "subjects": list(g.SUBJECTS),
        "colours": list(g.COLOURS),
        "motions": list(g.MOTIONS),
        "places": list(g.PLACES),
        "times": list(g.TIMES),
    }
