"""What the starter model is taught: attributes, the words for them and captions.

Pure Python, so that the web process may import it.
"""

import hashlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

Phrases = dict[str, tuple[str, ...]]

SUBJECTS: Phrases = {
    "boat": ("boat", "boat", "sailboat", "ship", "sailing boat"),
    "balloon": ("balloon", "balloon", "hot air balloon", "hot-air balloon"),
    "bird": ("bird", "bird", "songbird", "sparrow"),
    "car": ("car", "car", "automobile", "little car"),
    "cat": ("cat", "cat", "kitten", "kitty"),
    "house": ("house", "house", "cottage", "home"),
    "rocket": ("rocket", "rocket", "spaceship", "rocket ship"),
    "star": ("star", "star", "five-pointed star", "big star"),
}
COLOURS: Phrases = {
    "red": ("red", "red", "crimson", "scarlet"),
    "orange": ("orange", "orange", "tangerine"),
    "yellow": ("yellow", "yellow", "lemon yellow", "lemon"),
    "green": ("green", "green", "emerald"),
    "blue": ("blue", "blue", "azure"),
    "purple": ("purple", "purple", "violet"),
    "pink": ("pink", "pink", "rose pink", "magenta"),
    "white": ("white", "white", "ivory"),
}
MOTIONS: Phrases = {
    "right": (
        "moving right", "moves to the right", "drifting right", "goes right",
        "gliding to the right",
        "travels right", "from left to right", "moving rightwards", "heading right",
    ),
    "left": (
        "moving left", "moves to the left", "drifting left", "goes left", "gliding to the left",
        "travels left", "from right to left", "moving leftwards", "heading left",
    ),
    "up": (
        "moving up", "rising", "rises", "floating up", "goes up", "climbing", "ascending",
        "moves upwards", "rising up",
    ),
    "down": (
        "moving down", "falling", "falls", "sinking", "goes down", "descending", "dropping",
        "moves downwards", "coming down",
    ),
    "bounce": (
        "bouncing", "bounces", "jumping", "jumps", "hopping", "bouncing up and down",
        "jumping up and down",
    ),
    "grow": (
        "growing", "grows", "getting bigger", "growing larger", "coming closer", "approaching",
        "gets bigger", "expanding",
    ),
}  # fmt: skip
PLACES: Phrases = {
    "sea": (
        "at sea", "on the sea", "over the ocean", "by the sea", "above the water", "over the sea",
    ),
    "desert": (
        "in the desert", "in a desert", "over the dunes", "among sand dunes", "above the sand",
    ),
    "forest": ("in the forest", "in a forest", "in the woods", "among the trees", "over a forest"),
    "city": (
        "in the city", "in a city", "downtown", "among skyscrapers", "over the town",
        "in the street",
    ),
    "mountains": (
        "in the mountains", "among mountains", "over the mountains", "near snowy peaks",
        "in the alps",
    ),
    "meadow": (
        "in a meadow", "in the meadow", "in a field", "over green hills", "in the countryside",
    ),
}  # fmt: skip
TIMES: Phrases = {
    "day": (
        "by day", "during the day", "at noon", "in daylight", "on a sunny day", "in the morning",
        "at midday",
    ),
    "sunset": (
        "at sunset", "at dusk", "in the evening", "during sunset", "at golden hour", "at twilight",
    ),
    "night": (
        "at night", "by night", "at midnight", "in moonlight", "under the moon", "during the night",
    ),
}  # fmt: skip

BARE_MOTIONS: Phrases = {
    "right": ("right", "to the right", "rightwards"),
    "left": ("left", "to the left", "leftwards"),
    "up": ("up", "upwards", "rising"),
    "down": ("down", "downwards", "falling"),
    "bounce": ("bounce", "bouncing", "jump"),
    "grow": ("grow", "growing", "bigger"),
}
BARE_PLACES: Phrases = {
    "sea": ("sea", "ocean", "water", "the sea"),
    "desert": ("desert", "dunes", "sand"),
    "forest": ("forest", "woods", "trees"),
    "city": ("city", "town", "skyline", "street"),
    "mountains": ("mountains", "mountain", "alps"),
    "meadow": ("meadow", "field", "hills", "grass"),
}
BARE_TIMES: Phrases = {
    "day": ("day", "daytime", "noon", "morning", "sunny"),
    "sunset": ("sunset", "dusk", "evening", "twilight"),
    "night": ("night", "midnight", "nighttime", "moonlight"),
}

FILLER_BEFORE = (
    "a video of", "video of", "a cinematic video of", "a cinematic shot of", "footage of",
    "an animation of",
    "a clip of", "a film of", "a beautiful shot of", "a short video showing",
    "a movie scene with", "wide shot of",
    "a scene with", "there is", "we see", "please make", "show me", "a picture of",
    "an illustration of",
    "a close up of", "i want", "generate a video of", "create", "imagine",
)  # fmt: skip
FILLER_AFTER = (
    "4k", "8k", "hd", "high quality", "highly detailed", "cinematic", "beautiful", "masterpiece",
    "best quality",
    "cinematic lighting", "film grain", "in slow motion", "smooth motion", "vivid colors",
    "wide angle", "35mm",
    "very detailed", "ultra realistic", "photorealistic", "trending", "dramatic light",
    "shot on film",
    "soft light", "award winning", "minimalist", "paper cut style", "flat illustration",
    "camera is still",
)  # fmt: skip
ADJECTIVES = (
    "little", "small", "big", "beautiful", "lovely", "nice", "old", "shiny", "cute", "bright",
    "pretty", "lonely",
    "tiny", "large", "colorful", "happy",
)  # fmt: skip
ADVERBS = ("slowly", "gently", "quickly", "quietly", "smoothly", "steadily", "calmly")
# Stands in captions for any word that the tokenizer does not know.
UNKNOWN = "xyzzy"


