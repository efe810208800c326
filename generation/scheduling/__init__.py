"""Who is next on a GPU, and when: the policy alone, without database, clock or device."""

from generation.scheduling.outlook import (
    CLAIMS,
    Forecast,
    Outlook,
    Reason,
    Start,
    forecast,
)
from generation.scheduling.policy import (
    SKIPS,
    Choice,
    Group,
    Head,
    choose,
    normalised,
    start_tag,
)
from generation.scheduling.scene import Machine, Queue, Waiting

__all__ = [
    "CLAIMS",
    "SKIPS",
    "Choice",
    "Forecast",
    "Group",
    "Head",
    "Machine",
    "Outlook",
    "Queue",
    "Reason",
    "Start",
    "Waiting",
    "choose",
    "forecast",
    "normalised",
    "start_tag",
]
