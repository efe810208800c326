"""What people read when a membership ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.services.notify import notify

if TYPE_CHECKING:
    from portal.models import Membership

_STAYS = _(
    "Your clips, downloads, share links, earnings, statements, feedback and appeals stay open to "
    "you, and clips you have finished can still be submitted for release. New clips can no longer "
    "be made there, and clips that waited or rendered were stopped."
)


def removed(membership: Membership) -> None:
    """The artist, with the reason in the words of who ended it."""
    notify(
        user=membership.user,
        kind="member.removed",
        title=_("Your membership of %(cohort)s has ended"),
        text=_(
            "The programme’s team ended it. They wrote: %(reason)s\n\n%(stays)s\n\n"
            "If you think this is a mistake, write to the team."
        ),
        params=_told(membership),
        url=reverse("profile"),
    )


def left(membership: Membership) -> None:
    """The artist, so that they have it in writing, and the cohort's admins."""
    told = _told(membership)
    notify(
        user=membership.user,
        kind="member.left",
        title=_("You have left %(cohort)s"),
        text="%(stays)s",
        params=told,
        url=reverse("profile"),
    )
    for admin in access.admins_of(membership.cohort_id):
        notify(
            user=admin,
            kind="member.left",
            title=_("%(name)s has left %(cohort)s"),
            text=_("They wrote: %(reason)s") if membership.ended_reason else "",
            params=told,
            url=reverse("cohort", args=[membership.cohort.slug]),
            mail=False,
        )


def _told(membership: Membership) -> dict[str, object]:
    # Each is put into words in the language of who reads it.
    return {
        "cohort": membership.cohort.name,
        "name": membership.user.name,
        "reason": membership.ended_reason,
        "stays": _STAYS,
    }
