from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image

from generation.errors import NotAPicture, PictureMoves, PictureTooLarge
from generation.media.pictures import LONGEST_SIDE, MAX_BYTES, checked_bytes, reencoded
from portal.errors import GreenroomError
from tests.generation.uploads import encoded, png, upload


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_what_is_stored_is_a_bare_upright_png() -> None:
    image = Image.new("RGB", (40, 24), (200, 10, 10))
    image.paste((0, 0, 255), (0, 0, 20, 24))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Secret camera"
    photo = encoded(image, "JPEG", exif=exif, quality=95)
    assert b"Secret camera" in photo

    made = reencoded(upload(photo, "boat.jpg"))

    kept = opened(made.content)
    assert (kept.format, kept.mode, kept.size, kept.info) == ("PNG", "RGB", (24, 40), {})
    assert (made.width, made.height) == (24, 40)
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert b"Secret camera" not in made.content
    top, bottom = kept.getpixel((12, 2)), kept.getpixel((12, 38))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[2] > 200 > 100 > bottom[2]


@pytest.mark.parametrize(
    ("mode", "colour", "kind"),
    [
        ("RGBA", (0, 0, 0, 0), "PNG"),
        ("LA", (0, 0), "PNG"),
        ("RGBA", (0, 0, 0, 0), "WEBP"),
        ("L", 255, "PNG"),
        ("I;16", 65535, "PNG"),
        ("CMYK", (0, 0, 0, 0), "JPEG"),
    ],
)
def test_every_kind_of_picture_becomes_rgb_on_white(
    mode: str, colour: int | tuple[int, ...], kind: str
) -> None:
    made = reencoded(upload(encoded(Image.new(mode, (8, 8), colour), kind)))

    assert opened(made.content).convert("RGB").getpixel((4, 4)) == (255, 255, 255)


def test_a_large_picture_is_made_smaller() -> None:
    made = reencoded(upload(png(size=(LONGEST_SIDE * 2, 10))))

    assert (made.width, made.height) == (LONGEST_SIDE, 5)


def bomb() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 90, 200)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


WHOLE = png(size=(200, 200))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotAPicture),
        (b"a boat", NotAPicture),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NotAPicture),
        (b"%PDF-1.7 boat", NotAPicture),
        (encoded(Image.new("RGB", (8, 8)), "GIF"), NotAPicture),
        (encoded(Image.new("RGB", (8, 8)), "TIFF"), NotAPicture),
        (WHOLE[: len(WHOLE) // 2], NotAPicture),
        (encoded(Image.effect_noise((90, 90), 50), "JPEG")[:900], NotAPicture),
        (animated("PNG"), PictureMoves),
        (animated("WEBP"), PictureMoves),
        (bomb(), PictureTooLarge),
        (b"\x89PNG" + b"\0" * MAX_BYTES, PictureTooLarge),
    ],
    ids=[
        *("empty", "text", "svg", "pdf", "gif", "tiff", "half-png", "half-jpeg"),
        *("apng", "animated-webp", "bomb", "many-bytes"),
    ],
)
def test_what_is_no_picture_to_start_from_is_refused(
    content: bytes, error: type[GreenroomError]
) -> None:
    with pytest.raises(error) as caught:
        reencoded(upload(content))

    assert type(caught.value) is error
    assert caught.value.field == "picture_file"
    assert 400 <= caught.value.status < 500


def test_other_bytes_than_those_on_record_are_not_read() -> None:
    made = reencoded(upload(png()))

    assert checked_bytes(io.BytesIO(made.content), sha256=made.sha256) == made.content
    with pytest.raises(OSError, match="other bytes"):
        checked_bytes(io.BytesIO(made.content + b"!"), sha256=made.sha256)
