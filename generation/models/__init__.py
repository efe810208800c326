"""Nouns of generation."""

from generation.models.account import GpuAccount
from generation.models.attempt import Attempt
from generation.models.clip import Clip
from generation.models.cost import RenderCost
from generation.models.pause import Pause
from generation.models.picture import StartPicture
from generation.models.preset import Preset
from generation.models.share import CohortShare, Pool
from generation.models.sheet import PromptSheet, PromptSheetRow
from generation.models.week import GpuWeek
from generation.models.worker import Worker

__all__ = [
    "Attempt",
    "Clip",
    "CohortShare",
    "GpuAccount",
    "GpuWeek",
    "Pause",
    "Pool",
    "Preset",
    "PromptSheet",
    "PromptSheetRow",
    "RenderCost",
    "StartPicture",
    "Worker",
]
