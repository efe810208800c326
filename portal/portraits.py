"""Portraits: checked before they are read, decoded, cut square, and written anew.

What is stored is never the uploaded file but a fresh encoding of its pixels, so nothing that was
hidden in it (metadata, a script, a second format) survives.
"""

from __future__ import annotations

import io
import struct
import warnings

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from portal.profile_errors import NotAPortrait, PortraitTooLarge

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP")
ACCEPTS = "image/png,image/jpeg,image/webp"


def reencoded(upload: UploadedFile[bytes]) -> bytes:
    """A JPEG of ``SIDE`` × ``SIDE`` pixels from the middle of *upload*, upright, in RGB.

    Transparent parts become white.

    Raises:
        PortraitTooLarge: more than ``MAX_BYTES`` bytes or ``MAX_PIXELS`` pixels.
        NotAPortrait: it is no PNG, JPEG or WebP, or it is damaged.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise PortraitTooLarge(
            _("That picture is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024**2},
            field="portrait",
        )
    try:
        # Pillow's own limit only warns between one and two times its number; ours refuses.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(upload, formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise PortraitTooLarge(
                _("That picture has more than %(count)s million pixels.")
                % {"count": MAX_PIXELS // 1_000_000},
                field="portrait",
            )
        return _encoded(image)
    except Image.DecompressionBombError as error:
        raise PortraitTooLarge(field="portrait") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise NotAPortrait(field="portrait") from error


def _encoded(image: Image.Image) -> bytes:
    layers = ImageOps.exif_transpose(image).convert("RGBA")
    # A new picture carries none of the old one's metadata.
    flat = Image.new("RGB", layers.size, (255, 255, 255))
    flat.paste(layers, mask=layers.getchannel("A"))
    out = io.BytesIO()
    ImageOps.fit(flat, (SIDE, SIDE), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()
