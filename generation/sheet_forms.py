"""The form that brings a prompt sheet."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from generation.errors import NotAMember
from generation.sheet_errors import SheetTooLarge
from generation.sheets.reading import MOST_BYTES
from portal.forms import GreenroomForm
from portal.models import Cohort
from portal.table_errors import TableEmpty


class SheetForm(GreenroomForm):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("At most 5,000 rows and 2 MB. Nothing is made before you have seen what will."),
        error_messages={"empty": TableEmpty.default_message},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    cohort = forms.ChoiceField(
        label=_("Cohort"), error_messages={"invalid_choice": NotAMember.default_message}
    )

    def __init__(self, *args: Any, cohorts: list[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts = {cohort.slug: cohort for cohort in cohorts}
        field = cast("forms.ChoiceField", self.fields["cohort"])
        field.choices = [(slug, cohort.name) for slug, cohort in self.cohorts.items()]
        if len(cohorts) == 1:
            field.widget = forms.HiddenInput()
            field.initial = cohorts[0].slug

    def clean_file(self) -> UploadedFile[bytes]:
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            self.refusal = SheetTooLarge(field="file")
            raise forms.ValidationError(str(SheetTooLarge.default_message))
        return upload

    @property
    def chosen(self) -> Cohort:
        return self.cohorts[self.cleaned_data["cohort"]]

    @property
    def content(self) -> bytes:
        """At most what ``clean_file`` lets pass."""
        found: bytes = self.cleaned_data["file"].read()
        return found
