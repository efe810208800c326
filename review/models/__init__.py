"""Nouns of review and release."""

from review.models.appeal import Appeal
from review.models.claim import Claim
from review.models.clock import Clock, Reminder
from review.models.conflict import Conflict
from review.models.decision import Decision
from review.models.download import Download
from review.models.fingerprint import Fingerprint
from review.models.framenote import FrameNote
from review.models.message import Message, Reading
from review.models.passon import PassOn
from review.models.pendingverdict import PendingVerdict
from review.models.review import Review
from review.models.savedfilter import SavedFilter
from review.models.sharelink import ShareLink
from review.models.signing import Signing

__all__ = [
    "Appeal",
    "Claim",
    "Clock",
    "Conflict",
    "Decision",
    "Download",
    "Fingerprint",
    "FrameNote",
    "Message",
    "PassOn",
    "PendingVerdict",
    "Reading",
    "Reminder",
    "Review",
    "SavedFilter",
    "ShareLink",
    "Signing",
]
