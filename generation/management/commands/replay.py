"""``manage.py replay CLIP``: does a clip's manifest still give its bytes?"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.errors import RenderError, ReplayRefused
from generation.models import Clip

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Render a finished clip again from its manifest and say whether frames and file are the "
        "same bytes. Fails with 1 when the frames differ and 2 when it cannot be told. "
        "Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clip", help="the clip's id, as in its address")
        parser.add_argument("--keep", type=Path, help="keep the new file here")

    def handle(self, *args: Any, **options: Any) -> None:
        # Only this command's own run needs torch.
        from generation.worker.replay import replay

        clip = _clip(options["clip"])
        try:
            found = replay(clip, keep=options["keep"])
        except (ReplayRefused, RenderError) as error:
            raise CommandError(
                f"Cannot replay {clip.short_id}: {error.__cause__ or error}", returncode=REFUSED
            ) from error
        alike = found.frames_alike and not found.frames_agree
        frames = "the same but for rounding" if alike else _verdict(found.frames_agree)
        self.stdout.write(f"frames: {frames}")
        self.stdout.write(f"file:   {_verdict(found.file_agrees)}")
        for difference in found.differences:
            self.stdout.write(f"  {difference}")
        # The encoder does not always repeat itself to the bit; the frames it was given decide.
        if not found.frames_alike:
            raise CommandError(f"The replay of {clip.short_id} is not what was stored.")


def _clip(text: str) -> Clip:
    try:
        return Clip.objects.get(pk=UUID(text))
    except (ValueError, Clip.DoesNotExist):
        raise CommandError(f"There is no clip {text}.", returncode=REFUSED) from None


def _verdict(agree: bool) -> str:
    return "the same" if agree else "DIFFERENT"
