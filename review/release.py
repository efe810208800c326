"""The gate: every byte of a clip's picture leaves through here, or not at all.

``may_see`` says who may have which variant, from the live decision, the hashes it covers and the
person. ``open_granted`` opens the file and compares what lies on disk with what was decided about.
Nothing else in the product opens a clip's file in order to serve it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import models

from generation.holds import subject_of
from generation.models import Clip, StartPicture
from generation.states import Variant
from portal import deletions
from portal.services import containment
from review import access
from review.errors import FileDamaged
from review.files import HASHED, StoredFile, digest, open_copy, open_stored
from review.models import Decision, Review, ShareLink, Signing
from review.models.signing import COPIES
from review.states import RELEASING, UNSEEN_BY_STAFF, ReviewState

if TYPE_CHECKING:
    from portal.models import User

logger = logging.getLogger(__name__)

# Carrying the mark: what an artist sees of their own clip whatever has been decided.
MARKED = frozenset({Variant.PREVIEW, Variant.POSTER, Variant.FILMSTRIP})
# Without a mark: what an approval releases.
RELEASED = frozenset({Variant.MASTER, Variant.COVER})
# Said of what is approved and waits for its content credential.
BEING_SIGNED = "being_signed"


class Ground(models.TextChoices):
    """On what ground somebody may see a file."""

    ARTIST = "artist"
    STAFF = "staff"
    SHARE = "share"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Leave to see one variant of one clip.

    Attributes:
        ground: why.
        sha256: what the bytes must hash to (hex), or "" for a derived file.
        decision: the standing approval, if there is one.
        copy: name in the storage of the signed copy that is served, or "" for the clip's own file.
    """

    clip: Clip
    variant: Variant
    ground: Ground
    sha256: str
    decision: Decision | None
    copy: str = ""


@dataclass(frozen=True)
class Refusal:
    """No leave; ``code`` is for logs and tests, a stranger only ever meets a 404."""

    code: str


def standing_approval(clip: Clip) -> Decision | None:
    """The approval under which *clip* may leave, if one stands and covers exactly this clip."""
    return standing_approvals([clip]).get(clip.pk)


def standing_approvals(clips: Sequence[Clip]) -> dict[UUID, Decision]:
    """The approvals under which *clips* may leave, by clip id, asked for in one query."""
    by_id = {clip.pk: clip for clip in clips}
    decisions = Decision.objects.filter(
        review__clip__in=by_id, review__state=ReviewState.APPROVED, verdict__in=RELEASING
    ).select_related("review__cohort", "signing")
    return {
        decision.review.clip_id: decision
        for decision in decisions
        if covers(decision, by_id[decision.review.clip_id])
    }


def covers(decision: Decision, clip: Clip) -> bool:
    """Whether *decision* was made about these bytes, this prompt, this model, these settings."""
    return (
        bool(clip.sha256)
        and decision.sha256 == clip.sha256
        and decision.settings_sha256 == clip.settings_sha256
        and decision.prompt == clip.prompt
        and decision.model_key == clip.model_key
    )


def may_see(
    person: User | AnonymousUser | None,
    clip: Clip,
    variant: Variant,
    *,
    share: ShareLink | None = None,
    approvals: Mapping[UUID, Decision] | None = None,
) -> Grant | Refusal:
    """Whether *person*, or whoever holds *share*, may have *variant* of *clip* now.

    Args:
        clip: freshly read; the answer is only as current as this row.
        approvals: ``standing_approvals`` of many clips of which this is one, as fresh; without
            them its own is looked up.
        share: the link through which it is asked for; then *person* does not matter.
    """
    if not clip.is_ready:
        return Refusal("no_such_file")
    if share is not None:
        return _through_link(share, clip, variant)
    if person is None or isinstance(person, AnonymousUser) or not person.is_active:
        return Refusal("stranger")
    if clip.artist_id == person.pk:
        return _to_artist(clip, variant, approvals)
    if access.meets(person, clip.artist_id, clip.cohort_id):
        return _to_staff(clip, variant)
    return Refusal("stranger")


def _grant(clip: Clip, variant: Variant, ground: Ground) -> Grant:
    """One of the clip's own files."""
    sha256 = clip.sha256 if variant in HASHED else ""
    return Grant(clip=clip, variant=variant, ground=ground, sha256=sha256, decision=None)


