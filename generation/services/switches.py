"""What a cohort has switched off of the ways in which clips begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generation.states import Lineage
from portal import features
from portal.states import Feature

if TYPE_CHECKING:
    from generation.services.wishes import Start
    from portal.models import Cohort

_NEEDS = {Lineage.REMIX: Feature.REMIX, Lineage.EXTEND: Feature.EXTEND}


def require_start(cohort: Cohort, start: Start) -> None:
    """Raises FeatureOff when clips of *cohort* may not begin with *start* at present."""
    if start.picture is not None:
        features.require(cohort, Feature.START_PICTURE, field="start_picture")
    if (needed := _NEEDS.get(Lineage(start.lineage))) is not None:
        features.require(cohort, needed, field="source")
