"""Measures how well generated clips follow their captions, as the judges read them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generation.starter import grammar as g
from generation.starter.dataset import as_video
from generation.starter.grammar import Scene
from generation.starter.judges import SIZES, Judges, read, truth
from generation.starter.networks import GUIDANCE, STEPS
from generation.starter.renderer import render
from generation.starter.weights import generate

BATCH = 10
QUESTIONS = tuple(SIZES)
# Not one of these words stands in the model's vocabulary.
STRANGERS = (
    "gleaming",
    "weathered",
    "majestic",
    "mysterious",
    "origami",
    "vintage",
    "velvet",
    "dreamlike",
    "gigantic",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt, the scene it describes, and which parts of the scene it says anything about."""

    prompt: str
    scene: Scene
    said: frozenset[str] = frozenset(QUESTIONS)


@dataclass(slots=True)
class Score:
    """Right answers by question; `all four` counts clips with every stated part right."""

    right: dict[str, float] = field(default_factory=dict)
    together: float = 0.0


def held_out_questions(count: int, seed: int) -> list[Question]:
    """Full captions of combinations that training never saw."""
    rng = random.Random(seed)
    _, held = g.split()
    chosen = rng.sample(held, count)
    return [Question(g.plain_caption(scene, rng), scene) for scene in chosen]


def _with_filler(scene: Scene, rng: random.Random) -> Question:
    text = g.plain_caption(scene, rng)
    return Question(
        f"{rng.choice(g.FILLER_BEFORE)} {text}, {', '.join(rng.sample(g.FILLER_AFTER, 2))}", scene
    )


def _terse(scene: Scene, rng: random.Random) -> Question:
    motion = rng.random() < 0.5
    said = frozenset(QUESTIONS) if motion else frozenset(QUESTIONS) - {"motion"}
    return Question(g.terse_caption(scene, rng, motion=motion), scene, said)


def _other_order(scene: Scene, rng: random.Random) -> Question:
    parts = [
        f"a {rng.choice(g.SUBJECTS[scene.subject])} that is {rng.choice(g.COLOURS[scene.colour])}",
        rng.choice(g.MOTIONS[scene.motion]),
        rng.choice(g.PLACES[scene.place]),
        rng.choice(g.TIMES[scene.time]),
    ]
    rng.shuffle(parts)
    return Question(" ".join(parts), scene)


def _with_stranger(scene: Scene, rng: random.Random) -> Question:
    words = g.plain_caption(scene, rng).split()
    words.insert(rng.randrange(len(words) + 1), rng.choice(STRANGERS))
    return Question(" ".join(words), scene)


def forgiving_questions(count: int, seed: int) -> list[Question]:
    """Held-out combinations with filler, terse, in another order, with an unknown word, in turn.

    A terse prompt may leave the motion out; then any motion is right.
    """
    rng = random.Random(seed)
    _, held = g.split()
    shapes: tuple[Callable[[Scene, random.Random], Question], ...] = (
        _with_filler, _terse, _other_order, _with_stranger,
    )  # fmt: skip
    return [shapes[i % len(shapes)](scene, rng) for i, scene in enumerate(rng.sample(held, count))]


def score(questions: list[Question], answers: list[dict[str, int]]) -> Score:
    """Compares the judges' answers with what the prompts say."""
    right = dict.fromkeys(QUESTIONS, 0)
    stated = dict.fromkeys(QUESTIONS, 0)
    together = 0
    for question, answer in zip(questions, answers, strict=True):
        wanted = truth(question.scene)
        hits = {name: answer[name] == wanted[name] for name in question.said}
        for name, hit in hits.items():
            right[name] += hit
            stated[name] += 1
        together += all(hits.values())
    return Score(
        {name: right[name] / max(1, stated[name]) for name in QUESTIONS}, together / len(questions)
    )


def generated(
    pipe: Any, prompts: list[str], seed: int, guidance: float, steps: int
) -> Iterator[Tensor]:
    """Clips in batches, each prompt with its own seed."""
    for start in range(0, len(prompts), BATCH):
        batch = prompts[start : start + BATCH]
        yield generate(pipe, batch, [seed + start + i for i in range(len(batch))], guidance, steps)


def judge_model(
    pipe: Any,
    judges: Judges,
    questions: list[Question],
    seed: int,
    guidance: float = GUIDANCE,
    steps: int = STEPS,
) -> Score:
    """Generates a clip for each question and scores the judges' reading of it."""
    answers: list[dict[str, int]] = []
    for clips in generated(pipe, [q.prompt for q in questions], seed, guidance, steps):
        answers += read(judges, clips)
    return score(questions, answers)


def judge_renders(judges: Judges, questions: list[Question], seed: int) -> Score:
    """The ceiling: the same questions answered about real renders."""
    answers: list[dict[str, int]] = []
    for index, question in enumerate(questions):
        answers += read(judges, as_video(np.stack([render(question.scene, seed + index)])))
    return score(questions, answers)


def _line(name: str, made: float, ceiling: float, chance: float) -> str:
    return f"{name}: {made:.3f} (real renders {ceiling:.3f}, chance {chance:.4f})"


def report(pipe: Any, judges: Judges, count: int, forgiving: int, seed: int) -> Iterator[str]:
    """The lines that `starter evaluate` prints."""
    torch.manual_seed(seed)
    questions = held_out_questions(count, seed)
    made, ceiling = (
        judge_model(pipe, judges, questions, seed),
        judge_renders(judges, questions, seed),
    )
    chance = 1.0
    for name in QUESTIONS:
        chance /= SIZES[name]
        yield _line(name, made.right[name], ceiling.right[name], 1 / SIZES[name])
    yield _line("all four", made.together, ceiling.together, chance)
    asked = forgiving_questions(forgiving, seed + 1)
    made, ceiling = (
        judge_model(pipe, judges, asked, seed + 10_000),
        judge_renders(judges, asked, seed + 10_000),
    )
    yield _line("forgiving", made.together, ceiling.together, chance)
