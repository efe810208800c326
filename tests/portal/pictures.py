"""Uploads as a browser sends them."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture(
    size: tuple[int, int] = (64, 48), kind: str = "PNG", mode: str = "RGB", **saved: Any
) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **saved)
    return SimpleUploadedFile(f"me.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")
