"""Features that a cohort may switch off: what each switch is said to do, and the refusal.

Every service whose work is one of these asks :func:`require` in the transaction of that work; pages
leave out what it would refuse. Nothing that exists is closed by a switch, containment does that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import GreenroomError
from portal.states import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

    from portal.models import Cohort

EXPLAINED: Mapping[Feature, Promise] = {
    Feature.START_PICTURE: gettext_lazy(
        "Artists bring a picture or a video, and clips begin there."
    ),
    Feature.REMIX: gettext_lazy("Another prompt with the settings or the frames of a clip."),
    Feature.EXTEND: gettext_lazy("A clip goes on from the last frames of another one."),
    Feature.SHARED_PRESETS: gettext_lazy(
        "Artists use each other’s presets. Their own stay theirs without it."
    ),
    Feature.ACCESS_KEYS: gettext_lazy(
        "Scripts work in an artist’s name. Switched off, keys rest and are not lost."
    ),
    Feature.SHARE_LINKS: gettext_lazy(
        "Artists open public pages of approved clips. Pages that are open stay open without it."
    ),
}


class FeatureOff(GreenroomError):
    code = "feature_off"
    status = 403
    permanent = False
    default_message = gettext_lazy("This is switched off in your cohort at present.")


def require(cohort: Cohort, feature: Feature, *, field: str = "") -> None:
    """Raises FeatureOff when *cohort*, as it was read in this transaction, has it switched off."""
    if not cohort.offers(feature):
        raise FeatureOff(
            _("“%(feature)s” is switched off in %(cohort)s at present.")
            % {"feature": feature.label, "cohort": cohort.name},
            field=field,
        )
