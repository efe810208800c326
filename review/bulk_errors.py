"""Named refusals about deciding several clips at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError

if TYPE_CHECKING:
    from review.models import Review


class NothingChosen(GreenroomError):
    code = "nothing_chosen"
    status = 422
    default_message = _("Choose the clips first.")


class TooManyChosen(GreenroomError):
    code = "too_many_chosen"
    status = 422
    default_message = _("Decide a hundred clips at once at most.")


class SomeRefused(GreenroomError):
    """Nothing was decided; ``refused`` names each clip that stood in the way, and why."""

    code = "some_refused"
    status = 409
    default_message = _("Nothing was decided, because these clips cannot be decided like that:")

    def __init__(self, refused: Sequence[tuple[Review, GreenroomError]]) -> None:
        super().__init__()
        self.refused = refused
