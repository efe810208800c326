"""Uploads that must be pictures: measured before they are decoded, and written anew.

What is stored is never the uploaded file but a fresh encoding of its pixels, so nothing that was
hidden in it (metadata, a script, a second format) survives.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from dataclasses import dataclass
from typing import IO

import numpy as np
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from PIL import Image, ImageOps

from generation.errors import NotAPicture, PictureMoves, PictureTooLarge

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
# More than any model on offer renders.
LONGEST_SIDE = 2_048
FORMATS = ("PNG", "JPEG", "WEBP")
ACCEPTS = "image/png,image/jpeg,image/webp"
FIELD = "picture_file"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG in sRGB, sizes in pixels; ``sha256`` is the hex digest of ``content``."""

    content: bytes
    width: int
    height: int
    sha256: str


def reencoded(upload: UploadedFile[bytes]) -> Picture:
    """Decode *upload* and encode it anew, upright, no side longer than ``LONGEST_SIDE``.

    Transparent parts become white.

    Raises:
        PictureTooLarge: more than ``MAX_BYTES`` bytes or ``MAX_PIXELS`` pixels; nothing is decoded.
        PictureMoves: it has several frames.
        NotAPicture: it is no PNG, JPEG or WebP, or it is damaged.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise PictureTooLarge(
            _("That picture is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024**2},
            field=FIELD,
        )
    try:
        # Pillow's own limit only warns between one and two times its number; ours refuses.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(upload, formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise PictureTooLarge(
                _("That picture has more than %(count)s million pixels.")
                % {"count": MAX_PIXELS // 1_000_000},
                field=FIELD,
            )
        if getattr(image, "n_frames", 1) > 1:
            raise PictureMoves(field=FIELD)
        return _encoded(image)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(field=FIELD) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise NotAPicture(field=FIELD) from error


def _encoded(image: Image.Image) -> Picture:
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        layers = upright.convert("RGBA")
        flat = Image.new("RGB", layers.size, (255, 255, 255))
        flat.paste(layers, mask=layers.getchannel("A"))
    else:
        flat = Image.new("RGB", upright.size)
        flat.paste(upright.convert("RGB"))
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    flat.save(out, "PNG")
    content = out.getvalue()
    return Picture(
        content=content,
        width=flat.width,
        height=flat.height,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def read_picture(file: IO[bytes], *, sha256: str) -> NDArray[np.uint8]:
    """A stored picture's pixels: (height, width, 3), 8 bits, sRGB.

    Raises:
        OSError: when the bytes are not those of *sha256*.
    """
    return np.asarray(Image.open(io.BytesIO(checked_bytes(file, sha256=sha256))))


def checked_bytes(file: IO[bytes], *, sha256: str) -> bytes:
    """All of *file*.

    Raises:
        OSError: when it cannot be read, or its digest is not *sha256*.
    """
    content = file.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise OSError(f"a picture has other bytes than those of {sha256}")
    return content