@dataclass(frozen=True, slots=True)
class Scene:
    """One combination of the grammar; every field is a key of its table."""

    subject: str
    colour: str
    motion: str
    place: str
    time: str

    @property
    def held_out(self) -> bool:
        """True for the 15% of combinations that training never sees."""
        key = "|".join((self.subject, self.colour, self.motion, self.place, self.time))
        return hashlib.sha256(key.encode()).digest()[0] < 38


def scenes() -> Iterator[Scene]:
    """Every combination, in a fixed order."""
    for parts in itertools.product(SUBJECTS, COLOURS, MOTIONS, PLACES, TIMES):
        yield Scene(*parts)


def split() -> tuple[list[Scene], list[Scene]]:
    """Combinations for training and combinations held out, in a fixed order."""
    taught: list[Scene] = []
    held: list[Scene] = []
    for scene in scenes():
        (held if scene.held_out else taught).append(scene)
    return taught, held


def _article(words: str) -> str:
    return "an" if words[0] in "aeiou" else "a"


def _noun(rng: random.Random, colour: str, subject: str, adjective: str) -> str:
    words = " ".join(word for word in (adjective, colour, subject) if word)
    roll = rng.random()
    if roll < 0.6:
        return f"{_article(words)} {words}"
    if roll < 0.75:
        return f"the {words}"
    if roll < 0.85 and colour and subject:
        return f"{_article(subject)} {subject} that is {colour}"
    return words


def plain_caption(scene: Scene, rng: random.Random) -> str:
    """A full caption in good order: synonyms and four sentence shapes, no noise."""
    subject, colour = rng.choice(SUBJECTS[scene.subject]), rng.choice(COLOURS[scene.colour])
    motion, place = rng.choice(MOTIONS[scene.motion]), rng.choice(PLACES[scene.place])
    time = rng.choice(TIMES[scene.time])
    noun = f"{_article(colour)} {colour} {subject}"
    return rng.choice(
        (
            f"{noun} {motion} {place} {time}",
            f"{noun} {place} {time}, {motion}",
            f"{time}, {place}, {noun} {motion}",
            f"{place} {time}, {noun} {motion}",
        )
    )


def terse_caption(scene: Scene, rng: random.Random, *, motion: bool = True) -> str:
    """A list of bare words with commas: "red boat, sea, night"."""
    parts = [f"{scene.colour} {scene.subject}"]
    if motion:
        parts.append(rng.choice(BARE_MOTIONS[scene.motion]))
    parts += [rng.choice(BARE_PLACES[scene.place]), rng.choice(BARE_TIMES[scene.time])]
    return ", ".join(parts)


def _parts(scene: Scene, rng: random.Random) -> list[str]:
    bare = rng.random() < 0.3
    drop = rng.random() < 0.22
    kept = {
        name: not (drop and rng.random() < 0.35)
        for name in ("colour", "subject", "motion", "place", "time")
    }
    colour = rng.choice(COLOURS[scene.colour]) if kept["colour"] else ""
    subject = rng.choice(SUBJECTS[scene.subject]) if kept["subject"] else ""
    adjective = rng.choice(ADJECTIVES) if rng.random() < 0.1 else ""
    noun = f"{colour} {subject}".strip()
    if noun and not bare:
        noun = _noun(rng, colour, subject, adjective)
    motion = rng.choice((BARE_MOTIONS if bare else MOTIONS)[scene.motion]) if kept["motion"] else ""
    if motion and not bare and rng.random() < 0.12:
        motion = (
            f"{rng.choice(ADVERBS)} {motion}"
            if rng.random() < 0.5
            else f"{motion} {rng.choice(ADVERBS)}"
        )
    place = rng.choice((BARE_PLACES if bare else PLACES)[scene.place]) if kept["place"] else ""
    time = rng.choice((BARE_TIMES if bare else TIMES)[scene.time]) if kept["time"] else ""
    order = [noun, motion, place, time]
    roll = rng.random()
    if roll < 0.25:
        order = [noun, place, time, motion]
    elif roll < 0.4:
        order = [time, place, noun, motion]
    elif roll < 0.5:
        order = [place, time, noun, motion]
    elif roll < 0.65:
        rng.shuffle(order)
    return [part for part in order if part]


def training_caption(scene: Scene, rng: random.Random) -> str:
    """A caption for training: synonyms, orders, filler, gaps, unknown words and noise."""
    parts = _parts(scene, rng)
    text = (", " if rng.random() < 0.3 else " ").join(parts)
    if rng.random() < 0.25:
        text = f"{rng.choice(FILLER_BEFORE)} {text}"
    if rng.random() < 0.25:
        extras = ", ".join(rng.sample(FILLER_AFTER, rng.randint(1, 3)))
        text = f"{text}, {extras}" if rng.random() < 0.8 else f"{extras}, {text}"
    words = text.split()
    if rng.random() < 0.22:
        for _ in range(rng.randint(1, 3)):
            words.insert(rng.randint(0, len(words)), UNKNOWN)
    if rng.random() < 0.04:
        rng.shuffle(words)
    return " ".join(words)
