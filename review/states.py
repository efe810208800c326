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
    WITHDRAWN = "withdrawn", _("Taken back")
    REVOKED = "revoked", _("Approval withdrawn")


REVIEW_TRANSITIONS: Mapping[ReviewState, frozenset[ReviewState]] = {
    ReviewState.WAITING: frozenset(
        {ReviewState.APPROVED, ReviewState.DECLINED, ReviewState.WITHDRAWN}
    ),
    ReviewState.APPROVED: frozenset({ReviewState.REVOKED}),
    ReviewState.DECLINED: frozenset({ReviewState.APPROVED}),
    ReviewState.WITHDRAWN: frozenset(),
    ReviewState.REVOKED: frozenset({ReviewState.APPROVED}),
}

# At most one of these per clip at any moment.
LIVE = frozenset({ReviewState.WAITING, ReviewState.APPROVED})

# A decision ended it: what the queue lists as decided.
DECIDED = frozenset({ReviewState.APPROVED, ReviewState.DECLINED, ReviewState.REVOKED})

# The artist took it back before anyone decided: staff lose sight of the clip again.
UNSEEN_BY_STAFF = frozenset({ReviewState.WITHDRAWN})


class Verdict(TextChoices):
    """What one decision says; ``revoke`` takes an approval back, ``overturn`` answers an appeal."""

    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")
    REVOKE = "revoke", _("Withdraw the approval")
    OVERTURN = "overturn", _("Approve on appeal")


# The state a review has once its newest decision says this.
STATE_AFTER: Mapping[Verdict, ReviewState] = {
    Verdict.APPROVE: ReviewState.APPROVED,
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
