"""How much of the GPUs' time a cohort, or one artist in it, gets beside its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from generation.errors import WeightOutOfRange
from generation.models import CohortShare, GpuAccount
from generation.models.share import WEIGHT_MAX
from generation.services import accounts
from generation.services.wishes import require_member
from portal.services import audit

if TYPE_CHECKING:
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
