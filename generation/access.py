"""Who may see and do what with clips. Reviewers reach clips through the review desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from generation.models import Clip, Pause, Preset, PromptSheet, StartPicture
from portal.access import memberships_of
from portal.duties import Duty, cohorts_for, may, people_for
from portal.prepared import prepared_rows
from portal.queries import members_cohorts
from portal.states import Feature

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from generation.models.clip import ClipQuerySet
    from portal.models import Cohort, User


def clips_visible_to(user: User | AnonymousUser) -> ClipQuerySet:
    """The clips *user* made and did not delete."""
    if not user.is_authenticated:
        return Clip.objects.none()
    return Clip.objects.filter(artist=user, deleted_at__isnull=True).select_related(
        "artist", "cohort", "brief"
    )


_OWN_CLIP = """
    SELECT * FROM generation_clip
    WHERE id = %(clip)s AND artist_id = %(artist)s AND cohort_id = %(cohort)s
      AND deleted_at IS NULL
"""


def own_clip_of(user: User, cohort: Cohort, clip_id: UUID) -> Clip | None:
    """What ``clips_visible_to`` would find of that id in *cohort*, at a fraction of its cost."""
    values = {"clip": clip_id, "artist": user.pk, "cohort": cohort.pk}
    for clip in prepared_rows(Clip, _OWN_CLIP, values):
        clip.artist, clip.cohort = user, cohort
        return clip
    return None


def holds_queue(user: User | AnonymousUser) -> bool:
    """Whether *user* sees the queue of some cohort and may hold it back."""
    return may(user, Duty.QUEUE)


def holds_workers(user: User | AnonymousUser) -> bool:
    """Whether *user* may hold back workers, models and everything."""
    return may(user, Duty.WORKERS)


def cohorts_queued_for(user: User) -> QuerySet[Cohort]:
    """The cohorts whose part of the queue *user* sees and may hold back."""
    return cohorts_for(user, Duty.QUEUE)


def keepers_of(cohort_id: int) -> QuerySet[User]:
    """Who is told when a clip of the cohort lands in quarantine."""
    return people_for(Duty.QUEUE, cohort_id)


def clips_kept_by(user: User) -> ClipQuerySet:
    """Clips of the cohorts whose queue *user* keeps, in any state, that their artists kept."""
    return Clip.objects.filter(
        cohort__in=cohorts_queued_for(user), deleted_at__isnull=True
    ).select_related("artist", "cohort", "brief")


def pictures_visible_to(user: User | AnonymousUser) -> QuerySet[StartPicture]:
    """The pictures *user* brought and that are still kept."""
    if not user.is_authenticated:
        return StartPicture.objects.none()
    return StartPicture.objects.filter(artist=user).exclude(file="")


def presets_of(user: User) -> QuerySet[Preset]:
    """The presets *user* saved and may change."""
    return Preset.objects.filter(artist=user).select_related("cohort", "artist")


def presets_visible_to(user: User) -> QuerySet[Preset]:
    """*user*'s own, and those that others share in their cohorts."""
    shared = members_cohorts(user).exclude(features_off__contains=[Feature.SHARED_PRESETS])
    mine = Q(artist=user) | Q(is_shared=True, cohort__in=shared)
    return Preset.objects.filter(mine).select_related("cohort", "artist")


def sheets_of(user: User) -> QuerySet[PromptSheet]:
    """The prompt sheets *user* brought; nobody else sees them."""
    return PromptSheet.objects.filter(artist=user).select_related("cohort", "artist")


def pauses_kept_by(user: User) -> QuerySet[Pause]:
    """Every pause for operators; admins end those of their cohorts."""
    if holds_workers(user):
        return Pause.objects.all()
    return Pause.objects.filter(cohort__in=cohorts_queued_for(user))


def cohorts_open_for(user: User) -> list[Cohort]:
    """Cohorts in which *user* may make clips today."""
    today = timezone.localdate()
    return [cohort for cohort, _owes in memberships_of(user) if cohort.takes_clips_on(today)]


def uses_studio(user: User | AnonymousUser) -> bool:
    """Artists do, in any cohort, also after it or their place in it ended: clips stay theirs."""
    return user.is_authenticated and user.memberships.exists()
