"""Pictures to upload."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """*image* as the bytes of a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_upload(name: str = "picture.png") -> SimpleUploadedFile:
    """A small real picture."""
    return SimpleUploadedFile(name, encoded(Image.new("RGB", (8, 6), (200, 10, 10)), "PNG"))


def upload(content: bytes, name: str = "picture.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")
