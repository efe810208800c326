"""What is asked for, checked against the catalogue before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue import Entry, Size, entry, offered
from generation.errors import (
    AdapterNotOffered,
    AdapterWeightOutOfRange,
    GuidanceNotOffered,
    LengthNotOffered,
    ModelNotOffered,
    NotAMember,
    PictureGone,
    PictureNeeded,
    PictureNotTaken,
    PromptEmpty,
    PromptTooLong,
    SeedOutOfRange,
    SizeNotOffered,
    StartNeeded,
    StepsNotOffered,
    StrengthOutOfRange,
    TakesOutOfRange,
    TitleTooLong,
)
from generation.models.clip import PROMPT_MAX, SEED_MAX, TAKES_MAX
from generation.states import Lineage
from portal.errors import NotAllowed
from portal.member_errors import MembershipEnded
from portal.models import Membership

if TYPE_CHECKING:
    from generation.models import Clip, StartPicture
    from portal.models import Cohort, User

STRENGTH_LEAST = Decimal("0.05")
STRENGTH_MOST = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a clip begins with, and what it is to the clip it came from."""

    source: Clip | None = None
    picture: StartPicture | None = None
    lineage: Lineage = Lineage.NONE
    # How many frames of it the file begins with; see ``services.extending``.
    lead_frames: int = 0

    def key(self) -> str:
        parts = (self.source and self.source.pk, self.picture and self.picture.pk, self.lineage)
        return "\n".join(map(str, (*parts, self.lead_frames)))


@dataclass(frozen=True, kw_only=True)
class Worn:
    """An adapter's key and weight, or none."""

    key: str = ""
    weight: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for, checked against the model's catalogue entry."""

    entry: Entry
    prompt: str
    size: Size
    frames: int
    steps: int
    guidance: Decimal
    seed: int | None
    takes: int
    title: str
    strength: Decimal | None
    adapter_key: str
    adapter_weight: Decimal | None

    @property
    def estimate(self) -> Decimal:
        """GPU seconds of one take."""
        return self.entry.estimate(self.size, self.frames, self.steps)

    def key(self) -> str:
        """Tells apart two different wishes posted with one form token."""
        parts = (self.prompt, self.entry.key, self.size, self.frames, self.steps, self.guidance)
        worn = (self.adapter_key, self.adapter_weight)
        return "\n".join(map(str, (*parts, self.seed, self.takes, self.strength, *worn)))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Settings that fit an entry; None where the entry's own are meant."""

    size: Size
    frames: int
    steps: int | None
    guidance: Decimal | None
    strength: Decimal | None


def require_member(actor: User, cohort: Cohort) -> None:
    """Raises:
    NotAMember: when *actor* never was in *cohort*.
    MembershipEnded: when they are no longer.
    """
    found = Membership.objects.filter(user=actor, cohort=cohort).first()
    if found is None:
        raise NotAMember(field="cohort")
    if not found.is_live:
        raise MembershipEnded(field="cohort")


def entry_for(cohort: Cohort, model_key: str) -> Entry:
    """Raises:
    ModelNotOffered: when *cohort* may not use the model now.
    """
    found = entry(model_key)
    if found not in offered(cohort):
        raise ModelNotOffered(field="model_key")
    return found


def checked_shape(
    *,
    entry: Entry,
    size: str,
    frames: int,
    steps: int | None,
    guidance: Decimal | None,
    strength: Decimal | None,
) -> Shape:
    """Raises:
    GreenroomError: naming the first setting that *entry* does not offer.
    """
    chosen = entry.size(size)
    if chosen is None:
        raise SizeNotOffered(field="size")
    if frames not in entry.lengths:
        raise LengthNotOffered(field="frames")
    if steps is not None and not entry.steps.holds(steps):
        raise StepsNotOffered(field="steps")
    if guidance is not None and not entry.guidance.holds(guidance):
        raise GuidanceNotOffered(field="guidance")
    if entry.image_input != "video":
        strength = None
    elif strength is not None and not STRENGTH_LEAST <= strength <= STRENGTH_MOST:
        raise StrengthOutOfRange(field="strength")
    return Shape(size=chosen, frames=frames, steps=steps, guidance=guidance, strength=strength)


