"""Forms of the studio: what was typed, made into values. Rules live in the services."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generation.catalogue import Adapter, Bounds, Entry, adapters_for, offered
from generation.errors import (
    AdapterNotOffered,
    AdapterWeightOutOfRange,
    GuidanceNotOffered,
    LengthNotOffered,
    ModelNotOffered,
    NotAMember,
    NoteMissing,
    PauseReasonMissing,
    PromptEmpty,
    SeedOutOfRange,
    SizeNotOffered,
    StepsNotOffered,
    StrengthOutOfRange,
    StyleTooLong,
    TakesOutOfRange,
)
from generation.media.pictures import ACCEPTS
from generation.models.clip import NOTE_MAX, PROMPT_MAX, SEED_MAX, TAKES_MAX
from generation.models.preset import STYLE_MAX
from generation.queries import STATE_FILTERS
from generation.services.wishes import STRENGTH_LEAST, STRENGTH_MOST
from portal.forms import GreenroomForm
from portal.models import Brief, Cohort, User
from portal.numbers import short_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from portal.errors import GreenroomError


class HiddenFieldsForm(GreenroomForm):
    """Says what is wrong with a field nobody sees above the form."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in self.hidden_fields():
            for message in self.errors.get(field.name, []):
                self.add_error(None, str(message))
        return cleaned

    def refuse(self, error: GreenroomError) -> None:
        super().refuse(error)
        if error.field in {field.name for field in self.hidden_fields()}:
            self.add_error(None, str(error.message))


class ComposeForm(HiddenFieldsForm):
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

    style = forms.CharField(
        label=_("Style"),
        required=False,
        max_length=STYLE_MAX,
        help_text=_("Added to the prompt; it stays for the next one."),
        error_messages={"max_length": StyleTooLong.default_message},
    )
    steps = forms.IntegerField(
        label=_("Steps"),
        required=False,
        error_messages={"invalid": StepsNotOffered.default_message},
    )
    guidance = forms.DecimalField(
        label=_("Guidance"),
        required=False,
        error_messages={"invalid": GuidanceNotOffered.default_message},
    )
    strength = forms.DecimalField(
        label=_("How much is made anew"),
        required=False,
        error_messages={"invalid": StrengthOutOfRange.default_message},
    )
    adapter_key = forms.ChoiceField(
        label=_("Adapter"),
        required=False,
        error_messages={"invalid_choice": AdapterNotOffered.default_message},
    )
    adapter_weight = forms.DecimalField(
        label=_("Weight of the adapter"),
        required=False,
        error_messages={"invalid": AdapterWeightOutOfRange.default_message},
    )
    picture_file = forms.FileField(
        label=_("Picture to start from"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPTS}),
    )
    # Ids; one that names nothing the artist has is as good as none.
    source = forms.CharField(required=False, widget=forms.HiddenInput)
    start_picture = forms.CharField(required=False, widget=forms.HiddenInput)
    remix = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        artist: User,
        cohorts: Sequence[Cohort],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.artist = artist
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
        self.adapters: Sequence[Adapter] = ()
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
        self._number("steps", entry.steps, step="1")
        self._number("guidance", entry.guidance, step="0.1")
        shares = Bounds(default=entry.strength, least=STRENGTH_LEAST, most=STRENGTH_MOST)
        self._number("strength", shares, step="0.05")
        if entry.image_input != "video":
            del self.fields["strength"]
        self._offer_adapters(adapters_for(entry, self.artist, self.chosen_cohort))

    def _offer_adapters(self, adapters: Sequence[Adapter]) -> None:
        none: tuple[str, str | Promise] = ("", _("None"))
        titles = [(adapter.key, adapter.title) for adapter in adapters]
        self._choices("adapter_key", [none, *titles])
        self.adapters = adapters

    def _number(self, name: str, bounds: Bounds, *, step: str) -> None:
        self.fields[name].widget.attrs |= {
            "min": f"{bounds.least.normalize():f}",
            "max": f"{bounds.most.normalize():f}",
            "step": step,
            "placeholder": f"{bounds.default.normalize():f}",
        }

    def _choices(self, name: str, choices: Sequence[tuple[Any, str | Promise]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def clean_request_id(self) -> uuid.UUID:
        """A script may leave the token out; it then makes new clips each time."""
        return self.cleaned_data["request_id"] or uuid.uuid4()

    def wish(self) -> dict[str, Any]:
        """Arguments of ``services.create.create_clips``, actor and what it starts from apart."""
        wish = {
            name: value for name, value in self.cleaned_data.items() if name not in _NOT_OF_A_WISH
        }
        style = self.cleaned_data["style"]
        wish["prompt"] = ", ".join(filter(None, [wish["prompt"], style]))
        wish["cohort"] = self.chosen_cohort
        if not wish["adapter_key"]:
            wish["adapter_weight"] = None
        return wish

    @property
    def has_more(self) -> bool:
        """Whether a setting that is folded away was given or is wrong."""
        return any(
            name in self.fields and (self[name].value() not in {None, ""} or self[name].errors)
            for name in ("style", "steps", "guidance", "strength", "adapter_key")
        )


_NOT_OF_A_WISH = {"style", "picture_file", "source", "start_picture", "remix"}


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


_OPEN_BRIEFS = Brief.objects.filter(is_open=True).order_by("due_on", "pk")


def _open_briefs(cohort: Cohort) -> QuerySet[Brief]:
    return _OPEN_BRIEFS.filter(cohort=cohort)


def _length(frames: int, fps: int) -> str:
    seconds = short_seconds(frames / fps)
    return ngettext(
        "%(seconds)s s, %(frames)d frame", "%(seconds)s s, %(frames)d frames", frames
    ) % {"seconds": seconds, "frames": frames}
