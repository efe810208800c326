"""Generation's part in the deletion of an account: what goes and what stays."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from generation.models import Clip, GpuAccount, Pause, Preset, PromptSheet, StartPicture
from generation.services import forgetting
from portal import deletions
from portal.deletions import Erased, Kept, count_of
from portal.erasures import TEAM_WHY
from portal.models import User


def _clips_with_files(person: User) -> int:
    return Clip.objects.kept().filter(artist=person).count()


def _pictures_with_files(person: User) -> int:
    return StartPicture.objects.kept().filter(artist=person).count()


for erased in (
    Erased(
        key="sheets",
        label=_("Prompt sheets, with every row"),
        covers=("generation.promptsheet.artist",),
        count=count_of(PromptSheet, "artist"),
        erase=forgetting.sheets,
        order=30,
    ),
    Erased(
        key="clips",
        label=_("Clips: their files, titles, prompts and settings"),
        covers=("generation.clip.artist",),
        count=_clips_with_files,
        erase=forgetting.every_clip,
        order=31,
    ),
    Erased(
        key="pictures",
        label=_("Pictures and videos you brought"),
        covers=("generation.startpicture.artist",),
        count=_pictures_with_files,
        erase=forgetting.every_picture,
        order=32,
    ),
    Erased(
        key="presets",
        label=_("Presets, those shared with your cohort included"),
        covers=("generation.preset.artist",),
        count=count_of(Preset, "artist"),
        erase=forgetting.presets,
        order=33,
    ),
):
    deletions.add_erased(erased)

for kept in (
    Kept(
        key="gpu_time",
        label=_("How much GPU time was used, and by how many clips"),
        why=_("It is the cohort’s account of its machines; it holds no words and no pictures."),
        covers=("generation.gpuaccount.artist",),
        count=count_of(GpuAccount, "artist"),
    ),
    Kept(
        key="pauses",
        label=_("Pauses of the GPU queue you made for the programme’s team"),
        why=TEAM_WHY,
        covers=("generation.pause.paused_by", "generation.pause.resumed_by"),
        count=count_of(Pause, "paused_by"),
    ),
):
    deletions.add_kept(kept)
