"""Uploads that must be pictures: checked before they are read, decoded, and written anew.

What is stored is never the uploaded file but a fresh encoding of its pixels, so nothing that was
hidden in it (metadata, a script, a second format) survives.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from payments.errors import NotAPicture, PictureTooLarge

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2_560


@dataclass(frozen=True)
class Picture:
    """A freshly encoded picture: its bytes and the suffix that names its format."""

    content: bytes
    suffix: str


def reencoded(upload: UploadedFile[bytes]) -> Picture:
    """Decode *upload* and encode it anew, no side longer than ``LONGEST_SIDE`` pixels.

    Raises:
        PictureTooLarge: more than ``MAX_BYTES`` bytes or ``MAX_PIXELS`` pixels.
        NotAPicture: it is no PNG, JPEG or WebP, or it is damaged.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise PictureTooLarge(
            _("That picture is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024**2},
            field="picture",
        )
    try:
        # Pillow's own limit only warns between one and two times its number; ours refuses.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(upload, formats=["PNG", "JPEG", "WEBP"])
        if image.width * image.height > MAX_PIXELS:
            raise PictureTooLarge(
                _("That picture has more than %(count)s million pixels.")
                % {"count": MAX_PIXELS // 1_000_000},
                field="picture",
            )
        return _encoded(image)
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        Image.DecompressionBombError,
    ) as error:
        raise NotAPicture(field="picture") from error


def _encoded(image: Image.Image) -> Picture:
    transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    lossless = transparent or image.format == "PNG"
    upright = ImageOps.exif_transpose(image).convert("RGBA" if transparent else "RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new picture carries none of the old one's metadata.
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    if lossless:
        bare.save(out, "PNG", optimize=True)
        return Picture(out.getvalue(), "png")
    bare.save(out, "JPEG", quality=90)
    return Picture(out.getvalue(), "jpg")
