"""Presets: saved from the studio's form, changed, shared and deleted by their artist."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from generation.errors import (
    PresetNameMissing,
    PresetNameTaken,
    PresetTextTooLong,
    StyleTooLong,
    TooManyPresets,
)
from generation.models import Preset
from generation.models.preset import STYLE_MAX
from generation.services.wishes import checked_adapter, checked_shape, entry_for, require_member
from portal import features
from portal.errors import NotAllowed
from portal.models import User
from portal.services import audit
from portal.states import Feature

if TYPE_CHECKING:
    from portal.models import Cohort

PRESETS_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a preset fills in, the style apart; None and "" where the model's own are meant."""

    model_key: str
    size: str
    frames: int
    steps: int | None = None
    guidance: Decimal | None = None
    strength: Decimal | None = None
    adapter_key: str = ""
    adapter_weight: Decimal | None = None


def save(
    *,
    actor: User,
    cohort: Cohort,
    name: str,
    settings: Settings,
    about: str = "",
    style: str = "",
    is_shared: bool = False,
) -> Preset:
    """Keep *settings* under a name that *actor* has not used in *cohort* yet.

    Raises:
        GreenroomError: a named error of this app, with the field it belongs to.
    """
    texts = _checked_texts(name=name, about=about, style=style)
    with transaction.atomic():
        require_member(actor, cohort)
        if is_shared:
            features.require(cohort, Feature.SHARED_PRESETS, field="is_shared")
        entry = entry_for(cohort, settings.model_key)
        wanted = asdict(settings)
        for field in ("model_key", "adapter_key", "adapter_weight"):
            del wanted[field]
        shape = checked_shape(entry=entry, **wanted)
        worn = checked_adapter(
            actor=actor,
            cohort=cohort,
            entry=entry,
            key=settings.adapter_key,
            weight=settings.adapter_weight,
        )
        # One artist's presets are saved one after the other, so that the count holds.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        mine = Preset.objects.filter(artist=actor, cohort=cohort)
        _require_free(mine, texts["name"])
        if mine.count() >= PRESETS_MOST:
            raise TooManyPresets
        made = Preset.objects.create(
            artist=actor,
            cohort=cohort,
            model_key=entry.key,
            width=shape.size.width,
            height=shape.size.height,
            frames=shape.frames,
            steps=shape.steps,
            guidance=shape.guidance,
            strength=shape.strength,
            adapter_key=worn.key,
            adapter_weight=worn.weight,
            is_shared=is_shared,
            **texts,
        )
        audit.record(
            actor=actor,
            action="preset.saved",
            target=made,
            cohort=cohort,
            after={**texts, "model": made.model_key, "is_shared": is_shared},
        )
    return made


def change(*, actor: User, preset: Preset, name: str, about: str, style: str) -> Preset:
    """Other words for the same settings.

    Raises:
        PresetNameMissing, PresetNameTaken, PresetTextTooLong, StyleTooLong: for the words.
        NotAllowed: for a preset of somebody else's.
    """
    texts = _checked_texts(name=name, about=about, style=style)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        locked = _locked_own(actor, preset)
        others = Preset.objects.filter(artist=actor, cohort=locked.cohort).exclude(pk=locked.pk)
        _require_free(others, texts["name"])
        before = {field: getattr(locked, field) for field in texts}
        if before != texts:
            for field, text in texts.items():
                setattr(locked, field, text)
            locked.save(update_fields=list(texts))
            audit.record(
                actor=actor,
                action="preset.changed",
                target=locked,
                cohort=locked.cohort,
                before=before,
                after=texts,
            )
    return locked


def share(*, actor: User, preset: Preset, is_shared: bool) -> Preset:
    """Let everybody in the cohort use it, or nobody else any more."""
    with transaction.atomic():
        locked = _locked_own(actor, preset)
        if is_shared:
            require_member(actor, locked.cohort)
            features.require(locked.cohort, Feature.SHARED_PRESETS)
        if locked.is_shared != is_shared:
            locked.is_shared = is_shared
            locked.save(update_fields=["is_shared"])
            audit.record(
                actor=actor,
                action="preset.shared" if is_shared else "preset.unshared",
                target=locked,
                cohort=locked.cohort,
            )
    return locked


def delete(*, actor: User, preset: Preset) -> None:
    """Clips that were made with it stay as they are."""
    with transaction.atomic():
        locked = _locked_own(actor, preset)
        audit.record(
            actor=actor,
            action="preset.deleted",
            target=locked,
            cohort=locked.cohort,
            before={"name": locked.name},
        )
        locked.delete()


def _checked_texts(*, name: str, about: str, style: str) -> dict[str, str]:
    texts = {
        field: " ".join(text.replace("\x00", "").split())
        for field, text in (("name", name), ("about", about), ("style", style))
    }
    if not texts["name"]:
        raise PresetNameMissing(field="name")
    for field, most in (("name", 60), ("about", 200)):
        if len(texts[field]) > most:
            raise PresetTextTooLong(field=field)
    if len(texts["style"]) > STYLE_MAX:
        raise StyleTooLong(field="style")
    return texts


def _require_free(presets: Any, name: str) -> None:
    if presets.filter(name__iexact=name).exists():
        raise PresetNameTaken(field="name")


def _locked_own(actor: User, preset: Preset) -> Preset:
    locked = (
        Preset.objects.select_for_update(of=("self",))
        .select_related("cohort")
        .filter(pk=preset.pk)
        .first()
    )
    if locked is None or locked.artist_id != actor.pk:
        raise NotAllowed
    return locked
