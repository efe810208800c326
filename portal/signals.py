"""News of the ground floor, sent inside the transaction that makes it true.

A receiver that raises undoes the change.
"""

from __future__ import annotations

from django.dispatch import Signal

# user: User, version: AgreementVersion
agreement_signed = Signal()

# key: AccessKey, frozen just now; actor: User, or None for Greenroom itself
key_frozen = Signal()

# membership: Membership, new or taken up again
member_joined = Signal()
# membership: Membership, ended just now; actor: User, or None for Greenroom itself
membership_ended = Signal()

# cohort: Cohort; actor: User; reason: str
cohort_paused = Signal()
# cohort: Cohort, open again; actor: User
cohort_reopened = Signal()
# cohort: Cohort, closed for good; actor: User
cohort_closed = Signal()

# containment: Containment; what it takes away is taken away for the next request already
contained = Signal()
# containment: Containment, undone or over
containment_ended = Signal()
