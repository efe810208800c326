"""Who is next on a GPU: the policy alone, without database, clock or device."""

from generation.scheduling.policy import (
    SKIPS,
    Choice,
    Group,
    Head,
    choose,
    normalised,
    start_tag,
)
from generation.scheduling.sharing import split
from generation.scheduling.together import Joining, companions

__all__ = [
    "SKIPS",
    "Choice",
    "Group",
    "Head",
    "Joining",
    "choose",
    "companions",
    "normalised",
    "split",
    "start_tag",
]
