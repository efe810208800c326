"""The heads of the log in a bucket of an S3-compatible store.

The bucket should be one that the database's machine can add to and not delete from. With Object
Lock switched on in the bucket, what was written stays as it is until its lock ends, whoever asks:
a second write of the same name is a second version beside it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from storages.backends.s3 import S3Storage


class LockedBucket(S3Storage):  # type: ignore[misc]
    """Heads in a bucket.

    Args:
        lock_days: for how many days each object is locked in compliance mode; 0 for no lock.
    """

    def __init__(self, *, lock_days: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self._lock_days = lock_days

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_object_parameters(name)
        if self._lock_days:
            until = timezone.now() + timedelta(days=self._lock_days)
            parameters |= {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
        return parameters
