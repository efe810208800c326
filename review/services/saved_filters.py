"""Saving what somebody narrows the queue by, choosing the default, and forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.errors import NotAllowed
from portal.models import User
from portal.services import audit
from review.filter_errors import FilterNameMissing, NothingFiltered, TooManyFilters
from review.models import SavedFilter

if TYPE_CHECKING:
    from review.queries import Filters

MOST = 20


def save(*, actor: User, name: str, filters: Filters, is_default: bool = False) -> SavedFilter:
    """Save *filters* under *name*; one of that name is replaced.

    Raises:
        FilterNameMissing, NothingFiltered, TooManyFilters
    """
    name = " ".join(name.split())
    if not name:
        raise FilterNameMissing(field="name")
    query = filters.as_query()
    if not query:
        raise NothingFiltered
    with transaction.atomic():
        _lock(actor)
        mine = SavedFilter.objects.filter(person=actor)
        if not mine.filter(name=name).exists() and mine.count() >= MOST:
            raise TooManyFilters
        if is_default:
            mine.update(is_default=False)
        saved, _is_new = SavedFilter.objects.update_or_create(
            person=actor, name=name, defaults={"query": query, "is_default": is_default}
        )
        audit.record(
            actor=actor,
            action="review.filter_saved",
            target=saved,
            after={"name": name, "query": query},
        )
        return saved


def set_default(*, actor: User, saved: SavedFilter, is_default: bool) -> None:
    """Open the queue with it, or with everything again.

    Raises:
        NotAllowed: it is somebody else's.
    """
    with transaction.atomic():
        _lock(actor)
        if saved.person_id != actor.pk:
            raise NotAllowed
        SavedFilter.objects.filter(person=actor).update(is_default=False)
        SavedFilter.objects.filter(pk=saved.pk).update(is_default=is_default)
        audit.record(
            actor=actor,
            action="review.filter_default",
            target=saved,
            after={"name": saved.name, "is_default": is_default},
        )


def remove(*, actor: User, saved: SavedFilter) -> None:
    """Forget it; twice does it once.

    Raises:
        NotAllowed: it is somebody else's.
    """
    with transaction.atomic():
        _lock(actor)
        if saved.person_id != actor.pk:
            raise NotAllowed
        if SavedFilter.objects.filter(pk=saved.pk).exists():
            audit.record(
                actor=actor,
                action="review.filter_removed",
                target=saved,
                before={"name": saved.name},
            )
            saved.delete()


def _lock(actor: User) -> None:
    """One change of a person’s at a time: their number and the default are of them all."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
