"""Clips that killed two workers: taken out of the queue until staff decide about them.

A render that brings its process down would do so again, worker after worker, so the clip leaves
the queue after the second time. Nothing is charged for it. A worker that hands its clip back when
it shuts down has not died.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generation.access import keepers_of
from generation.errors import (
    ClipDeleted,
    GivenUpByStaff,
    NoteMissing,
    NotInQuarantine,
    Quarantined,
)
from generation.models import Clip
from generation.models.clip import NOTE_MAX
from generation.progress import progress_of
from generation.services.doorbell import ring_on_commit
from generation.signals import clip_ended
from generation.states import CLIP_TRANSITIONS, AttemptState, ClipState
from portal.errors import CohortNotOpen, IllegalTransition
from portal.member_errors import MembershipEnded
from portal.models import Membership
from portal.services import audit
from portal.services.notify import notify
from portal.states import CohortState

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from generation.models import Attempt
    from portal.models import User

WORKERS_A_CLIP_MAY_KILL = 2


def is_due(clip: Clip) -> bool:
    """Whether *clip*, whose newest attempt was just ended, has killed as many as it may."""
    dead = clip.attempts.filter(state=AttemptState.LOST, started_at__gte=clip.counts_since)
    return dead.count() >= WORKERS_A_CLIP_MAY_KILL


def note_last_step(attempt: Attempt) -> None:
    """Keep with a lost attempt how far its clip was seen to come."""
    attempt.last_state = attempt.clip.state
    # Steps are told through Redis; what it lost, the row may know.
    told = progress_of([attempt.clip]).get(attempt.clip.pk)
    attempt.last_step = told.step if told else attempt.clip.step
    attempt.save(update_fields=["last_state", "last_step"])


def put_in(attempt: Attempt) -> None:
    """Take the clip of a lost *attempt* out of the queue; its artist and the keepers are told.

    Call it inside the transaction that ended the attempt, with the clip's row locked.
    """
    clip = attempt.clip
    before = _move(clip, ClipState.QUARANTINED)
    clip.step = 0
    clip.error_code = Quarantined.code
    clip.error_message = attempt.error
    clip.finished_at = Now()
    clip.save(update_fields=["state", "step", "error_code", "error_message", "finished_at"])
    clip.refresh_from_db(fields=["finished_at"])
    audit.record(
        actor=None,
        action="clip.quarantined",
        target=clip,
        cohort=clip.cohort,
        before={"state": before},
        after={"state": clip.state, "attempt": attempt.number, "worker": attempt.worker},
        reason=attempt.error_code,
    )
    notify(
        user=clip.artist,
        kind="clip_quarantined",
        title=_("Your clip “%(clip)s” was taken out of the queue"),
        text=Quarantined.default_message,
        url=reverse("generation:clip", args=[clip.pk]),
        params={"clip": clip.label},
        mail=False,
    )
    for keeper in keepers_of(clip.cohort_id):
        notify(
            user=keeper,
            kind="clip_in_quarantine",
            title=_("A clip of %(cohort)s killed two workers"),
            text=_("“%(clip)s” by %(artist)s waits in quarantine until you release or fail it."),
            url=f"{reverse('queue:quarantine')}#clip-{clip.pk}",
            params={
                "cohort": clip.cohort.name,
                "clip": clip.label,
                "artist": clip.artist.name,
            },
        )


def release(*, actor: User, clip: Clip) -> Clip:
    """Let the clip back into the queue, at the place it had; it may kill two workers again.

    Raises:
        NotInQuarantine: when somebody else was quicker.
        ClipDeleted: when its artist deleted it meanwhile.
        CohortNotOpen, MembershipEnded: nothing of it may be made there any more; let it fail.
    """
    with transaction.atomic():
        # Before the clip, as by whoever ends it.
        members = Membership.objects.select_for_update(no_key=True)
        if members.live().filter(user=clip.artist_id, cohort=clip.cohort_id).first() is None:
            raise MembershipEnded(_("The artist is no longer a member of the cohort. Let it fail."))
        locked = _locked(clip)
        if locked.cohort.state == CohortState.CLOSED:
            raise CohortNotOpen(_("Its cohort is closed. Let it fail."))
        before = _move(locked, ClipState.QUEUED)
        locked.error_code = ""
        locked.error_message = ""
        locked.started_at = None
        locked.finished_at = None
        locked.released_at = Now()
        locked.save(
            update_fields=[
                *("state", "error_code", "error_message"),
                *("started_at", "finished_at", "released_at"),
            ]
        )
        locked.refresh_from_db(fields=["released_at"])
        audit.record(
            actor=actor,
            action="clip.released",
            target=locked,
            cohort=locked.cohort,
            before={"state": before},
            after={"state": locked.state},
        )
        _tell_artist(
            locked,
            kind="clip_released",
            title=_("Your clip “%(clip)s” waits for a GPU again"),
            text=_("Our staff looked at it and put it back at its place in the queue."),
        )
        ring_on_commit()
    return locked


def give_up(*, actor: User, clip: Clip, note: str) -> Clip:
    """Let the clip fail, with a *note* its artist reads; it cost them nothing.

    Raises:
        NoteMissing: when the note says nothing.
        NotInQuarantine: when somebody else was quicker.
        ClipDeleted: when its artist deleted it meanwhile.
    """
    told = note.replace("\x00", "").strip()[:NOTE_MAX]
    if not told:
        raise NoteMissing(field="note")
    with transaction.atomic():
        locked = _locked(clip)
        before = _move(locked, ClipState.FAILED)
        locked.error_code = GivenUpByStaff.code
        locked.error_message = told
        locked.finished_at = Now()
        locked.save(update_fields=["state", "error_code", "error_message", "finished_at"])
        locked.refresh_from_db(fields=["finished_at"])
        audit.record(
            actor=actor,
            action="clip.failed",
            target=locked,
            cohort=locked.cohort,
            before={"state": before},
            after={"state": locked.state},
            reason=told,
        )
        _tell_artist(
            locked,
            kind="clip_failed",
            title=_("Your clip “%(clip)s” could not be made"),
            text=GivenUpByStaff.noted_message,
            note=told,
        )
        clip_ended.send(sender=Clip, clip=locked, actor=actor)
    return locked


def _locked(clip: Clip) -> Clip:
    locked = (
        Clip.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort", "artist")
        .get(pk=clip.pk)
    )
    if locked.deleted_at is not None:
        raise ClipDeleted
    if locked.state != ClipState.QUARANTINED:
        raise NotInQuarantine
    return locked


def _move(clip: Clip, state: ClipState) -> str:
    """Set the state, as far as the table allows; answers the one before."""
    before = clip.state
    if state not in CLIP_TRANSITIONS[ClipState(before)]:
        raise IllegalTransition
    clip.state = state
    return before


def _tell_artist(
    clip: Clip, *, kind: str, title: Promise | str, text: Promise | str, note: str = ""
) -> None:
    notify(
        user=clip.artist,
        kind=kind,
        title=title,
        text=text,
        url=reverse("generation:clip", args=[clip.pk]),
        params={"clip": clip.label, "note": note},
    )
