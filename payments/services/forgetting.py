"""What payments forgets of somebody whose account goes; see ``portal.deletions``."""

from __future__ import annotations

from collections.abc import Sequence

from payments.models import Feedback, PayeeDetails
from payments.states import FeedbackState
from portal.deletions import Leaving


def drafts(leaving: Leaving) -> Sequence[str]:
    theirs = Feedback.objects.filter(author=leaving.person, state=FeedbackState.DRAFT)
    pictures = list(theirs.exclude(picture="").values_list("picture", flat=True))
    theirs.delete()
    return pictures


def payee(leaving: Leaving) -> Sequence[str]:
    """What was paid keeps the account it went to, sealed, in its own export."""
    PayeeDetails.objects.filter(artist=leaving.person).delete()
    return []