def signing_of(decision: Decision) -> Signing | None:
    """The signed copies made under *decision*, ready or not."""
    try:
        return decision.signing
    except Signing.DoesNotExist:
        return None


def _signed(clip: Clip, variant: Variant, ground: Ground, decision: Decision) -> Grant | Refusal:
    """The copy that carries the content credential; nothing else leaves under an approval."""
    signing = signing_of(decision)
    if signing is None or not signing.is_signed:
        return Refusal(BEING_SIGNED)
    name, sha256 = signing.copy_of(variant)
    return Grant(
        clip=clip, variant=variant, ground=ground, sha256=sha256, decision=decision, copy=name
    )


def _through_link(share: ShareLink, clip: Clip, variant: Variant) -> Grant | Refusal:
    if share.clip_id != clip.pk or share.revoked_at is not None:
        return Refusal("link_closed")
    if variant not in RELEASED:
        return Refusal("not_public")
    decision = standing_approval(clip)
    if decision is None:
        return Refusal("not_approved")
    if containment.links_closed(subject_of(clip)):
        return Refusal("contained")
    if deletions.is_waiting(clip.artist_id):
        return Refusal("account_ending")
    return _signed(clip, variant, Ground.SHARE, decision)


def _to_artist(
    clip: Clip, variant: Variant, approvals: Mapping[UUID, Decision] | None
) -> Grant | Refusal:
    if variant in MARKED and variant not in COPIES:
        return _grant(clip, variant, Ground.ARTIST)
    if variant not in MARKED | RELEASED:
        return Refusal("not_for_artists")
    decision = standing_approval(clip) if approvals is None else approvals.get(clip.pk)
    if variant in MARKED:
        # The still with the mark is theirs at once, and signed from when the clip is.
        answer = _signed(clip, variant, Ground.ARTIST, decision) if decision else None
        return answer if isinstance(answer, Grant) else _grant(clip, variant, Ground.ARTIST)
    if decision is None:
        return Refusal("not_approved")
    return _signed(clip, variant, Ground.ARTIST, decision)


def _to_staff(clip: Clip, variant: Variant) -> Grant | Refusal:
    if not Review.objects.filter(clip=clip).exclude(state__in=UNSEEN_BY_STAFF).exists():
        return Refusal("not_submitted")
    if variant != Variant.MASTER:
        return _grant(clip, variant, Ground.STAFF)
    decision = standing_approval(clip)
    if decision is None:
        return Refusal("not_approved")
    return _signed(clip, variant, Ground.STAFF, decision)


def best_of(person: User, clips: Sequence[Clip]) -> dict[UUID, Grant]:
    """The best file *person* may have of each of *clips*: the master, else the preview."""
    approvals = standing_approvals(clips)
    best = {}
    for clip in clips:
        for variant in (Variant.MASTER, Variant.PREVIEW):
            answer = may_see(person, clip, variant, approvals=approvals)
            if isinstance(answer, Grant):
                best[clip.pk] = answer
                break
    return best


def may_see_picture(person: User | AnonymousUser | None, picture: StartPicture) -> bool:
    """Whether *person* may see what clips start from: its artist, and who reviews such a clip."""
    if not picture.file or person is None or isinstance(person, AnonymousUser):
        return False
    if not person.is_active:
        return False
    if picture.artist_id == person.pk:
        return True
    submitted = (
        Review.objects.filter(clip__start_picture=picture, clip__deleted_at__isnull=True)
        .exclude(state__in=UNSEEN_BY_STAFF)
        .values_list("cohort_id", flat=True)
        .distinct()
    )
    return any(access.meets(person, picture.artist_id, cohort_id) for cohort_id in submitted)


def open_granted(grant: Grant) -> StoredFile:
    """Open what was granted, after comparing the bytes on disk with the hash decided about.

    The file that is hashed is the file that is handed out: one open handle serves both.

    Raises:
        FileMissing: the storage has no such file.
        FileDamaged: the bytes are not the ones the hash covers.
    """
    stored = open_copy(grant.copy) if grant.copy else open_stored(grant.clip, grant.variant)
    if grant.sha256 and digest(stored) != grant.sha256:
        stored.handle.close()
        logger.error(
            "clip %s: refused to serve %s, its bytes are not the ones on record",
            grant.clip.pk,
            grant.variant.value,
        )
        raise FileDamaged
    return stored
