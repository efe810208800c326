"""A clip as pages show it: state in words, links to its pictures, what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from generation.catalogue import offered
from generation.models import Clip
from generation.states import ClipState, Variant
from generation.waiting import OnItsWay, on_their_way
from portal import registry
from portal.access import memberships_of
from portal.numbers import short_seconds
from portal.states import Feature

if TYPE_CHECKING:
    from portal.models import User

_TONES = {"good": "success", "warn": "warning", "bad": "danger"}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One clip for ``<c-clip-card>`` and the clip page. ``progress`` is 0–100, or None.

    ``makes`` says whether its artist may make new clips in its cohort now, from this one too.
    """

    id: UUID
    clip: Clip
    title: str
    prompt: str
    state: str
    state_label: str | Promise
    tone: str
    progress: int | None
    step: int
    steps: int
    poster_url: str
    preview_url: str
    detail_url: str
    remix_url: str
    extend_url: str
    facts: Sequence[Mapping[str, Any]]
    hint: str
    waits_behind_own: bool
    makes: bool
    stamp: str
    error_message: str | Promise
    width: int
    height: int
    actions: Sequence[Mapping[str, Any]]
    attrs: Mapping[str, str]

    @property
    def again(self) -> dict[str, str]:
        """Hidden fields of a form that makes a new clip: posting it twice makes one."""
        return {"request_id": str(uuid4())}

    @property
    def is_live(self) -> bool:
        return self.clip.is_live


def media_url(clip: Clip, variant: Variant) -> str:
    """Where the release gate serves a file of *clip*; "" while it has none."""
    if not clip.is_ready:
        return ""
    try:
        return reverse("review:media", args=[clip.pk, variant.value])
    except NoReverseMatch:
        return ""


def cards_of(clips: Sequence[Clip], viewer: User, *, swap: bool = False) -> list[Card]:
    """One card per clip, with the facts of higher floors: a fixed number of queries a page.

    With *swap* each takes the place of the same card on a page that is open.
    """
    facts = registry.clip_facts(clips, viewer)
    known = on_their_way(clips)
    today = timezone.localdate()
    making = {cohort.pk for cohort, _owes in memberships_of(viewer) if cohort.takes_clips_on(today)}
    return [
        _card(clip, facts[clip.pk], known.get(clip.pk), swap=swap, makes=clip.cohort_id in making)
        for clip in clips
    ]


def _card(
    clip: Clip, facts: Sequence[registry.Fact], way: OnItsWay | None, *, swap: bool, makes: bool
) -> Card:
    fact = facts[0] if facts else None
    # A fact that only says "nothing yet" leaves the pill to the clip's own state.
    shown = fact is not None and (fact.tone != "neutral" or bool(fact.note or fact.due))
    return Card(
        id=clip.pk,
        clip=clip,
        title=clip.title,
        prompt=clip.prompt,
        state=fact.state if fact and shown else clip.state,
        state_label=fact.label if fact and shown else ClipState(clip.state).label,
        tone=_TONES.get(fact.tone, fact.tone) if fact and shown else "",
        progress=way.percent if way else None,
        step=way.step if way else 0,
        steps=clip.steps,
        poster_url=media_url(clip, Variant.POSTER),
        preview_url=media_url(clip, Variant.PREVIEW),
        detail_url=reverse("generation:clip", args=[clip.pk]),
        remix_url=_remix_url(clip),
        extend_url=_extend_url(clip),
        facts=_facts(clip),
        hint=(way.hint if way else "") or (fact.note if fact else ""),
        waits_behind_own=way is not None and way.is_behind_own,
        makes=makes,
        stamp=way.stamp if way else "",
        error_message=clip.error_text,
        width=clip.width,
        height=clip.height,
        actions=[action for known in facts for action in known.actions],
        attrs={
            "data-clip": str(clip.pk),
            **({"data-live": "1", "data-stamp": way.stamp} if way else {}),
            **({"hx-swap-oob": "true"} if swap else {}),
        },
    )


def _remix_url(clip: Clip) -> str:
    """The composer with the settings of *clip*; "" where its cohort has that switched off."""
    if not clip.cohort.offers(Feature.REMIX):
        return ""
    return f"{reverse('generation:studio')}?{urlencode({'remix': clip.pk})}"


def _extend_url(clip: Clip) -> str:
    """The composer with *clip* to go on from; "" where it is switched off or no model does it."""
    if not clip.cohort.offers(Feature.EXTEND):
        return ""
    key = next((entry.key for entry in offered(clip.cohort) if entry.takes_picture), "")
    if not key or not clip.is_ready:
        return ""
    return f"{reverse('generation:studio')}?{urlencode({'source': clip.pk, 'model_key': key})}"


def _facts(clip: Clip) -> list[dict[str, Any]]:
    seconds = short_seconds(clip.seconds)
    facts = [
        {"label": f"{clip.width} × {clip.height}", "icon": ""},
        {"label": _("%(seconds)s s") % {"seconds": seconds}, "icon": ""},
        {"label": _("seed %(seed)s") % {"seed": clip.seed}, "icon": "dices"},
    ]
    if clip.brief is not None:
        facts.append({"label": clip.brief.title, "icon": "book-open"})
    return facts
