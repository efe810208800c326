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
    may_give_way,
    normalised,
    start_tag,
)
from generation.scheduling.scene import Machine, Queue, Waiting
from generation.scheduling.sharing import split
from generation.scheduling.together import Joining, companions

__all__ = [
    "CLAIMS",
    "SKIPS",
    "Choice",
    "Forecast",
    "Group",
    "Head",
    "Joining",
    "Machine",
    "Outlook",
    "Queue",
    "Reason",
    "Start",
    "Waiting",
    "choose",
    "companions",
    "forecast",
    "may_give_way",
    "normalised",
    "split",
    "start_tag",
]
