"""Classifiers of a clip's subject, colour, motion and background; trained on renders only."""

import itertools
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from generation.starter import grammar as g
from generation.starter.dataset import as_video
from generation.starter.grammar import Scene
from generation.starter.renderer import render

JUDGES_FILE = Path(__file__).parent / "judges.safetensors"
SUBJECTS, COLOURS, MOTIONS = list(g.SUBJECTS), list(g.COLOURS), list(g.MOTIONS)
BACKGROUNDS = [(place, time) for place in g.PLACES for time in g.TIMES]
SIZES = {
    "subject": len(SUBJECTS),
    "colour": len(COLOURS),
    "motion": len(MOTIONS),
    "background": len(BACKGROUNDS),
}
SIDE = 64
SEEN_FRAMES = (0, 4, 8, 12, 16)


def truth(scene: Scene) -> dict[str, int]:
    """The right answers for a scene."""
    return {
        "subject": SUBJECTS.index(scene.subject),
        "colour": COLOURS.index(scene.colour),
        "motion": MOTIONS.index(scene.motion),
        "background": BACKGROUNDS.index((scene.place, scene.time)),
    }


class Judge(nn.Module):
    """A small convolutional network over one or more frames stacked as channels."""

    def __init__(self, channels: int, classes: int, width: int = 32) -> None:
        super().__init__()
        widths = [channels, width, width * 2, width * 3, width * 4]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, b) for b in widths[1:])
        self.head = nn.Linear(width * 8, classes)

    def forward(self, x: Tensor) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.silu(norm(layer(x)))
        out: Tensor = self.head(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))
        return out


class Judges(nn.Module):
    """One network a question.

    Motion sees five frames in order; the others see one at a time and vote. Subject and colour also
    see how a frame differs from the clip's median, which is where something moves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nets = nn.ModuleDict(
            {
                "subject": Judge(6, SIZES["subject"]),
                "colour": Judge(6, SIZES["colour"], 16),
                "motion": Judge(3 * len(SEEN_FRAMES), SIZES["motion"], 16),
                "background": Judge(3, SIZES["background"], 16),
            }
        )

    def forward(self, frames: Tensor, asked: tuple[str, ...] = tuple(SIZES)) -> dict[str, Tensor]:
        """Frames SEEN_FRAMES (b, 3, 5, h, w) between -1 and 1 to logits (b, classes) a question."""
        b, c, n = frames.shape[:3]
        flat = F.interpolate(frames.transpose(1, 2).flatten(0, 1), size=(SIDE, SIDE), mode="area")
        clip = flat.view(b, n, c, SIDE, SIDE)
        moving = torch.cat([clip, clip - clip.median(dim=1, keepdim=True).values], dim=2)
        out: dict[str, Tensor] = {}
        for name in asked:
            if name == "motion":
                out[name] = self.nets[name](clip.flatten(1, 2))
                continue
            seen = flat if name == "background" else moving.flatten(0, 1)
            out[name] = self.nets[name](seen).view(b, n, -1).log_softmax(dim=-1).mean(dim=1)
        return out


def read(judges: Judges, video: Tensor) -> list[dict[str, int]]:
    """The judges' answers for clips (b, 3, 17, h, w)."""
    with torch.no_grad():
        answers = {
            name: logits.argmax(dim=1).tolist()
            for name, logits in judges(video[:, :, list(SEEN_FRAMES)]).items()
        }
    return [{name: values[row] for name, values in answers.items()} for row in range(len(video))]


def _disturbed(video: Tensor, generator: torch.Generator) -> Tensor:
    """Light blur, brightness and grain, so that the judges do not rest on single pixels."""
    if torch.rand((), generator=generator) < 0.5:
        kernel = 3 if torch.rand((), generator=generator) < 0.5 else 5
        video = F.avg_pool3d(
            video, (1, kernel, kernel), stride=1, padding=(0, kernel // 2, kernel // 2)
        )
    gain = 1 + 0.08 * torch.randn(len(video), 1, 1, 1, 1, generator=generator)
    grain = (
        0.06 * torch.rand((), generator=generator) * torch.randn(video.shape, generator=generator)
    )
    return (video * gain + grain).clamp(-1, 1)


def train_judges(steps: int = 480, batch: int = 16, seed: int = 3) -> Judges:
    """Trains all judges on renders, after two fifths of the steps the subject's alone."""
    torch.manual_seed(seed)
    judges = Judges()
    optimiser = torch.optim.AdamW(judges.parameters(), lr=2e-3, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 2e-3, total_steps=steps, pct_start=0.1
    )
    generator = torch.Generator().manual_seed(seed)
    rng = random.Random(seed)
    every = list(g.scenes())
    for step in range(steps):
        asked = tuple(SIZES) if step < steps * 2 // 5 else ("subject",)
        chosen = [rng.choice(every) for _ in range(batch)]
        clips = np.stack([render(scene, rng.randrange(2**40), SEEN_FRAMES) for scene in chosen])
        logits = judges(_disturbed(as_video(clips), generator), asked)
        answers = {name: torch.tensor([truth(scene)[name] for scene in chosen]) for name in asked}
        losses = {name: F.cross_entropy(logits[name], answers[name]) for name in asked}
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        if step % 20 == 0:
            shown = ", ".join(f"{name} {float(loss.detach()):.3f}" for name, loss in losses.items())
            print(f"judges step {step}: {shown}", flush=True)
    return judges.eval()


def save_judges(judges: Judges, file: Path = JUDGES_FILE) -> None:
    save_file(
        {name: tensor.half().contiguous() for name, tensor in judges.state_dict().items()}, file
    )


def load_judges(file: Path = JUDGES_FILE) -> Judges:
    """The stored judges. Raises FileNotFoundError when `file` is missing."""
    judges = Judges()
    judges.load_state_dict({name: tensor.float() for name, tensor in load_file(file).items()})
    return judges.eval()
