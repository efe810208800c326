"""Nouns of generation."""

from generation.models.account import GpuAccount
from generation.models.attempt import Attempt
from generation.models.clip import Clip
from generation.models.cost import RenderCost
from generation.models.share import CohortShare, Pool

__all__ = ["Attempt", "Clip", "CohortShare", "GpuAccount", "Pool", "RenderCost"]
