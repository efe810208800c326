"""Nouns of generation."""

from generation.models.account import GpuAccount
from generation.models.attempt import Attempt
from generation.models.clip import Clip
from generation.models.week import GpuWeek

__all__ = ["Attempt", "Clip", "GpuAccount", "GpuWeek"]
