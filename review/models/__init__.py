"""Nouns of review and release."""

from review.models.appeal import Appeal
from review.models.claim import Claim
from review.models.clock import Clock, Reminder
from review.models.conflict import Conflict
from review.models.decision import Decision
from review.models.download import Download
from review.models.message import Message, Reading
from review.models.review import Review
from review.models.savedfilter import SavedFilter
from review.models.sharelink import ShareLink

__all__ = [
    "Appeal",
    "Claim",
    "Clock",
    "Conflict",
    "Decision",
    "Download",
    "Message",
    "Reading",
    "Reminder",
    "Review",
    "SavedFilter",
    "ShareLink",
]
