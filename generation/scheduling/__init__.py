"""Who is next on a GPU, and when: the policy alone, without database, clock or device."""

from generation.scheduling.outlook import (
    CLAIMS,
    Forecast,
    Machine,
    Outlook,
    Queue,
    Reason,
    Start,
    Waiting,
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
