"""The form of the page where anybody drops a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm

_ACCEPTS = "video/mp4,video/quicktime,video/webm,image/jpeg,image/png,image/webp"


class VerifyForm(GreenroomForm):
    file = forms.FileField(
        label=_("Video or picture"),
        error_messages={
            "required": _("Choose a file first."),
            "missing": _("Choose a file first."),
            "empty": _("That file is empty."),
        },
        widget=forms.FileInput(attrs={"accept": _ACCEPTS}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = format_lazy(
            _("MP4, QuickTime, WebM, JPEG, PNG or WebP, up to {size} MB."),
            size=settings.VERIFY_UPLOAD_MB,
        )
