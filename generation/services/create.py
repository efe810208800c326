"""Asking for clips: new ones, the same again, another seed, one more try."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models.functions import Now

from generation.errors import BriefClosed, ClipDeleted, ClipQuarantined
from generation.models import Clip
from generation.models.clip import SEED_MAX
from generation.services import accounts, pictures
from generation.services.doorbell import ring_on_commit
from generation.services.extending import with_lead
from generation.services.switches import require_start
from generation.services.wishes import (
    Start,
    Wish,
    Worn,
    checked,
    checked_adapter,
    entry_for,
    start_for,
)
from generation.signals import clip_queued
from generation.states import ClipState, Lineage
from portal.errors import IllegalTransition, NotAllowed
from portal.services import audit

if TYPE_CHECKING:
    from decimal import Decimal

    from generation.catalogue import Entry
    from generation.models import StartPicture
    from portal.models import AccessKey, Brief, Cohort, User


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
    start_picture: StartPicture | None = None,
    remix_of: Clip | None = None,
    strength: Decimal | None = None,
    extend: bool = False,
    adapter_key: str = "",
    adapter_weight: Decimal | None = None,
    access_key: AccessKey | None = None,
) -> list[Clip]:
    """Queue one clip per take and reserve its GPU seconds.

    Args:
        size: one of the entry's sizes, e.g. ``"128x128"``.
        frames: one of the entry's lengths.
        request_id: token of the form; the same wish with the same token is made only once.
        seed: of the first take, the others follow; None draws one for each.
        source: the clip to start from, for models that do; others pass over it.
        start_picture: what to begin with instead, for models that take pictures.
        remix_of: the clip whose settings these are.
        strength: for models that make a video anew; None for the entry's.
        extend: for models that take pictures, put the whole clip or video that is gone on from
            into the file, before the *frames* that are rendered.
        adapter_key, adapter_weight: an adapter of the model that is for *actor*; None weighs it
            as its entry says.
        access_key: with which it is asked for, whose own budget then counts too.

    Raises:
        GreenroomError: a named error of this app or of portal, with the field it belongs to.
    """
    entry = entry_for(cohort, model_key)
    wish = checked(
        entry=entry,
        prompt=prompt,
        size=size,
        frames=frames,
        seed=seed,
        takes=takes,
        title=title,
        steps=steps,
        guidance=guidance,
        strength=strength,
        worn=checked_adapter(
            actor=actor, cohort=cohort, entry=entry, key=adapter_key, weight=adapter_weight
        ),
    )
    start = start_for(
        actor=actor, entry=entry, source=source, picture=start_picture, remix_of=remix_of
    )
    return _queue(
        actor=actor,
        cohort=cohort,
        wish=wish,
        request_id=request_id,
        brief=brief,
        start=with_lead(start, entry=entry, frames=frames) if extend else start,
        access_key=access_key,
    )


def rerun(*, actor: User, clip: Clip, request_id: uuid.UUID) -> Clip:
    """The same prompt, settings and seed once more, as a new clip."""
    return _again(actor=actor, clip=clip, seed=clip.seed, request_id=request_id)


def vary(*, actor: User, clip: Clip, request_id: uuid.UUID) -> Clip:
    """The same prompt and settings with another seed, as a new clip."""
    return _again(actor=actor, clip=clip, seed=None, request_id=request_id)


def remix(
    *,
    actor: User,
    clip: Clip,
    prompt: str,
    request_id: uuid.UUID,
    seed: int | None = None,
    access_key: AccessKey | None = None,
) -> list[Clip]:
    """Another prompt with the settings of *clip*, and with its seed unless one is given.

    Raises:
        GreenroomError: as :func:`create_clips`; NotAllowed for somebody else's clip.
    """
    _require_owner(actor, clip)
    if not clip.is_ready:
        raise IllegalTransition
    return create_clips(
        actor=actor,
        cohort=clip.cohort,
        prompt=prompt,
        model_key=clip.model_key,
        size=f"{clip.width}x{clip.height}",
        frames=clip.frames,
        request_id=request_id,
        seed=clip.seed if seed is None else seed,
        steps=clip.steps,
        guidance=clip.guidance,
        # Another go at the new part, not one more part behind it.
        source=clip.source if clip.lead_frames else None,
        start_picture=clip.start_picture if clip.lead_frames else None,
        extend=clip.lead_frames > 0,
        remix_of=clip,
        strength=clip.strength,
        adapter_key=clip.adapter_key,
        adapter_weight=clip.adapter_weight,
        access_key=access_key,
    )


def run_again(*, actor: User, clip: Clip) -> Clip:
    """Put a failed or cancelled clip back at the end of the queue.

    Raises:
        IllegalTransition: when it is neither.
        ClipQuarantined: while staff look at it.
    """
    _require_owner(actor, clip)
    with transaction.atomic():
        locked = Clip.objects.select_for_update(no_key=True).get(pk=clip.pk)
        if locked.deleted_at is not None:
            raise ClipDeleted
        _require_not_quarantined(locked)
        if not locked.may_run_again:
            raise IllegalTransition
        seat = accounts.take_seat(artist=actor, cohort=clip.cohort)
        accounts.require_uncontained(seat=seat, model_key=clip.model_key, key_id=clip.access_key_id)
        _same_adapter(actor, clip, entry_for(seat.cohort, clip.model_key))
        accounts.require_room(
            room=accounts.room_at(seat), cohort=seat.cohort, clips=1, seconds=locked.estimate
        )
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
    _require_not_quarantined(clip)
    entry = entry_for(clip.cohort, clip.model_key)
    wish = checked(
        entry=entry,
        prompt=clip.prompt,
        size=f"{clip.width}x{clip.height}",
        frames=clip.frames,
        seed=seed,
        takes=1,
        title=clip.title,
        steps=clip.steps,
        guidance=clip.guidance,
        strength=clip.strength,
        worn=_same_adapter(actor, clip, entry),
    )
    brief = clip.brief if clip.brief is not None and clip.brief.is_open else None
    return _queue(
        actor=actor,
        cohort=clip.cohort,
        wish=wish,
        request_id=request_id,
        brief=brief,
        start=_same_start(actor, clip, wish),
    )[0]


def _same_adapter(actor: User, clip: Clip, entry: Entry) -> Worn:
    """Refuses one that was taken from the artist since."""
    return checked_adapter(
        actor=actor,
        cohort=clip.cohort,
        entry=entry,
        key=clip.adapter_key,
        weight=clip.adapter_weight,
    )


def _same_start(actor: User, clip: Clip, wish: Wish) -> Start:
    """What it is made from must be the same; for other models this says what it came from."""
    if not wish.entry.needs_start:
        return Start(source=clip, lineage=Lineage.AGAIN)
    picture = clip.start_picture
    start = start_for(
        actor=actor, entry=wish.entry, source=clip.source, picture=picture, remix_of=None
    )
    if picture:
        start = Start(source=clip, lineage=Lineage.AGAIN, picture=picture)
    return with_lead(start, entry=wish.entry, frames=wish.frames) if clip.lead_frames else start


def _require_owner(actor: User, clip: Clip) -> None:
    if clip.artist_id != actor.pk:
        raise NotAllowed


def _require_not_quarantined(clip: Clip) -> None:
    """What killed two workers would kill the next two."""
    if clip.state == ClipState.QUARANTINED:
        raise ClipQuarantined


def _queue(
    *,
    actor: User,
    cohort: Cohort,
    wish: Wish,
    request_id: uuid.UUID,
    brief: Brief | None,
    start: Start,
    access_key: AccessKey | None = None,
) -> list[Clip]:
    # Going back, editing and pressing Generate repeats the token with another wish.
    token = uuid.uuid5(request_id, f"{wish.key()}\n{start.key()}")
    with transaction.atomic():
        seat = accounts.take_seat(artist=actor, cohort=cohort, access_key=access_key)
        room = accounts.room_at(seat, request_id=token)
        if room.is_made:
            return list(Clip.objects.filter(artist=actor, request_id=token).order_by("take"))
        accounts.require_uncontained(
            seat=seat,
            model_key=wish.entry.key,
            key_id=access_key.pk if access_key is not None else None,
        )
        if brief is not None and (brief.cohort_id != cohort.pk or not brief.is_open):
            raise BriefClosed(field="brief")
        require_start(seat.cohort, start)
        if start.picture is not None:
            pictures.require_kept(start.picture.pk)
        accounts.require_room(
            room=room, cohort=seat.cohort, clips=wish.takes, seconds=wish.estimate * wish.takes
        )
        if access_key is not None:
            accounts.require_key_room(key=access_key, seconds=wish.estimate * wish.takes)
        made = []
        for take in range(1, wish.takes + 1):
            clip = Clip(
                artist=actor,
                cohort=cohort,
                account_id=seat.account_id,
                brief=brief,
                access_key=access_key,
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
                source=start.source,
                lineage=start.lineage,
                lead_frames=start.lead_frames,
                start_picture=start.picture,
                strength=wish.strength,
                adapter_key=wish.adapter_key,
                adapter_weight=wish.adapter_weight,
                estimate=wish.estimate,
            )
            _write(clip, actor=actor, cohort=cohort)
            clip_queued.send(sender=Clip, clip=clip, actor=actor)
            made.append(clip)
        ring_on_commit()
    return made


# What is not asked for stands as in a row that the ORM makes. Every clip is asked for this way, and
# the ORM takes several times as long to write it as the database to carry it out.
_NEW = """
    INSERT INTO generation_clip (
        id, artist_id, cohort_id, account_id, brief_id, access_key_id, title, prompt, model_key,
        width, height, frames, fps, steps, guidance, seed, request_id, take, source_id, lineage,
        lead_frames, start_picture_id, strength, adapter_key, adapter_weight, estimate,
        state, step, priority, error_code, error_message, sha256, settings_sha256, manifest,
        original, preview, poster, filmstrip, cover
    )
    VALUES (
        %(id)s, %(artist_id)s, %(cohort_id)s, %(account_id)s, %(brief_id)s, %(access_key_id)s,
        %(title)s, %(prompt)s, %(model_key)s, %(width)s, %(height)s, %(frames)s, %(fps)s,
        %(steps)s, %(guidance)s, %(seed)s, %(request_id)s, %(take)s, %(source_id)s, %(lineage)s,
        %(lead_frames)s, %(start_picture_id)s, %(strength)s, %(adapter_key)s, %(adapter_weight)s,
        %(estimate)s, %(state)s, 0, 0, '', '', '', '', '{}', '', '', '', '', ''
    )
    RETURNING created_at, queued_at, priority
"""


def _write(clip: Clip, *, actor: User, cohort: Cohort) -> None:
    """Insert *clip* with its audit entry."""
    [(clip.created_at, clip.queued_at, clip.priority)] = audit.record_with(
        _NEW,
        {**vars(clip), "state": str(clip.state), "lineage": str(clip.lineage)},
        actor=actor,
        action="clip.queued",
        target=clip,
        cohort=cohort,
        after={"state": clip.state, "model": clip.model_key, "seed": clip.seed},
    )
    clip._state.adding = False
    clip._state.db = connection.alias


def _seed_of(wish: Wish, take: int) -> int:
    if wish.seed is None:
        return secrets.randbelow(SEED_MAX + 1)
    return (wish.seed + take - 1) % (SEED_MAX + 1)
