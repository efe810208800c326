"""Share links: opened by the artist, closed by the artist or by staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generation.holds import subject_of
from generation.models import Clip
from portal import features
from portal.access import require_signature
from portal.errors import NotAllowed
from portal.services import audit, containment
from portal.states import Feature
from review import access
from review.errors import NotReleased, TitleMissing
from review.models import Review, ShareLink
from review.states import ReviewState

if TYPE_CHECKING:
    from portal.models import User


def create_link(*, actor: User, clip: Clip, title: str) -> ShareLink:
    """Open a public page for an approved clip of the actor's own.

    Raises:
        NotAllowed: the clip is somebody else's.
        AgreementNotSigned: a newer agreement waits for them.
        NotReleased: no approval stands.
        TitleMissing
        FeatureOff: the cohort makes no links at present.
        Contained: sharing is shut for a while.
    """
    title = title.strip()
    if not title:
        raise TitleMissing(field="title")
    with transaction.atomic():
        locked = (
            Clip.objects.select_for_update(no_key=True, of=("self",))
            .select_related("cohort")
            .get(pk=clip.pk)
        )
        if locked.artist_id != actor.pk:
            raise NotAllowed
        require_signature(actor, locked.cohort)
        features.require(locked.cohort, Feature.SHARE_LINKS)
        approved = Review.objects.filter(clip=locked, state=ReviewState.APPROVED)
        if not approved.select_for_update(no_key=True).exists():
            raise NotReleased
        containment.require_sharing(subject_of(locked))
        link = ShareLink.objects.create(
            clip=locked, title=title[:120], created_by=actor, created_at=timezone.now()
        )
        audit.record(
            actor=actor,
            action="sharelink.created",
            target=link,
            cohort=locked.cohort,
            after={"clip": str(locked.pk), "title": link.title},
        )
        return link


def close_link(*, actor: User, link: ShareLink) -> ShareLink:
    """Close one link for good; pressing twice closes it once.

    Raises:
        NotAllowed: *actor* is neither the artist nor staff of the cohort.
    """
    with transaction.atomic():
        locked = (
            ShareLink.objects.select_for_update(no_key=True, of=("self",))
            .select_related("clip__cohort")
            .get(pk=link.pk)
        )
        clip = locked.clip
        if clip.artist_id != actor.pk and not access.oversees(actor, clip.cohort_id):
            raise NotAllowed
        if locked.revoked_at is None:
            _close(locked, actor)
        return locked


def close_all(*, actor: User, clip: Clip) -> int:
    """Close every open link of *clip*; call it inside the transaction of the decision."""
    open_links = list(
        ShareLink.objects.live()
        .filter(clip=clip)
        .select_for_update(no_key=True, of=("self",))
        .select_related("clip__cohort")
    )
    for link in open_links:
        _close(link, actor)
    return len(open_links)


def _close(link: ShareLink, actor: User) -> None:
    link.revoked_at = timezone.now()
    link.revoked_by = actor
    link.save(update_fields=["revoked_at", "revoked_by"])
    audit.record(
        actor=actor,
        action="sharelink.revoked",
        target=link,
        cohort=link.clip.cohort,
        before={"open": True},
        after={"open": False},
    )


def count_view(*, link: ShareLink) -> None:
    """One more look at the public page. Nothing about the visitor is kept."""
    ShareLink.objects.live().filter(pk=link.pk).update(view_count=F("view_count") + 1)
