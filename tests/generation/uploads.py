"""Files to bring as pictures to start from."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """*image* as the bytes of a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(colour: tuple[int, int, int] = (200, 10, 10), size: tuple[int, int] = (40, 24)) -> bytes:
    return encoded(Image.new("RGB", size, colour))


def upload(content: bytes, name: str = "boat.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")
