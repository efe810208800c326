"""What generation adds to the pages of the ground floor."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from generation.access import clips_visible_to, holds_queue, holds_workers, uses_studio
from generation.budgets import budgets_of
from generation.catalogue import model_choices
from generation.queries import queue_summary
from generation.views.cards import cards_of
from portal import registry
from portal.access import is_admin
from portal.models import Cohort, User
from portal.queries import members_cohorts
from portal.registry import NavItem, Panel, ProgrammeTab

RECENT = 4


def recent_clips(request: HttpRequest) -> Panel | None:
    """The newest clips and the way to the studio, on an artist's home page."""
    user = request.user
    if not isinstance(user, User) or not uses_studio(user):
        return None
    clips = list(clips_visible_to(user).order_by("-created_at", "-id")[:RECENT])
    budgets = [
        {"cohort": cohort, "budgets": budgets_of(user, cohort)} for cohort in members_cohorts(user)
    ]
    return Panel(
        template="generation/panels/recent.html",
        context={"cards": cards_of(clips, user), "budgets": budgets},
    )


def cohort_queue(request: HttpRequest, cohort: Cohort) -> Panel | None:
    """How the cohort's clips stand, on its page in the programme."""
    return Panel(
        template="generation/panels/queue.html",
        context={"summary": queue_summary(cohort), "cohort": cohort},
    )


registry.set_model_choices(model_choices)
registry.add_nav(
    NavItem(
        label=_("Studio"),
        url_name="generation:studio",
        icon="clapperboard",
        order=20,
        visible=uses_studio,
    )
)
registry.add_nav(
    NavItem(
        label=_("GPU queue"),
        url_name="queue:board",
        icon="server",
        order=85,
        # Admins come to it by the programme's tabs.
        visible=lambda user: holds_queue(user) and not is_admin(user),
    )
)
registry.add_programme_tab(
    ProgrammeTab(key="queue", label=_("GPU queue"), url_name="queue:board", visible=holds_queue)
)
registry.add_programme_tab(
    ProgrammeTab(key="workers", label=_("Workers"), url_name="queue:workers", visible=holds_workers)
)
registry.add_home_panel(recent_clips, order=15)
registry.add_cohort_panel(cohort_queue, order=20)
