"""State machine of a review, and what a decision can say."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReviewState(TextChoices):
    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")
    REVOKED = "revoked", _("Approval withdrawn")


REVIEW_TRANSITIONS: Mapping[ReviewState, frozenset[ReviewState]] = {
    ReviewState.WAITING: frozenset(
        {ReviewState.APPROVED, ReviewState.DECLINED, ReviewState.WITHDRAWN}
    ),
    ReviewState.APPROVED: frozenset({ReviewState.REVOKED}),
    ReviewState.DECLINED: frozenset(),
    ReviewState.WITHDRAWN: frozenset(),
    ReviewState.REVOKED: frozenset(),
}

# At most one of these per clip at any moment.
LIVE = frozenset({ReviewState.WAITING, ReviewState.APPROVED})

# A decision ended it: what the queue lists as decided.
DECIDED = frozenset({ReviewState.APPROVED, ReviewState.DECLINED, ReviewState.REVOKED})

# The artist took it back before anyone decided: staff lose sight of the clip again.
UNSEEN_BY_STAFF = frozenset({ReviewState.WITHDRAWN})


class Verdict(TextChoices):
    """What one decision says; ``revoke`` takes an approval back."""

    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")
    REVOKE = "revoke", _("Withdraw the approval")


# The state a review has once its newest decision says this.
STATE_AFTER: Mapping[Verdict, ReviewState] = {
    Verdict.APPROVE: ReviewState.APPROVED,
    Verdict.DECLINE: ReviewState.DECLINED,
    Verdict.REVOKE: ReviewState.REVOKED,
}


class SigningState(TextChoices):
    """Where the signed copies of an approved clip stand."""

    WAITING = "waiting", _("Being signed")
    SIGNED = "signed", _("Signed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


SIGNING_TRANSITIONS: Mapping[SigningState, frozenset[SigningState]] = {
    SigningState.WAITING: frozenset({SigningState.SIGNED, SigningState.WITHDRAWN}),
    # What the credential says has changed: it is written anew.
    SigningState.SIGNED: frozenset({SigningState.WAITING, SigningState.WITHDRAWN}),
    SigningState.WITHDRAWN: frozenset(),
}


class SigningProblem(TextChoices):
    """Why a clip is not signed yet, although it was tried."""

    NO_CERTIFICATE = "no_certificate", _("There is no certificate to sign with.")
    CERTIFICATE_UNFIT = "certificate_unfit", _("The certificate may not sign.")
    TIMESTAMPS_AWAY = "timestamps_away", _("The time-stamp authority does not answer.")
    FILE_DAMAGED = "file_damaged", _("The file is not the one that was approved.")
    FILE_MISSING = "file_missing", _("The file is gone.")
    SIGNING_FAILED = "signing_failed", _("Signing failed.")
