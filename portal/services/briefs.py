"""Briefs: what a cohort's artists are asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import CohortNotOpen, IllegalTransition
from portal.models import Brief, Cohort, Membership, User
from portal.services import audit
from portal.services.notify import notify
from portal.states import CohortState


@transaction.atomic
def create_brief(
    *, actor: User, cohort: Cohort, title: str, text: str, due_on: date, takes_wanted: int = 1
) -> Brief:
    """Ask a cohort's artists for something, and tell them.

    Raises:
        CohortNotOpen: a closed cohort is asked for nothing more.
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if cohort.state == CohortState.CLOSED:
        raise CohortNotOpen()
    brief = Brief.objects.create(
        cohort=cohort,
        title=title.strip(),
        text=text.strip(),
        due_on=due_on,
        takes_wanted=takes_wanted,
    )
    audit.record(
        actor=actor, action="brief.created", target=brief, cohort=cohort, after=_facts(brief)
    )
    for membership in Membership.objects.live().filter(cohort=cohort).select_related("user"):
        notify(
            user=membership.user,
            kind="brief.created",
            title=_("A new brief: %(brief)s"),
            text="%(text)s",
            params={"brief": brief.title, "text": brief.text},
            url="/home/",
        )
    return brief


@transaction.atomic
def update_brief(
    *, actor: User, brief: Brief, title: str, text: str, due_on: date, takes_wanted: int
) -> Brief:
    """Change what is asked."""
    current = (
        Brief.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .get(pk=brief.pk)
    )
    before = _facts(current)
    current.title, current.text = title.strip(), text.strip()
    current.due_on, current.takes_wanted = due_on, takes_wanted
    after = _facts(current)
    changed = {field for field in after if after[field] != before[field]}
    if changed:
        current.save(update_fields=sorted(changed))
        audit.record(
            actor=actor,
            action="brief.updated",
            target=current,
            cohort=current.cohort,
            before={field: before[field] for field in changed},
            after={field: after[field] for field in changed},
        )
    return current


@transaction.atomic
def set_open(*, actor: User, brief: Brief, is_open: bool) -> Brief:
    """Close a brief for new clips, or open it again.

    Raises:
        IllegalTransition: it already is.
    """
    current = (
        Brief.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .get(pk=brief.pk)
    )
    if current.is_open == is_open:
        raise IllegalTransition()
    current.is_open = is_open
    current.save(update_fields=["is_open"])
    audit.record(
        actor=actor,
        action="brief.reopened" if is_open else "brief.closed",
        target=current,
        cohort=current.cohort,
        after={"title": current.title},
    )
    return current


def _facts(brief: Brief) -> dict[str, Any]:
    return {
        "title": brief.title,
        "text": brief.text,
        "due_on": brief.due_on.isoformat(),
        "takes_wanted": brief.takes_wanted,
    }
