"""The uncurated contact sheet: prompts in a fixed order, fixed seeds, nothing chosen."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from generation.starter.evaluation import BATCH, forgiving_questions, held_out_questions
from generation.starter.weights import FRAMES, SIDE, generate

SEED = 7_000
SHOWN = (0, 4, 8, 12, 16)
COLUMNS = 2
LINE = 30
PAPER = (17, 18, 20)
INK = (222, 222, 226)


def prompts() -> list[str]:
    """Sixteen held-out captions and eight looser ones."""
    return [q.prompt for q in (*held_out_questions(16, SEED), *forgiving_questions(8, SEED))]


def _wrapped(text: str, width: int) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def draw_sheet(pipe: Any, file: Path) -> None:
    """Five of the 17 frames of each clip, in rows, with number and prompt, as a PNG."""
    texts = prompts()
    width = len(SHOWN) * (SIDE + 2) + 14
    height = SIDE + LINE + 10
    rows = -(-len(texts) // COLUMNS)
    picture = Image.new("RGB", (COLUMNS * width + 12, rows * height + 12), PAPER)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(11)
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        clips = generate(pipe, batch, [SEED + start + i for i in range(len(batch))])
        for offset, clip in enumerate(clips):
            index = start + offset
            left, top = 12 + index % COLUMNS * width, 12 + index // COLUMNS * height
            pixels = ((clip.permute(1, 2, 3, 0) + 1) * 127.5).round().byte().numpy()
            for column, frame in enumerate(SHOWN):
                picture.paste(
                    Image.fromarray(pixels[min(frame, FRAMES - 1)]),
                    (left + column * (SIDE + 2), top),
                )
            draw.text(
                (left, top + SIDE + 3), _wrapped(f"{index + 1}. {batch[offset]}", 104), INK, font
            )
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, optimize=True)
