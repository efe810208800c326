"""News of reviews, sent inside the transaction that makes it true.

A receiver that raises undoes the change.
"""

from __future__ import annotations

from django.dispatch import Signal

# review: Review; actor: User or None when the cohort sends every finished clip
submitted = Signal()
# review: Review; actor: User
withdrawn = Signal()
# decision: Decision
decision_made = Signal()
