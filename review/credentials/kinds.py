"""What a file is, by its first bytes and nothing else."""

from __future__ import annotations

HEAD = 16
# Of these a content credential can be read.
CREDENTIALED = frozenset({"video/mp4", "video/quicktime", "image/jpeg", "image/png", "image/webp"})


def kind_of(head: bytes) -> str | None:
    """MIME type of a file that begins with *head*, or None for one this product cannot look at."""
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def is_video(kind: str) -> bool:
    return kind.startswith("video/")
