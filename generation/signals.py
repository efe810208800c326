"""News of clips, sent inside the transaction of the change.

A receiver that raises undoes the change. Each signal carries ``clip`` (a ``Clip``) and ``actor``
(a ``User``, or None when a worker did it).
"""

from __future__ import annotations

from django.dispatch import Signal

# Before a clip joins the queue: a receiver may refuse with a named error.
clip_queued = Signal()
# The clip's bytes are stored and their hash is known.
clip_ready = Signal()
# The clip came to rest without a result: it failed or was cancelled.
clip_ended = Signal()
# Before a clip is deleted: a receiver may refuse with a named error.
clip_deleting = Signal()
