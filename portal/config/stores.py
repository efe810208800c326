"""Where files go, said by the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def log_heads(place: str, *, folder: str, endpoint: str, lock_days: int) -> Mapping[str, Any]:
    """The entry of ``settings.STORAGES`` for the heads.

    Args:
        place: ``""`` for the folder, or ``s3://bucket/prefix``.
        endpoint: of a store that is not AWS, e.g. ``https://minio.example.org``; "" for AWS.

    Raises:
        ImproperlyConfigured: *place* is neither.
    """
    if not place:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "file_permissions_mode": 0o440},
        }
    bucket, _slash, prefix = place.removeprefix("s3://").partition("/")
    if not place.startswith("s3://") or not bucket:
        raise ImproperlyConfigured(
            f"GREENROOM_LOG_HEADS_BUCKET is {place!r}: say s3://bucket or s3://bucket/prefix."
        )
    return {
        "BACKEND": "portal.log_storage.LockedBucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": prefix,
            "endpoint_url": endpoint or None,
            "lock_days": lock_days,
            "file_overwrite": True,
            "default_acl": None,
        },
    }
