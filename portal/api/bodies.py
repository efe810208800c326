"""What a request says: the same fields as JSON, as a form, or as a form with files.

The SDK sends a form even without a file and JSON when told to, so every operation takes either.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import pydantic
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from portal.errors import (
    BodyMisformed,
    BodyTooLarge,
    KeyInText,
    LengthRequired,
    ValueMisformed,
)
from portal.keys import find_in

B = TypeVar("B", bound=pydantic.BaseModel)

# The largest picture that is taken, and the form around it.
MOST_BYTES = 11 * 2**20


@dataclass(frozen=True)
class Body:
    """*values* by name, those of an inner object as ``outer[inner]``; *files* by name."""

    values: dict[str, Any]
    files: dict[str, UploadedFile[bytes]] = field(default_factory=dict)

    def read(self, model: type[B]) -> B:
        """The values as *model*; names it does not know are passed over.

        Raises:
            ValueMisformed: naming the first field that does not fit.
            KeyInText: a text that others read holds an access key.
        """
        for name, value in self.values.items():
            if isinstance(value, str) and find_in(value):
                raise KeyInText(field=name)
        try:
            return model.model_validate(self.values)
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            raise ValueMisformed(
                first["msg"], field=".".join(str(part) for part in first["loc"])
            ) from error

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of all that was said; equal for the same said as JSON or as a form."""
        told = hashlib.sha256()
        for name in sorted(self.values):
            told.update(f"{name}={self.values[name]}\n".encode("utf-8", "replace"))
        for name, upload in sorted(self.files.items()):
            told.update(f"{name}:".encode("utf-8", "replace"))
            for chunk in upload.chunks():
                told.update(chunk)
            upload.seek(0)
        return told.hexdigest()


def body_of(request: HttpRequest, *, most: int = MOST_BYTES) -> Body:
    """What *request* says; nothing is read of one that says it is longer than *most* bytes.

    Files above a few MB lie on the disk from their first byte on.

    Raises:
        BodyTooLarge, LengthRequired, BodyMisformed
    """
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise LengthRequired
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise BodyTooLarge(
            _("This request is too large: it may have %(size)s MB.") % {"size": most // 2**20}
        )
    try:
        if request.content_type == "application/json":
            return Body(_flat(_json(request.body)))
        return Body(
            {name: request.POST[name] for name in request.POST},
            {
                name: upload
                for name, upload in request.FILES.items()
                if isinstance(upload, UploadedFile) and upload.size
            },
        )
    except RequestDataTooBig as error:
        raise BodyTooLarge from error
    except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent) as error:
        raise BodyMisformed from error


def _json(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        return {}
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BodyMisformed(_("The body is not valid JSON.")) from error
    if not isinstance(said, dict):
        raise BodyMisformed(_("The body must be a JSON object."))
    return said


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, dict):
            flat |= {f"{name}[{inner}]": deeper for inner, deeper in value.items()}
        elif value is not None:
            flat[name] = value
    return flat
