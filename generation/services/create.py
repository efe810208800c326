"""Asking for clips: new ones, the same again, another seed, one more try."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import ngettext

from generation.catalogue import Entry, Size, entry, offered
from generation.errors import (
    BriefClosed,
    ClipDeleted,
    LengthNotOffered,
    ModelNotOffered,
    NotAMember,
    PromptEmpty,
    PromptTooLong,
    SeedOutOfRange,
    SizeNotOffered,
    StartNeeded,
    StepsNotOffered,
    TakesOutOfRange,
    TitleTooLong,
)
from generation.models import Clip
from generation.models.clip import PROMPT_MAX, SEED_MAX, TAKES_MAX
from generation.services import accounts
from generation.services.doorbell import ring_on_commit
from generation.signals import clip_queued
from generation.states import CLIP_TRANSITIONS, ClipState
from portal.access import owes_signature
from portal.errors import AgreementNotSigned, CohortNotOpen, IllegalTransition, NotAllowed
from portal.models import Cohort
from portal.services import audit
from portal.states import CohortState

if TYPE_CHECKING:
    from portal.models import Brief, User


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

    @property
    def estimate(self) -> Decimal:
        """GPU seconds of one take."""
        return self.entry.estimate(self.size, self.frames, self.steps)

    def key(self) -> str:
        """Tells apart two different wishes posted with one form token."""
        parts = (self.prompt, self.entry.key, self.size, self.frames, self.steps, self.guidance)
        return "\n".join(map(str, (*parts, self.seed, self.takes)))


def create_clips(
    *,
    actor: User,
    cohort: Cohort,
    prompt: str,
    model_key: str,
    size: str,
    frames: int,
    request_id: uuid.UUID,
    seed: int | None = None,
    takes: int = 1,
    brief: Brief | None = None,
    title: str = "",
    steps: int | None = None,
    guidance: Decimal | None = None,
    source: Clip | None = None,
) -> list[Clip]:
    """Queue one clip per take and reserve its GPU seconds.

    Args:
        size: one of the entry's sizes, e.g. ``"128x128"``.
        frames: one of the entry's lengths.
        request_id: token of the form; the same wish with the same token is made only once.
        seed: of the first take, the others follow; None draws one for each.
        source: the clip to start from, for models that do; others pass over it.

    Raises:
        GreenroomError: a named error of this app or of portal, with the field it belongs to.
    """
    entry = _entry_for(cohort, model_key)
    wish = _checked(
        entry=entry,
        prompt=prompt,
        size=size,
        frames=frames,
        seed=seed,
        takes=takes,
        title=title,
        steps=steps,
        guidance=guidance,
    )
    return _queue(
        actor=actor,
        cohort=cohort,
        wish=wish,
        request_id=request_id,
        brief=brief,
        source=_start_for(actor, source) if entry.needs_start else None,
    )


def rerun(*, actor: User, clip: Clip, request_id: uuid.UUID) -> Clip:
    """The same prompt, settings and seed once more, as a new clip."""
    return _again(actor=actor, clip=clip, seed=clip.seed, request_id=request_id)


def vary(*, actor: User, clip: Clip, request_id: uuid.UUID) -> Clip:
    """The same prompt and settings with another seed, as a new clip."""
    return _again(actor=actor, clip=clip, seed=None, request_id=request_id)


def run_again(*, actor: User, clip: Clip) -> Clip:
    """Put a failed or cancelled clip back at the end of the queue.

    Raises:
        IllegalTransition: when it is neither.
    """
    _require_owner(actor, clip)
    with transaction.atomic():
        locked = Clip.objects.select_for_update(no_key=True).get(pk=clip.pk)
        account = accounts.open_locked(artist=actor, cohort=clip.cohort)
        if locked.deleted_at is not None:
            raise ClipDeleted
        if ClipState.QUEUED not in CLIP_TRANSITIONS[ClipState(locked.state)] or locked.is_live:
            raise IllegalTransition
        now = _require_open(actor, clip.cohort)
        _entry_for(now, clip.model_key)
        accounts.require_room(account=account, cohort=now, clips=1, seconds=locked.estimate)
        before = {"state": locked.state, "error_code": locked.error_code}
        Clip.objects.filter(pk=locked.pk).update(
            state=ClipState.QUEUED,
            queued_at=Now(),
            priority=0,
            step=0,
            error_code="",
            error_message="",
            started_at=None,
            finished_at=None,
        )
        locked.refresh_from_db()
        audit.record(
            actor=actor,
            action="clip.queued_again",
            target=locked,
            cohort=locked.cohort,
            before=before,
            after={"state": locked.state},
        )
        clip_queued.send(sender=Clip, clip=locked, actor=actor)
        ring_on_commit()
    return locked


def _again(*, actor: User, clip: Clip, seed: int | None, request_id: uuid.UUID) -> Clip:
    _require_owner(actor, clip)
    if clip.deleted_at is not None:
        raise ClipDeleted
    wish = _checked(
        entry=_entry_for(clip.cohort, clip.model_key),
        prompt=clip.prompt,
        size=f"{clip.width}x{clip.height}",
        frames=clip.frames,
        seed=seed,
        takes=1,
        title=clip.title,
        steps=clip.steps,
        guidance=clip.guidance,
    )
    brief = clip.brief if clip.brief is not None and clip.brief.is_open else None
    return _queue(
        actor=actor,
        cohort=clip.cohort,
        wish=wish,
        request_id=request_id,
        brief=brief,
        # What it is made from must be the same; for other models this says what it came from.
        source=_start_for(actor, clip.source) if wish.entry.needs_start else clip,
    )[0]


def _entry_for(cohort: Cohort, model_key: str) -> Entry:
    found = entry(model_key)
    if found not in offered(cohort):
        raise ModelNotOffered(field="model_key")
    return found


def _start_for(actor: User, source: Clip | None) -> Clip:
    if source is None or source.artist_id != actor.pk or not source.is_ready:
        raise StartNeeded(field="source")
    return source


def _checked(
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
) -> Wish:
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
    chosen = entry.size(size)
    if chosen is None:
        raise SizeNotOffered(field="size")
    if frames not in entry.lengths:
        raise LengthNotOffered(field="frames")
    if seed is not None and not 0 <= seed <= SEED_MAX:
        raise SeedOutOfRange(field="seed")
    if not 1 <= takes <= TAKES_MAX:
        raise TakesOutOfRange(field="takes")
    if len(title) > 120:
        raise TitleTooLong(field="title")
    wanted_steps = int(entry.steps.default) if steps is None else steps
    wanted_guidance = entry.guidance.default if guidance is None else guidance
    if not entry.steps.holds(wanted_steps) or not entry.guidance.holds(wanted_guidance):
        raise StepsNotOffered(field="steps")
    return Wish(
        entry=entry,
        prompt=text,
        size=chosen,
        frames=frames,
        steps=wanted_steps,
        guidance=wanted_guidance,
        seed=seed,
        takes=takes,
        title=title.replace("\x00", "").strip(),
    )


def _require_owner(actor: User, clip: Clip) -> None:
    if clip.artist_id != actor.pk:
        raise NotAllowed


def _require_open(actor: User, cohort: Cohort) -> Cohort:
    """Membership, dates and signature, as they are now; answers the cohort as it is now."""
    now = Cohort.objects.filter(pk=cohort.pk, memberships__user=actor).first()
    if now is None:
        raise NotAMember(field="cohort")
    if now.state != CohortState.OPEN or not now.starts_on <= timezone.localdate() <= now.ends_on:
        raise CohortNotOpen(field="cohort")
    if owes_signature(actor, now):
        raise AgreementNotSigned
    return now


def _queue(
    *,
    actor: User,
    cohort: Cohort,
    wish: Wish,
    request_id: uuid.UUID,
    brief: Brief | None,
    source: Clip | None = None,
) -> list[Clip]:
    # Going back, editing and pressing Generate repeats the token with another wish.
    token = uuid.uuid5(request_id, f"{wish.key()}\n{source.pk}" if source else wish.key())
    with transaction.atomic():
        now = _require_open(actor, cohort)
        account = accounts.open_locked(artist=actor, cohort=cohort)
        made = list(Clip.objects.filter(artist=actor, request_id=token).order_by("take"))
        if made:
            return made
        if brief is not None and (brief.cohort_id != cohort.pk or not brief.is_open):
            raise BriefClosed(field="brief")
        accounts.require_room(
            account=account, cohort=now, clips=wish.takes, seconds=wish.estimate * wish.takes
        )
        for take in range(1, wish.takes + 1):
            clip = Clip.objects.create(
                artist=actor,
                cohort=cohort,
                account=account,
                brief=brief,
                title=wish.title,
                prompt=wish.prompt,
                model_key=wish.entry.key,
                width=wish.size.width,
                height=wish.size.height,
                frames=wish.frames,
                fps=wish.entry.fps,
                steps=wish.steps,
                guidance=wish.guidance,
                seed=_seed_of(wish, take),
                request_id=token,
                take=take,
                source=source,
                estimate=wish.estimate,
            )
            audit.record(
                actor=actor,
                action="clip.queued",
                target=clip,
                cohort=cohort,
                after={"state": clip.state, "model": clip.model_key, "seed": clip.seed},
            )
            clip_queued.send(sender=Clip, clip=clip, actor=actor)
            made.append(clip)
        ring_on_commit()
    return made


def _seed_of(wish: Wish, take: int) -> int:
    if wish.seed is None:
        return secrets.randbelow(SEED_MAX + 1)
    return (wish.seed + take - 1) % (SEED_MAX + 1)
