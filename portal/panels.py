"""What the ground floor itself puts on the home page and into the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import access, queries
from portal.models import User
from portal.registry import NavItem, Panel, add_home_panel, add_nav


def next_steps(request: HttpRequest) -> Panel | None:
    """For an artist: what to do next, in order."""
    user = request.user
    if not isinstance(user, User) or not access.is_artist(user):
        return None
    unsigned = access.unsigned_versions(user)
    steps = [
        {"label": _("Accept the invitation"), "state": "done"},
        {
            "label": _("Read and sign the agreement"),
            "state": "current" if unsigned else "done",
            "url": reverse("sign_agreement") if unsigned else "",
        },
        {
            "label": _("Make a first clip"),
            "state": "todo" if unsigned else "current",
        },
    ]
    return Panel(
        template="portal/panels/next_steps.html",
        context={
            "unsigned": unsigned,
            "steps": steps,
            "cohorts": list(queries.members_cohorts(user)),
        },
    )


def open_briefs(request: HttpRequest) -> Panel | None:
    """For an artist: what their cohorts ask for."""
    user = request.user
    if not isinstance(user, User) or not access.is_artist(user):
        return None
    return Panel(
        template="portal/panels/briefs.html",
        context={"briefs": list(queries.open_briefs_for(user))},
    )


def cohorts(request: HttpRequest) -> Panel | None:
    """For an admin: the cohorts they run."""
    user = request.user
    if not isinstance(user, User) or not access.is_admin(user):
        return None
    return Panel(
        template="portal/panels/cohorts.html",
        context={
            "cohorts": list(queries.cohorts_for_list(user)),
            "may_create": access.runs_programme(user),
        },
    )


add_nav(NavItem(label=_("Home"), url_name="home", icon="house", order=0, visible=lambda user: True))
add_nav(
    NavItem(
        label=_("Programme"),
        url_name="programme",
        icon="clipboard-list",
        order=80,
        visible=access.is_admin,
    )
)
add_home_panel(next_steps, order=10)
add_home_panel(open_briefs, order=20)
add_home_panel(cohorts, order=30)
