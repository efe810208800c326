"""The form of a cohort's shares of GPU time: its own, and one field for each artist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.errors import WeightOutOfRange
from generation.models.share import WEIGHT_MAX
from portal.forms import GreenroomForm
from portal.models import User


class SharesForm(GreenroomForm):
    """Weights of *artists*, by ``artist_<id>``, and with *own* that of their cohort.

    Args:
        own: the cohort's weight; None for whoever may not change it.
        weights: of those artists who have another one than 1, by their id.
    """

    def __init__(
        self,
        *args: Any,
        own: int | None,
        artists: Sequence[User],
        weights: Mapping[int, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.artists = artists
        if own is not None:
            self.fields["cohort"] = _weight(_("The cohort beside the other cohorts"), own)
        for artist in artists:
            self.fields[_name(artist)] = _weight(artist.name, weights.get(artist.pk, 1))

    @property
    def own(self) -> int | None:
        """The cohort's weight that was typed; None where it was not asked for."""
        weight: int | None = self.cleaned_data.get("cohort")
        return weight

    @property
    def typed(self) -> dict[User, int]:
        """What was typed for each artist."""
        return {artist: self.cleaned_data[_name(artist)] for artist in self.artists}

    @property
    def rows(self) -> list[tuple[User, forms.BoundField]]:
        """Each artist with their field."""
        return [(artist, self[_name(artist)]) for artist in self.artists]


def _name(artist: User) -> str:
    return f"artist_{artist.pk}"


def _weight(label: Any, now: int) -> forms.IntegerField:
    words = WeightOutOfRange.default_message
    return forms.IntegerField(
        label=label,
        initial=now,
        min_value=1,
        max_value=WEIGHT_MAX,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), words),
    )
