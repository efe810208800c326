"""What review forgets of somebody whose account goes; see ``portal.deletions``."""

from __future__ import annotations

from collections.abc import Sequence

from portal.deletions import Leaving
from review.models import Appeal, Fingerprint, Reading, Review, SavedFilter, ShareLink
from review.services import appeals as appealing
from review.services import shares, signing, submissions

NOTHING = "—"


def links(leaving: Leaving) -> Sequence[str]:
    """Shared pages close for good and lose their title."""
    theirs = ShareLink.objects.filter(clip__artist=leaving.person)
    for link in theirs.filter(revoked_at__isnull=True).order_by("pk"):
        shares.close_link(actor=leaving.person, link=link)
    theirs.update(title=NOTHING)
    return []


def readings(leaving: Leaving) -> Sequence[str]:
    Reading.objects.filter(person=leaving.person).delete()
    return []


def saved_filters(leaving: Leaving) -> Sequence[str]:
    SavedFilter.objects.filter(person=leaving.person).delete()
    return []


def appeals(leaving: Leaving) -> Sequence[str]:
    """What nobody has answered is withdrawn."""
    for appeal in Appeal.objects.open().filter(artist=leaving.person).order_by("pk"):
        appealing.withdraw(actor=leaving.person, appeal=appeal)
    return []


def waiting(leaving: Leaving) -> Sequence[str]:
    """What nobody has decided about is taken back."""
    for review in Review.objects.waiting().filter(artist=leaving.person).order_by("pk"):
        submissions.withdraw(actor=leaving.person, review=review)
    return []


def signed_copies(leaving: Leaving) -> Sequence[str]:
    """What carries their name goes, and by what their clips could be known again."""
    Fingerprint.objects.filter(clip__artist=leaving.person).delete()
    return signing.forget(artist=leaving.person)
