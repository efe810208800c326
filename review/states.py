"""State machine of a review, and what a decision can say."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReviewState(TextChoices):
    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    CHANGES = "changes", _("Changes asked for")
    WITHDRAWN = "withdrawn", _("Taken back")
    REVOKED = "revoked", _("Approval withdrawn")


REVIEW_TRANSITIONS: Mapping[ReviewState, frozenset[ReviewState]] = {
    ReviewState.WAITING: frozenset(
        {
            *(ReviewState.APPROVED, ReviewState.DECLINED, ReviewState.CHANGES),
            ReviewState.WITHDRAWN,
        }
    ),
    ReviewState.APPROVED: frozenset({ReviewState.REVOKED}),
    ReviewState.DECLINED: frozenset({ReviewState.APPROVED}),
    ReviewState.CHANGES: frozenset(),
    ReviewState.WITHDRAWN: frozenset(),
    ReviewState.REVOKED: frozenset({ReviewState.APPROVED}),
}

# At most one of these per clip at any moment.
LIVE = frozenset({ReviewState.WAITING, ReviewState.APPROVED})

# A decision ended it: what the queue lists as decided.
DECIDED = frozenset(
    {ReviewState.APPROVED, ReviewState.DECLINED, ReviewState.CHANGES, ReviewState.REVOKED}
)

# Ended without leave: these bytes are not submitted again, another take is.
REFUSED = frozenset({ReviewState.DECLINED, ReviewState.CHANGES, ReviewState.REVOKED})

# The artist took it back before anyone decided: staff lose sight of the clip again.
UNSEEN_BY_STAFF = frozenset({ReviewState.WITHDRAWN})


class Opinion(TextChoices):
    """Whose opinion a waiting review waits for."""

    FIRST = "first", _("First look")
    SECOND = "second", _("Second opinion")
    LEAD = "lead", _("For a lead")


# To whom a reviewer can pass on what waits for this; a lead only to another lead.
PASSED_TO = (Opinion.SECOND, Opinion.LEAD)
PASSABLE: Mapping[Opinion, frozenset[Opinion]] = {
    Opinion.FIRST: frozenset(PASSED_TO),
    Opinion.SECOND: frozenset(PASSED_TO),
    Opinion.LEAD: frozenset({Opinion.LEAD}),
}


class Verdict(TextChoices):
    """What one decision says.

    ``changes`` refuses this take and asks for another, ``revoke`` takes an approval back,
    ``overturn`` answers an appeal.
    """

    APPROVE = "approve", _("Approve")
    CHANGES = "changes", _("Ask for changes")
    DECLINE = "decline", _("Decline")
    REVOKE = "revoke", _("Withdraw the approval")
    OVERTURN = "overturn", _("Approve on appeal")


# What ends a wait without leave: with a published reason, and words to the artist.
REFUSALS = (Verdict.CHANGES, Verdict.DECLINE)


class PendingEnd(TextChoices):
    """What became of a verdict that could be undone."""

    DECIDED = "decided", _("Took effect")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Without effect")


# The state a review has once its newest decision says this.
STATE_AFTER: Mapping[Verdict, ReviewState] = {
    Verdict.APPROVE: ReviewState.APPROVED,
    Verdict.CHANGES: ReviewState.CHANGES,
    Verdict.DECLINE: ReviewState.DECLINED,
    Verdict.REVOKE: ReviewState.REVOKED,
    Verdict.OVERTURN: ReviewState.APPROVED,
}

# Under one of these a clip may leave.
RELEASING = frozenset({Verdict.APPROVE, Verdict.OVERTURN})

# What an artist may appeal.
APPEALABLE = frozenset({Verdict.DECLINE, Verdict.REVOKE})


class ReminderStep(TextChoices):
    """Who is reminded of a review that waits, in the order of its time."""

    REVIEWERS = "reviewers", _("Reviewers")
    LEADS = "leads", _("Leads and admins")


class AppealState(TextChoices):
    OPEN = "open", pgettext_lazy("appeal", "Open")
    UPHELD = "upheld", pgettext_lazy("appeal", "The decision stands")
    OVERTURNED = "overturned", pgettext_lazy("appeal", "Overturned")
    WITHDRAWN = "withdrawn", pgettext_lazy("appeal", "Withdrawn")


APPEAL_TRANSITIONS: Mapping[AppealState, frozenset[AppealState]] = {
    AppealState.OPEN: frozenset(
        {AppealState.UPHELD, AppealState.OVERTURNED, AppealState.WITHDRAWN}
    ),
    AppealState.UPHELD: frozenset(),
    AppealState.OVERTURNED: frozenset(),
    AppealState.WITHDRAWN: frozenset(),
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
