"""Forms of invitations, beside the one that accepts and the one that sends."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from portal.invitation_errors import BatchTooLarge
from portal.invitation_list import InvitationFilter
from portal.invitees import MOST_BYTES
from portal.services.invitations import NOTE_MAX
from portal.states import InvitationState
from portal.table_errors import TableEmpty


class DeclineForm(GreenroomForm):
    note = forms.CharField(
        label=_("A word to the team"),
        max_length=NOTE_MAX,
        required=False,
        help_text=_("Only if you like. The team of the programme reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class InvitationFilterForm(forms.Form):
    """The list's filters, from the address of the page; what makes no sense filters nothing."""

    q = forms.CharField(
        label=_("Name or address"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *InvitationState.choices],
    )
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def chosen(self) -> InvitationFilter:
        self.is_valid()
        values = self.cleaned_data
        return InvitationFilter(
            state=values.get("state") or "",
            search=(values.get("q") or "").strip(),
            before=values.get("before"),
        )


class BatchForm(GreenroomForm):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "At most 2,000 rows and 1 MB. Nobody is invited before you have seen who will be."
        ),
        error_messages={"empty": TableEmpty.default_message},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            self.refusal = BatchTooLarge(field="file")
            raise forms.ValidationError(str(BatchTooLarge.default_message))
        return upload

    @property
    def content(self) -> bytes:
        """At most what ``clean_file`` lets pass."""
        found: bytes = self.cleaned_data["file"].read()
        return found
