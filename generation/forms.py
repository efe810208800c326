"""Forms of the studio: what was typed, made into values. Rules live in the services."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generation.catalogue import Entry, offered
from generation.errors import (
    LengthNotOffered,
    ModelNotOffered,
    NotAMember,
    NoteMissing,
    PauseReasonMissing,
    PromptEmpty,
    SeedOutOfRange,
    SizeNotOffered,
    StartNeeded,
    TakesOutOfRange,
)
from generation.models.clip import NOTE_MAX, PROMPT_MAX, SEED_MAX, TAKES_MAX
from generation.queries import STATE_FILTERS
from portal.forms import GreenroomForm
from portal.models import Brief, Cohort
from portal.numbers import short_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from portal.errors import GreenroomError


class ComposeForm(GreenroomForm):
    """One wish for clips, for the cohort and model that are chosen in it.

    Choices depend on both, so the form is made again when either changes.
    """

    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    # Whoever is in one cohort need not name it.
    cohort = forms.ChoiceField(
        label=_("Cohort"),
        required=False,
        error_messages={"invalid_choice": NotAMember.default_message},
    )
    prompt = forms.CharField(
        label=_("Prompt"),
        error_messages={"required": PromptEmpty.default_message},
        widget=forms.Textarea(attrs={"rows": 4, "data-autosize": True}),
    )
    model_key = forms.ChoiceField(
        label=_("Model"), error_messages={"invalid_choice": ModelNotOffered.default_message}
    )
    size = forms.ChoiceField(
        label=_("Size"), error_messages={"invalid_choice": SizeNotOffered.default_message}
    )
    frames = forms.TypedChoiceField(
        label=_("Length"),
        coerce=int,
        error_messages={"invalid_choice": LengthNotOffered.default_message},
    )
    takes = forms.TypedChoiceField(
        label=_("Takes"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, TAKES_MAX + 1)],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": TakesOutOfRange.default_message},
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        error_messages={"invalid": SeedOutOfRange.default_message},
        widget=forms.NumberInput(
            attrs={"min": 0, "max": SEED_MAX, "placeholder": _("drawn"), "inputmode": "numeric"}
        ),
    )
    brief = forms.ModelChoiceField(
        label=_("For a brief"),
        queryset=Brief.objects.none(),
        required=False,
        empty_label=_("None, my own idea"),
    )

    source = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": StartNeeded.default_message},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        cohorts: Sequence[Cohort],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        given = data if data is not None else (initial or {})
        self.chosen_cohort = _chosen(cohorts, str(given.get("cohort") or ""))
        entries = offered(self.chosen_cohort)
        self.entry: Entry | None = next(
            (entry for entry in entries if entry.key == given.get("model_key")),
            entries[0] if entries else None,
        )
        start = {
            "cohort": self.chosen_cohort.slug,
            "takes": 1,
            "request_id": uuid.uuid4(),
            **({"model_key": self.entry.key} if self.entry else {}),
            **(initial or {}),
        }
        super().__init__(data, initial=start)
        self._choices("cohort", [(cohort.slug, cohort.name) for cohort in cohorts])
        self._choices("model_key", [(entry.key, entry.title) for entry in entries])
        if len(cohorts) == 1:
            self.fields["cohort"].widget = forms.HiddenInput()
        if len(entries) == 1:
            self.fields["model_key"].widget = forms.HiddenInput()
        if self.entry is not None:
            self._offer(self.entry)
        briefs = _open_briefs(self.chosen_cohort)
        cast("forms.ModelChoiceField[Brief]", self.fields["brief"]).queryset = briefs

    def _offer(self, entry: Entry) -> None:
        self._choices("size", [(str(size), size.title) for size in entry.sizes])
        self._choices("frames", [(frames, _length(frames, entry.fps)) for frames in entry.lengths])
        most = min(entry.prompt_max_chars, PROMPT_MAX)
        self.fields["prompt"].widget.attrs["maxlength"] = most

    def _choices(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def clean(self) -> dict[str, Any]:
        """What is wrong with a field nobody sees is said above the form."""
        cleaned = super().clean() or {}
        for field in self.hidden_fields():
            for message in self.errors.get(field.name, []):
                self.add_error(None, str(message))
        return cleaned

    def refuse(self, error: GreenroomError) -> None:
        super().refuse(error)
        if error.field in {field.name for field in self.hidden_fields()}:
            self.add_error(None, str(error.message))

    def clean_request_id(self) -> uuid.UUID:
        """A script may leave the token out; it then makes new clips each time."""
        return self.cleaned_data["request_id"] or uuid.uuid4()

    def wish(self) -> dict[str, Any]:
        """Arguments of ``services.create.create_clips``, actor and source apart."""
        wish = {name: value for name, value in self.cleaned_data.items() if name != "source"}
        wish["cohort"] = self.chosen_cohort
        return wish


class FilterForm(forms.Form):
    """The gallery's filters, from the address of the page; what makes no sense filters nothing."""

    state = forms.ChoiceField(label=_("State"), required=False)
    brief = forms.ModelChoiceField(
        label=_("Brief"),
        queryset=Brief.objects.none(),
        required=False,
        empty_label=_("Any brief"),
    )
    q = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Search titles and prompts")}
        ),
    )

    def __init__(self, data: Mapping[str, Any], *, briefs: QuerySet[Brief]) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["state"]).choices = [
            ("", _("All clips")),
            *((key, STATE_TITLES[key]) for key in STATE_FILTERS),
        ]
        cast("forms.ModelChoiceField[Brief]", self.fields["brief"]).queryset = briefs
        if not briefs:
            del self.fields["brief"]

    def values(self) -> dict[str, Any]:
        """``state``, ``brief_id`` and ``text`` for ``queries.clips_matching``."""
        self.full_clean()
        brief = self.cleaned_data.get("brief")
        return {
            "state": self.cleaned_data.get("state", ""),
            "brief_id": brief.pk if brief else None,
            "text": self.cleaned_data.get("q", "").replace("\x00", ""),
        }


STATE_TITLES: dict[str, str | Promise] = {
    "live": _("On their way"),
    "ready": _("Ready"),
    "failed": _("Failed or cancelled"),
    "quarantined": _("In quarantine"),
}


class RenameForm(GreenroomForm):
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=120,
        help_text=_("Leave it empty to show the prompt."),
    )


class PauseForm(GreenroomForm):
    """Why rendering is paused. Of what: ``cohort`` (a slug), ``model``, or neither for all."""

    cohort = forms.SlugField(required=False, widget=forms.HiddenInput)
    model = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The artists who wait read it."),
        error_messages={"required": PauseReasonMissing.default_message},
    )


class GiveUpForm(GreenroomForm):
    """What staff tell the artist of a clip they give up."""

    note = forms.CharField(
        label=_("Note to the artist"),
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say what they can do, such as another size. They read it with the clip."),
        error_messages={"required": NoteMissing.default_message},
    )


def _chosen(cohorts: Sequence[Cohort], slug: str) -> Cohort:
    return next((cohort for cohort in cohorts if cohort.slug == slug), cohorts[0])


def _open_briefs(cohort: Cohort) -> QuerySet[Brief]:
    return Brief.objects.filter(cohort=cohort, is_open=True).order_by("due_on", "pk")


def _length(frames: int, fps: int) -> str:
    seconds = short_seconds(frames / fps)
    return ngettext(
        "%(seconds)s s, %(frames)d frame", "%(seconds)s s, %(frames)d frames", frames
    ) % {"seconds": seconds, "frames": frames}
