"""What generation puts into a takeout: prompt sheets and presets. Clips come through the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from generation.models import Clip, Preset, PromptSheet, StartPicture
from portal import takeouts
from portal.models import User
from portal.takeouts import Bag, Part

SHEET_HEADER = (
    *("sheet", "row", "prompt", "title", "model", "size", "frames", "seed", "status", "clip"),
    "error",
)
_PRESET = (
    *("name", "about", "style", "model_key", "width", "height", "frames", "steps", "guidance"),
    *("strength", "adapter_key", "adapter_weight", "is_shared", "created_at"),
)


def sheets(person: User, bag: Bag) -> None:
    own = PromptSheet.objects.filter(artist=person).select_related("cohort").order_by("created_at")
    found = list(own)
    bag.json(
        "sheets/sheets.json",
        [
            {
                "id": sheet.pk,
                "name": sheet.name,
                "cohort": sheet.cohort.name,
                "state": sheet.state,
                "notes": sheet.notes,
                "brought": sheet.created_at,
                "started": sheet.started_at,
            }
            for sheet in found
        ],
    )
    bag.csv("sheets/rows.csv", SHEET_HEADER, _rows(found))


def _rows(found: list[PromptSheet]) -> Iterator[Sequence[object]]:
    for sheet in found:
        rows = sheet.rows.select_related("clip").order_by("number")
        for row in rows.iterator(chunk_size=500):
            yield (
                sheet.name,
                row.number,
                row.prompt,
                row.title,
                row.model_key,
                row.size,
                row.frames,
                row.seed,
                row.standing,
                row.clip_id or "",
                row.error_text,
            )


def presets(person: User, bag: Bag) -> None:
    own = Preset.objects.filter(artist=person).select_related("cohort").order_by("pk")
    bag.json(
        "presets/presets.json",
        [
            {"cohort": preset.cohort.name, **{name: getattr(preset, name) for name in _PRESET}}
            for preset in own
        ],
    )


takeouts.add_own("generation.clip", lambda person: Clip.objects.filter(artist=person).order_by())
takeouts.add_own(
    "generation.startpicture", lambda person: StartPicture.objects.filter(artist=person).order_by()
)
takeouts.add_own(
    "generation.preset", lambda person: Preset.objects.filter(artist=person).order_by()
)
takeouts.add_own(
    "generation.promptsheet", lambda person: PromptSheet.objects.filter(artist=person).order_by()
)
takeouts.add_part(
    Part(
        key="sheets",
        name="sheets/",
        label=_("Prompt sheets"),
        about=_("The prompt sheets you brought, row by row, and what each row became."),
        write=sheets,
        order=60,
    )
)
takeouts.add_part(
    Part(
        key="presets",
        name="presets/",
        label=_("Presets"),
        about=_("Your presets: names, styles and settings."),
        write=presets,
        order=62,
    )
)
