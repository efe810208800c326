"""Nouns of generation."""

from generation.models.account import GpuAccount
from generation.models.attempt import Attempt
from generation.models.clip import Clip

__all__ = ["Attempt", "Clip", "GpuAccount"]
