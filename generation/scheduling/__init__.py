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

__all__ = ["SKIPS", "Choice", "Group", "Head", "choose", "normalised", "start_tag"]
