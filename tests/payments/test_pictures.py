from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from payments.errors import NotAPicture, PictureTooLarge
from payments.pictures import MAX_BYTES, reencoded
from tests.payments.pictures import encoded, upload


def test_pixels_survive_and_metadata_does_not() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    source = encoded(Image.new("RGB", (40, 20), (200, 10, 10)), "PNG", exif=exif)

    picture = reencoded(upload(source))

    image = Image.open(io.BytesIO(picture.content))
    assert (picture.suffix, image.format, image.size) == ("png", "PNG", (40, 20))
    assert image.getpixel((5, 5)) == (200, 10, 10)
    assert not image.getexif()
    assert b"taken at home" in source
    assert b"taken at home" not in picture.content


def test_what_hangs_behind_the_picture_is_gone() -> None:
    source = encoded(Image.new("RGB", (8, 8)), "PNG") + b"<script>alert(1)</script>"

    assert b"<script>" not in reencoded(upload(source)).content


def test_a_photograph_stays_a_jpeg_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif)

    picture = reencoded(upload(source))

    image = Image.open(io.BytesIO(picture.content))
    assert (picture.suffix, image.format, image.size) == ("jpg", "JPEG", (20, 40))


def test_a_large_picture_becomes_smaller() -> None:
    source = encoded(Image.new("L", (4000, 1000)), "PNG")

    image = Image.open(io.BytesIO(reencoded(upload(source)).content))

    assert image.size == (2560, 640)


def test_transparency_is_kept() -> None:
    source = encoded(Image.new("RGBA", (4, 4), (1, 2, 3, 0)), "WEBP", lossless=True, exact=True)

    picture = reencoded(upload(source))

    assert picture.suffix == "png"
    assert Image.open(io.BytesIO(picture.content)).getpixel((0, 0)) == (1, 2, 3, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        encoded(Image.effect_noise((64, 64), 90), "PNG")[:700],
        encoded(Image.effect_noise((64, 64), 90), "JPEG")[:500],
        encoded(Image.effect_noise((64, 64), 90), "GIF"),
    ],
    ids=["empty", "text", "svg", "pdf", "gif-cut", "png-hollow", "png-cut", "jpeg-cut", "gif"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture) as refused:
        reencoded(upload(content))
    assert refused.value.field == "picture"


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    class Unread(io.BytesIO):
        def read(self, *args: object) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(PictureTooLarge, match="5 MB"):
        reencoded(UploadedFile(Unread(), "big.png", size=MAX_BYTES + 1))


def test_a_small_file_of_enormous_size_is_refused() -> None:
    source = encoded(Image.new("1", (10_000, 10_000)), "PNG")

    assert len(source) < MAX_BYTES
    with pytest.raises(PictureTooLarge, match="40 million"):
        reencoded(upload(source))
