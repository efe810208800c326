"""What review adds to pages of the lower floors."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal import registry
from portal.clip_panels import add_clip_panel
from portal.models import Cohort, User
from portal.numbers import tally
from review import access, queries
from review.facts import facts_of
from review.models import Review
from review.note_pages import clip_panel
from review.states import ReviewState

registry.add_nav(
    registry.NavItem(
        label=_("Review"),
        url_name="review:queue",
        icon="gavel",
        order=30,
        visible=access.sees_desk,
        badge=lambda user: tally(queries.waiting_count(user)) if access.decides(user) else "",
    )
)
registry.add_clip_facts(facts_of)
add_clip_panel(clip_panel)
registry.add_theirs(
    {
        "review.appeal": ("artist",),
        "review.download": ("person",),
        "review.framenote": ("author",),
        "review.message": ("author",),
        "review.conflict": ("person",),
        "review.review": ("artist",),
        "review.savedfilter": ("person",),
        "review.sharelink": ("clip__artist",),
        "review.signing": ("decision__artist",),
    }
)
registry.add_actions(
    {
        "review.submitted": _("submitted a clip for release"),
        "review.withdrawn": _("took a clip back from review"),
        "review.claimed": _("opened a clip for review"),
        "review.claim_released": _("gave a clip back to the queue"),
        "review.approved": _("approved a clip"),
        "review.approved_first": _("approved, as the first of two, a clip"),
        "review.opinions_differ": _("refused, after another’s approval, a clip"),
        "review.passed_on": _("passed a clip on to a colleague"),
        "review.verdict_said": _("gave a verdict, which can be undone for some seconds, on a clip"),
        "review.verdict_undone": _("undid a verdict on a clip"),
        "review.verdict_failed": _("could not let a verdict take effect on a clip"),
        "review.changes": _("asked for changes to a clip"),
        "review.declined": _("declined a clip"),
        "review.revoked": _("withdrew an approval"),
        "review.note_written": _("pinned a note to a frame"),
        "review.note_answered": _("answered a note on a frame"),
        "review.note_resolved": _("marked a note on a frame as resolved"),
        "review.note_reopened": _("opened a note on a frame again"),
        "review.escalated": _("told the team that a review is overdue"),
        "appeal.submitted": _("appealed a decision"),
        "appeal.withdrawn": _("withdrew an appeal"),
        "appeal.upheld": _("decided an appeal: the decision stands"),
        "appeal.overturned": _("decided an appeal: the clip is released"),
        "appeal.escalated": _("told the team that an appeal is overdue"),
        "review.clock_set": _("set the clock of the reviews"),
        "review.reminded": _("reminded the team of clips that wait"),
        "message.sent": _("wrote about a clip"),
        "review.conflict_declared": _("declared a conflict of interest"),
        "review.conflict_ended": _("ended a conflict of interest"),
        "review.filter_saved": _("saved a filter of the review queue"),
        "review.filter_default": _("chose what the review queue opens with"),
        "review.filter_removed": _("removed a filter of the review queue"),
        "sharelink.created": _("made a share link"),
        "sharelink.revoked": _("closed a share link"),
        "master.downloaded": _("downloaded a master"),
        "master.signed": _("wrote the content credential of a clip"),
    }
)


def queue_at_a_glance(request: HttpRequest) -> registry.Panel | None:
    """Staff: how much waits, and what is due first."""
    user = request.user
    if not isinstance(user, User) or not access.sees_desk(user):
        return None
    reviews = access.visible_to(user)
    first = queries.with_rows(queries.in_tab(reviews, "waiting", user))[:4]
    return registry.Panel(
        template="review/panels/home_staff.html",
        context={"counts": queries.tab_counts(reviews, user), "first": list(first)},
    )


def decisions_at_a_glance(request: HttpRequest) -> registry.Panel | None:
    """Artists: what waits and what was decided lately."""
    user = request.user
    if not isinstance(user, User) or not user.memberships.exists():
        return None
    newest = (
        queries.with_rows(Review.objects.filter(artist=user, clip__deleted_at__isnull=True))
        .exclude(state=ReviewState.WITHDRAWN)
        .order_by("-id")[:4]
    )
    return registry.Panel(template="review/panels/home_artist.html", context={"reviews": newest})


def cohort_queue(request: HttpRequest, cohort: Cohort) -> registry.Panel | None:
    """Admins: how the cohort's queue is doing."""
    return registry.Panel(
        template="review/panels/cohort.html",
        context={"stats": queries.stats_of(cohort), "cohort": cohort},
    )


def pages_shared(person: User) -> registry.Panel | None:
    """Artists, beside their consents: what only closing a link ends."""
    links = list(access.open_links_of(person))
    if not links:
        return None
    return registry.Panel(template="review/panels/open_links.html", context={"links": links})


registry.add_consent_panel(pages_shared)
registry.add_home_panel(queue_at_a_glance, order=20)
registry.add_home_panel(decisions_at_a_glance, order=30)
registry.add_cohort_panel(cohort_queue, order=20)
