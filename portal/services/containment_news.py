"""What those touched by a containment are told: that it holds, and that it no longer does.

Nobody hears of one that is undone within a minute; who heard that it began hears that it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal import registry
from portal.models import Containment, ContainmentNotice
from portal.services.containment import artists_of
from portal.services.notify import notify
from portal.states import HEADINGS, Stage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import User

QUIET = timedelta(minutes=1)
# An undo waits for the batch under way, so a batch is short.
BATCH = 25

CLOSED: Mapping[Stage, Any] = {
    Stage.KEY: _("the access key “%(name)s” and the clips that were asked for with it"),
    Stage.PERSON: _("your access keys, making clips, and your share links"),
    Stage.COHORT: _("access keys, making clips and share links in %(name)s"),
    Stage.MODEL: _("making clips with %(name)s"),
    Stage.SHARING: _("every share link"),
    Stage.GENERATION: _("making clips"),
    Stage.EVERYTHING: _("access keys, making clips, and share links"),
}
OPEN: Mapping[Stage, Any] = {
    Stage.KEY: _("your other keys, the studio, your clips, share links, pay and exports"),
    Stage.PERSON: _("signing in, your clips, reviews, pay and exports"),
    Stage.COHORT: _("signing in, your clips, reviews, pay and exports"),
    Stage.MODEL: _("the other models, your access keys, clips, share links, pay and exports"),
    Stage.SHARING: _("making clips, your access keys, your clips, pay and exports"),
    Stage.GENERATION: _("your clips, reading with your access keys, share links, pay and exports"),
    Stage.EVERYTHING: _("signing in, your clips, reviews, pay and exports"),
}
OVER: Mapping[Stage, Any] = {
    Stage.KEY: _("The access key %(name)s is no longer stopped"),
    Stage.PERSON: _("You can make and share clips again"),
    Stage.COHORT: _("Clips can be made and shared again in %(name)s"),
    Stage.MODEL: _("Clips are made with %(name)s again"),
    Stage.SHARING: _("Shared pages are open again"),
    Stage.GENERATION: _("Clips are made again"),
    Stage.EVERYTHING: _("Clips are made and shared again"),
}


def tell_due(*, quiet: timedelta = QUIET) -> int:
    """Tell whoever has not been told yet; answers how many notices that were.

    Args:
        quiet: how long a containment has held before anybody is told.
    """
    told = 0
    holding = Containment.objects.live().filter(at__lte=Now() - quiet)
    for pk in holding.values_list("pk", flat=True):
        while count := _tell_began(pk):
            told += count
    waiting = ContainmentNotice.objects.filter(ended_at__isnull=True)
    ended = Containment.objects.filter(pk__in=waiting.values("containment"), ended_at__isnull=False)
    for pk in ended.values_list("pk", flat=True):
        while count := _tell_ended(pk):
            told += count
    return told


@transaction.atomic
def _tell_began(pk: int) -> int:
    """Tell the next few; its undo waits meanwhile, so nobody hears of one that is over."""
    shut = _with_names().select_for_update(no_key=True, of=("self",)).get(pk=pk)
    if not shut.is_live:
        return 0
    known = ContainmentNotice.objects.filter(containment=shut, person=OuterRef("pk"))
    people = artists_of(shut.target).filter(~Exists(known), is_active=True)
    # Who did it knows.
    reading = list(people.exclude(pk=shut.by_id)[:BATCH])
    ContainmentNotice.objects.bulk_create(
        ContainmentNotice(containment=shut, person=person) for person in reading
    )
    for person in reading:
        notify(
            user=person,
            kind="containment.began",
            title=HEADINGS[Stage(shut.stage)],
            text=_(
                "%(words)s\n\nClosed for now: %(closed)s.\nStill open: %(open)s.\n\n"
                "Until %(until)s at the latest. What waits goes on by itself then, in its place."
            ),
            params=_words(shut, person),
            url="/home/",
        )
    return len(reading)


@transaction.atomic
def _tell_ended(pk: int) -> int:
    shut = _with_names().get(pk=pk)
    notices = list(
        ContainmentNotice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(containment=shut, ended_at__isnull=True)
        .select_related("person")
        .order_by("pk")[:BATCH]
    )
    ContainmentNotice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
        ended_at=Now()
    )
    still = _still_closed({notice.person_id for notice in notices})
    for notice in notices:
        person = notice.person
        if not person.is_active:
            continue
        other = still.get(person.pk)
        if other is None:
            title = OVER[Stage(shut.stage)]
            text = _(
                "Open again since %(ended)s: %(closed)s.\n\nWhat waited goes on where it stood, "
                "and share links lead to the same pages as before. There is nothing you need to do."
            )
        else:
            title = _("A part of what was stopped is open again")
            text = _(
                "Since %(ended)s this is no longer stopped: %(closed)s.\n\nSomething else still "
                "holds, until %(other_until)s at the latest: %(other_closed)s.\n\n%(other_words)s"
            )
        notify(
            user=person,
            kind="containment.ended",
            title=title,
            text=text,
            params=_words(shut, person) | _words(other, person, prefix="other_"),
            url="/home/",
        )
    return len(notices)


def _with_names() -> QuerySet[Containment]:
    return Containment.objects.select_related("key", "person", "cohort")


def _still_closed(people: set[int]) -> dict[int, Containment]:
    """By person, the oldest containment that still touches them."""
    found: dict[int, Containment] = {}
    for shut in Containment.objects.live().select_related("key", "person", "cohort"):
        touched = artists_of(shut.target).filter(pk__in=people)
        for pk in touched.values_list("pk", flat=True):
            found.setdefault(pk, shut)
    return found


def _words(shut: Containment | None, person: User, *, prefix: str = "") -> dict[str, str]:
    """What fills the texts, in the language of *person*."""
    if shut is None:
        return {}
    stage = Stage(shut.stage)
    with translation.override(person.language):
        name = {"name": _name(shut)}
        values = {
            **name,
            "words": shut.words,
            "closed": str(CLOSED[stage]) % name,
            "open": str(OPEN[stage]),
            "until": _moment(shut.until),
            "ended": _moment(shut.ended_at) if shut.ended_at else "",
        }
    return {f"{prefix}{key}": value for key, value in values.items()}


def _name(shut: Containment) -> str:
    if shut.model_key:
        return dict(registry.model_choices()).get(shut.model_key, shut.model_key)
    return str(shut)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
