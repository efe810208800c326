"""The studio's form: from a link, from another form, with what its clips start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404

from generation import vocabulary
from generation.access import clips_visible_to, pictures_visible_to, presets_visible_to
from generation.budgets import budgets_of
from generation.catalogue import catalogue, offered
from generation.forms import ComposeForm
from generation.holds import shown_pauses
from generation.lineage import picture_url
from generation.models import Clip, Preset, StartPicture
from generation.services import pictures
from generation.views.parts import ids
from portal.errors import GreenroomError
from portal.states import Feature

if TYPE_CHECKING:
    from portal.models import Cohort, User
    from portal.views.base import SignedInRequest

FIELDS = (
    *("cohort", "prompt", "style", "model_key", "size", "frames", "takes", "seed", "brief"),
    *("steps", "guidance", "strength", "adapter_key", "adapter_weight"),
    *("source", "start_picture", "remix"),
)
# What a preset fills in.
PRESET_FIELDS = (
    *("style", "model_key", "size", "frames", "steps", "guidance", "strength"),
    *("adapter_key", "adapter_weight"),
)
# What a button of the form may take away again.
DROPPED = frozenset({"source", "start_picture", "remix"})


@dataclass(frozen=True, kw_only=True)
class Starts:
    """What the form's clips begin with; each is None when the form names none one may see."""

    source: Clip | None
    start_picture: StartPicture | None
    remix_of: Clip | None


def starts_of(artist: User, form: ComposeForm) -> Starts:
    takes = form.entry is not None and form.entry.takes_picture
    return Starts(
        source=_clip(artist, form, "source"),
        start_picture=picture_of(artist, form) if takes else None,
        remix_of=_clip(artist, form, "remix"),
    )


def _clip(artist: User, form: ComposeForm, name: str) -> Clip | None:
    keys = ids(str(form[name].value() or ""))
    return clips_visible_to(artist).ready().filter(pk__in=keys).first() if keys else None


def picture_of(artist: User, form: ComposeForm) -> StartPicture | None:
    """The picture the form names, when *artist* brought it and it is kept."""
    keys = ids(str(form["start_picture"].value() or ""))
    return pictures_visible_to(artist).filter(pk__in=keys).first() if keys else None


def _presets(artist: User, cohort: Cohort) -> list[Preset]:
    """Those of *cohort* whose model is on offer, the artist's own first."""
    keys = [entry.key for entry in offered(cohort)]
    found = presets_visible_to(artist).filter(cohort=cohort, model_key__in=keys)
    return sorted(found, key=lambda preset: (preset.artist_id != artist.pk, preset.name.lower()))


def bound_form(request: SignedInRequest, artist: User, cohorts: Sequence[Cohort]) -> ComposeForm:
    """What was posted; a picture that came with it is kept whatever else is wrong."""
    upload = request.FILES.get("picture_file")
    data = request.POST if upload is None else request.POST.copy()
    form = ComposeForm(data, artist=artist, cohorts=cohorts)
    if upload is None or form.entry is None or not form.entry.takes_picture:
        return form
    try:
        data["start_picture"] = str(pictures.keep(actor=artist, upload=upload).pk)
    except GreenroomError as error:
        form.refuse(error)
    return form


def context_of(artist: User, form: ComposeForm, *, picture_error: str = "") -> dict[str, Any]:
    """What the form's template shows beside its fields."""
    entry = form.entry
    typed = str(form["prompt"].value() or "")
    starts = starts_of(artist, form)
    picture = starts.start_picture
    return {
        "form": form,
        "entry": entry,
        "cohort": form.chosen_cohort,
        "start": (starts.source or starts.remix_of) if entry and entry.needs_start else None,
        "remixed": starts.remix_of,
        "picture": picture,
        "picture_url": picture_url(picture) if picture else "",
        "picture_error": picture_error,
        "may_bring_picture": form.chosen_cohort.offers(Feature.START_PICTURE),
        "may_extend": form.chosen_cohort.offers(Feature.EXTEND),
        "may_remix": form.chosen_cohort.offers(Feature.REMIX),
        "presets": _presets(artist, form.chosen_cohort),
        "budgets": budgets_of(artist, form.chosen_cohort),
        "pauses": shown_pauses(form.chosen_cohort),
        "known": vocabulary.known(entry) if entry else [],
        "suggestions": vocabulary.suggestions(entry, seed=len(typed)) if entry else [],
        "unknown": vocabulary.unknown_words(entry, typed) if entry else [],
    }


def given(artist: User, values: QueryDict) -> dict[str, Any]:
    """What a form or a link says, less what its ``drop`` takes away, with its ``preset``."""
    dropped = values.get("drop")
    said = {
        name: values[name]
        for name in FIELDS
        if name in values and not (name in DROPPED and name == dropped)
    }
    key = values.get("preset", "")
    if not (key.isascii() and key.isdigit()):
        return said
    preset = presets_visible_to(artist).filter(pk=min(int(key), 2**63 - 1)).first()
    return {**said, **_of_preset(preset)} if preset is not None else said


def _of_preset(preset: Preset) -> dict[str, Any]:
    return {
        "cohort": preset.cohort.slug,
        **{name: getattr(preset, name) for name in PRESET_FIELDS},
    }


def typed(form: ComposeForm) -> dict[str, Any]:
    """What to show after Generate: the same wish, for the next idea to start from."""
    data: Mapping[str, Any] = form.data
    return {name: data[name] for name in FIELDS if name in data}


def from_link(request: SignedInRequest) -> dict[str, Any]:
    """A clip to extend (``source``), to remix, whose settings to take (``from``), or values."""
    mine = clips_visible_to(request.user)
    if keys := ids(request.GET.get("source", "")):
        start = get_object_or_404(mine.ready(), pk=keys[0])
        return {
            "cohort": start.cohort.slug,
            "prompt": start.prompt,
            "model_key": request.GET.get("model_key", ""),
            "source": start.pk,
        }
    if keys := ids(request.GET.get("remix", "")):
        return _remix(get_object_or_404(mine.ready(), pk=keys[0]))
    if keys := ids(request.GET.get("from", "")):
        return _settings(get_object_or_404(mine, pk=keys[0]))
    values = given(request.user, request.GET)
    return {name: value for name, value in values.items() if name != "brief"}


def _settings(clip: Clip) -> dict[str, Any]:
    entry = catalogue().get(clip.model_key)
    return {
        "cohort": clip.cohort.slug,
        "prompt": clip.prompt,
        "model_key": clip.model_key,
        "size": f"{clip.width}x{clip.height}",
        "frames": clip.frames,
        "seed": clip.seed,
        "brief": clip.brief_id,
        "source": clip.source_id if entry is not None and entry.needs_start else None,
        "start_picture": clip.start_picture_id,
        "strength": clip.strength,
        "adapter_key": clip.adapter_key,
        "adapter_weight": clip.adapter_weight,
        # The model's own need not be said.
        **(
            {
                "steps": None if clip.steps == entry.steps.default else clip.steps,
                "guidance": None if clip.guidance == entry.guidance.default else clip.guidance,
            }
            if entry is not None
            else {}
        ),
    }


def _remix(clip: Clip) -> dict[str, Any]:
    """The same settings; a clip that was made from another starts there again."""
    settings = _settings(clip)
    if settings["source"] is not None and clip.start_picture_id is None:
        return settings
    return {**settings, "source": None, "remix": clip.pk}
