"""How much of the GPUs' time a cohort, or one artist in it, gets beside its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from generation.errors import WeightOutOfRange
from generation.models import CohortShare, GpuAccount
from generation.models.share import WEIGHT_MAX
from generation.queries import weights_in
from generation.services import accounts
from generation.services.wishes import require_member
from portal import access
from portal.errors import NotAllowed
from portal.services import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.models import Cohort, User


def weigh_cohort(*, actor: User | None, cohort: Cohort, weight: int) -> CohortShare:
    """Set a cohort's weight beside the other cohorts.

    Raises:
        WeightOutOfRange
    """
    _require_weight(weight)
    with transaction.atomic():
        CohortShare.objects.get_or_create(cohort=cohort)
        share = CohortShare.objects.select_for_update(no_key=True).get(cohort=cohort)
        _weigh(share, actor, cohort, weight)
    return share


def weigh_artist(*, actor: User | None, artist: User, cohort: Cohort, weight: int) -> GpuAccount:
    """Set an artist's weight beside the other artists of *cohort*.

    Raises:
        NotAMember, MembershipEnded, WeightOutOfRange
    """
    _require_weight(weight)
    require_member(artist, cohort)
    with transaction.atomic():
        account = accounts.open_locked(artist=artist, cohort=cohort)
        _weigh(account, actor, cohort, weight)
    return account


def weigh_all(*, actor: User, cohort: Cohort, own: int | None, artists: Mapping[User, int]) -> int:
    """Set the weights of several artists and, with *own*, of their cohort: all of them, or none.

    Answers how many are others than before.

    Raises:
        NotAllowed (no admin of the cohort, or *own* of who does not run all of them), NotAMember,
        MembershipEnded, WeightOutOfRange
    """
    is_admin = access.admins_of(cohort.pk).filter(pk=actor.pk).exists()
    if not is_admin or (own is not None and not access.runs_programme(actor)):
        raise NotAllowed()
    changed = 0
    with transaction.atomic():
        cohorts_weight, weights = weights_in(cohort)
        # As a claim does: accounts before their cohort.
        for artist, weight in sorted(artists.items(), key=lambda pair: pair[0].pk):
            if weights.get(artist.pk, 1) != weight:
                weigh_artist(actor=actor, artist=artist, cohort=cohort, weight=weight)
                changed += 1
        if own is not None and own != cohorts_weight:
            weigh_cohort(actor=actor, cohort=cohort, weight=own)
            changed += 1
    return changed


def _require_weight(weight: int) -> None:
    if not 1 <= weight <= WEIGHT_MAX:
        raise WeightOutOfRange(field="weight")


def _weigh(row: CohortShare | GpuAccount, actor: User | None, cohort: Cohort, weight: int) -> None:
    if row.weight == weight:
        return
    before = row.weight
    row.weight = weight
    row.save(update_fields=["weight"])
    audit.record(
        actor=actor,
        action="share.weighed",
        target=row,
        cohort=cohort,
        before={"weight": before},
        after={"weight": weight},
    )