def checked_adapter(
    *, actor: User, cohort: Cohort, entry: Entry, key: str, weight: Decimal | None
) -> Worn:
    """The adapter and how strongly it is applied; its own default when *weight* is None.

    Raises:
        AdapterNotOffered: there is none of that name, or not for *actor*.
        AdapterWeightOutOfRange: the catalogue does not offer that weight.
    """
    if not key:
        return Worn()
    adapter = entry.adapter(key)
    if adapter is None or not adapter.is_for(actor, cohort):
        raise AdapterNotOffered(field="adapter_key")
    if weight is None:
        return Worn(key=adapter.key, weight=adapter.weight.default)
    if not adapter.weight.holds(weight):
        raise AdapterWeightOutOfRange(
            _("The weight of this adapter lies between %(least)s and %(most)s.")
            % {"least": adapter.weight.least, "most": adapter.weight.most},
            field="adapter_weight",
        )
    return Worn(key=adapter.key, weight=weight)


def checked(
    *,
    entry: Entry,
    prompt: str,
    size: str,
    frames: int,
    seed: int | None,
    takes: int,
    title: str,
    steps: int | None,
    guidance: Decimal | None,
    strength: Decimal | None,
    worn: Worn,
) -> Wish:
    """Raises:
    GreenroomError: naming the first thing that cannot be had, with its field.
    """
    # A NUL byte is the one character PostgreSQL cannot store.
    text = prompt.replace("\x00", "").strip()
    most = min(entry.prompt_max_chars, PROMPT_MAX)
    if not text:
        raise PromptEmpty(field="prompt")
    if len(text) > most:
        over = len(text) - most
        raise PromptTooLong(
            ngettext(
                "This prompt is %(over)d letter too long: %(model)s reads at most %(most)d.",
                "This prompt is %(over)d letters too long: %(model)s reads at most %(most)d.",
                over,
            )
            % {"over": over, "model": entry.title, "most": most},
            field="prompt",
        )
    if seed is not None and not 0 <= seed <= SEED_MAX:
        raise SeedOutOfRange(field="seed")
    if not 1 <= takes <= TAKES_MAX:
        raise TakesOutOfRange(field="takes")
    if len(title) > 120:
        raise TitleTooLong(field="title")
    shape = checked_shape(
        entry=entry, size=size, frames=frames, steps=steps, guidance=guidance, strength=strength
    )
    return Wish(
        entry=entry,
        prompt=text,
        size=shape.size,
        frames=frames,
        steps=int(entry.steps.default) if steps is None else steps,
        guidance=entry.guidance.default if guidance is None else guidance,
        seed=seed,
        takes=takes,
        title=title.replace("\x00", "").strip(),
        strength=shape.strength,
        adapter_key=worn.key,
        adapter_weight=worn.weight,
    )


def start_for(
    *,
    actor: User,
    entry: Entry,
    source: Clip | None,
    picture: StartPicture | None,
    remix_of: Clip | None,
) -> Start:
    """What clips of *entry* begin with.

    Args:
        source: the clip whose last frame, or whose frames, they start from.
        picture: goes before *source* where the model takes pictures; one with a video also
            where it takes videos.
        remix_of: the clip whose settings are used again; where the model needs a start and none
            is named, it is the start.

    Raises:
        StartNeeded, PictureNeeded: the model needs what was not given, or was not *actor*'s.
        PictureNotTaken, PictureGone: for the picture.
        NotAllowed: *remix_of* is somebody else's.
    """
    if remix_of is not None and remix_of.artist_id != actor.pk:
        raise NotAllowed
    if picture is not None and not (entry.takes_picture or (picture.video and entry.needs_start)):
        raise PictureNotTaken(field="model_key")
    remix = Start(source=remix_of, lineage=Lineage.REMIX) if remix_of is not None else Start()
    if not entry.needs_start:
        return remix
    if picture is not None:
        if picture.artist_id != actor.pk or not picture.file:
            raise PictureGone(field="start_picture")
        return Start(source=remix.source, lineage=remix.lineage, picture=picture)
    chosen = source or remix_of
    if chosen is None or chosen.artist_id != actor.pk or not chosen.is_ready:
        missing = PictureNeeded if entry.takes_picture else StartNeeded
        raise missing(field="source")
    return Start(source=chosen, lineage=Lineage.EXTEND if entry.takes_picture else Lineage.REMIX)
