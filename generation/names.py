"""What clips are called outside: in the API and in webhooks."""

from __future__ import annotations

from uuid import UUID

PREFIX = "video_"


def video_id(clip_id: UUID) -> str:
    return f"{PREFIX}{clip_id.hex}"
