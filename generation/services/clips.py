"""What an artist does with a clip of their own: name, put first, cancel, delete."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from generation.errors import ClipDeleted, TitleTooLong
from generation.media import store
from generation.models import Attempt, Clip
from generation.models.clip import PRIORITY_MAX
from generation.services import accounts, pictures
from generation.services.attempts import end_attempt
from generation.signals import clip_deleting, clip_ended
from generation.states import CLIP_TRANSITIONS, LIVE, AttemptState, ClipState
from generation.stop_errors import StoppedWithCohort, StoppedWithKey, StoppedWithMembership
from portal.errors import IllegalTransition, NotAllowed
from portal.services import audit

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from generation.errors import RenderError
    from portal.models import AccessKey, Cohort, Membership, User


def rename(*, actor: User, clip: Clip, title: str) -> Clip:
    """An empty title shows the prompt again."""
    wanted = " ".join(title.replace("\x00", "").split())
    if len(wanted) > 120:
        raise TitleTooLong(field="title")
    with transaction.atomic():
        locked = _locked_own(actor, clip)
        if locked.title != wanted:
            before = locked.title
            locked.title = wanted
            locked.save(update_fields=["title"])
            audit.record(
                actor=actor,
                action="clip.renamed",
                target=locked,
                cohort=locked.cohort,
                before={"title": before},
                after={"title": wanted},
            )
    return locked


def put_first(*, actor: User, clip: Clip) -> Clip:
    """Let a waiting clip come before the artist's other waiting clips in its cohort.

    Raises:
        IllegalTransition: when it waits no more.
    """
    with transaction.atomic():
        locked = _locked_own(actor, clip)
        if locked.state != ClipState.QUEUED:
            raise IllegalTransition
        others = Clip.objects.filter(account=locked.account_id, state=ClipState.QUEUED)
        most = others.exclude(pk=locked.pk).aggregate(most=Max("priority"))["most"]
        if most is not None and locked.priority <= most:
            before = locked.priority
            locked.priority = min(most + 1, PRIORITY_MAX)
            locked.save(update_fields=["priority"])
            audit.record(
                actor=actor,
                action="clip.put_first",
                target=locked,
                cohort=locked.cohort,
                before={"priority": before},
                after={"priority": locked.priority},
            )
    return locked


def cancel(*, actor: User, clip: Clip) -> Clip:
    """Take a clip out of the queue, or stop its render within one step.

    The artist is charged for the GPU time it took so far, at most what was estimated; nothing
    when it still waited.

    Raises:
        IllegalTransition: when it is at rest already.
    """
    with transaction.atomic():
        locked = _locked_own(actor, clip)
        _cancel_locked(actor, locked)
    return locked


def stop_of_key(*, key: AccessKey, actor: User | None) -> int:
    """Stop what waits and renders of *key*, which was frozen; answers how many clips.

    As :func:`cancel`, but the clips say why, and their artist may run them again. Call it inside
    the transaction that freezes.
    """
    return _stop(Clip.objects.filter(access_key=key), actor, StoppedWithKey)


def stop_of_member(*, membership: Membership, actor: User | None) -> int:
    """Stop what waits and renders of somebody in a cohort they are a member of no more.

    As :func:`stop_of_key`, in the transaction that ends the membership. Whoever asks for a clip
    holds the membership until it is there, so none comes after.
    """
    theirs = Clip.objects.filter(artist=membership.user_id, cohort=membership.cohort_id)
    return _stop(theirs, actor, StoppedWithMembership)


def stop_of_cohort(*, cohort: Cohort) -> int:
    """Stop what waits and renders in a cohort that is closed, as :func:`stop_of_key`."""
    return _stop(Clip.objects.filter(cohort=cohort), None, StoppedWithCohort)


def _stop(clips: QuerySet[Clip], actor: User | None, why: type[RenderError]) -> int:
    # All rows before the first account: a worker that holds one clip never waits for another.
    found = (
        clips.filter(state__in=LIVE)
        .select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist")
        .order_by("pk")
    )
    with transaction.atomic():
        stopped = list(found)
        for clip in stopped:
            _cancel_locked(actor, clip, error_code=why.code)
    return len(stopped)


def delete(*, actor: User, clip: Clip) -> Clip:
    """Remove the clip's files and take it out of the studio; its record stays.

    A live clip is cancelled first. A receiver of ``clip_deleting`` may refuse.
    """
    with transaction.atomic():
        locked = _locked_own(actor, clip)
        clip_deleting.send(sender=Clip, clip=locked, actor=actor)
        _delete_locked(actor, locked)
    return locked


def remove_all(*, actor: User) -> int:
    """Delete every clip of *actor*, whose account goes: also what is public or was being judged.

    Call it inside the transaction that deletes the account; answers how many.
    """
    found = list(
        Clip.objects.kept()
        .filter(artist=actor)
        .select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist")
        .order_by("pk")
    )
    for clip in found:
        _delete_locked(actor, clip)
    return len(found)


def _delete_locked(actor: User, clip: Clip) -> None:
    if clip.is_live:
        _cancel_locked(actor, clip)
    names = store.names_of(clip)
    for field in store.FILE_FIELDS:
        setattr(clip, field, "")
    clip.deleted_at = Now()
    clip.save(update_fields=["deleted_at", *store.FILE_FIELDS])
    clip.refresh_from_db(fields=["deleted_at"])
    # Should this process end before it has removed them.
    Attempt.objects.filter(clip=clip, state=AttemptState.FINISHED).update(media_due_at=Now())
    audit.record(
        actor=actor,
        action="clip.deleted",
        target=clip,
        cohort=clip.cohort,
        before={"sha256": clip.sha256},
    )
    if clip.start_picture_id is not None:
        pictures.let_go(clip.start_picture_id)
    transaction.on_commit(lambda: store.remove(names))


def _cancel_locked(actor: User | None, clip: Clip, *, error_code: str = "") -> None:
    if ClipState.CANCELLED not in CLIP_TRANSITIONS[ClipState(clip.state)]:
        raise IllegalTransition
    before = clip.state
    attempt = Attempt.objects.filter(clip=clip, state=AttemptState.RUNNING).first()
    if attempt is not None:
        attempt.clip = clip
        end_attempt(attempt, AttemptState.CANCELLED)
        # Loading a model is not the artist's doing, so never more than what was estimated.
        took = attempt.gpu_seconds or Decimal(0)
        accounts.settle(attempt, min(took, attempt.charged_seconds))
    clip.state, clip.error_code = ClipState.CANCELLED, error_code
    clip.finished_at = Now()
    clip.save(update_fields=["state", "error_code", "finished_at"])
    clip.refresh_from_db(fields=["finished_at"])
    audit.record(
        actor=actor,
        action="clip.cancelled",
        target=clip,
        cohort=clip.cohort,
        before={"state": before},
        after={"state": clip.state, **({"error_code": error_code} if error_code else {})},
    )
    clip_ended.send(sender=Clip, clip=clip, actor=actor)


def _locked_own(actor: User, clip: Clip) -> Clip:
    locked = (
        Clip.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist")
        .get(pk=clip.pk)
    )
    if locked.artist_id != actor.pk:
        raise NotAllowed
    if locked.deleted_at is not None:
        raise ClipDeleted
    return locked
