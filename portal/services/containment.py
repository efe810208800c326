"""Shutting a part of the programme for a while, and opening it again.

What holds is read from PostgreSQL, by each request and each claim: there is no copy of it that
could be old or lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal import access, registry
from portal.containment import (
    Effect,
    Subject,
    Target,
    closes_key,
    closes_links,
    concerns,
    first_of,
    stops_making,
)
from portal.containment_errors import (
    Contained,
    ContainmentIncomplete,
    ContainmentSilent,
    ContainmentTimes,
    ContainmentUnexplained,
    ContainsOneself,
)
from portal.errors import IllegalTransition, NotAllowed
from portal.models import AccessKey, Cohort, Containment, User
from portal.models.containment import LONGEST, LONGEST_REASON, LONGEST_WORDS
from portal.prepared import prepared_rows
from portal.registry import Touched
from portal.services import audit
from portal.signals import contained, containment_ended
from portal.states import CLOSES_KEYS, OF_ALL, KeyKind, KeyState, Stage

if TYPE_CHECKING:
    from django.db.models import QuerySet

# How many people a preview names.
NAMED = 20

_LIVE = """
SELECT * FROM portal_containment
WHERE ended_at IS NULL AND until > statement_timestamp() ORDER BY id
"""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Who and what a containment would touch now."""

    people: Touched
    things: list[Touched]


def live() -> list[Containment]:
    """Those that hold at this moment, the oldest first."""
    return prepared_rows(Containment, _LIVE, {})


def require_making(subject: Subject) -> None:
    """Raises Contained when *subject* may not have a clip made now."""
    _require(stops_making, subject)


def require_key(subject: Subject) -> None:
    """Raises Contained when the subject's access key opens nothing now."""
    _require(closes_key, subject)


def require_sharing(subject: Subject) -> None:
    """Raises Contained when no share link of the subject's clips may be opened now."""
    _require(closes_links, subject)


def links_closed(subject: Subject) -> bool:
    return first_of(live(), closes_links, subject) is not None


def notices_for(user: User) -> list[Containment]:
    """What *user* is touched by, as an artist. One query while nothing is contained."""
    holding = live()
    if not holding:
        return []
    # Who has left has links and keys there still.
    cohorts = {cohort.pk: cohort for cohort in Cohort.objects.filter(memberships__user=user)}
    models = {key for cohort in cohorts.values() for key in cohort.models_on_offer}
    keys = set(access.keys_of(user).values_list("pk", flat=True))
    return [
        found
        for found in holding
        if concerns(found.target, person_id=user.pk, cohorts=set(cohorts), models=models, keys=keys)
    ]


def preview(*, target: Target) -> Preview:
    """Raises:
    ContainmentIncomplete
    """
    if not target.is_whole:
        raise ContainmentIncomplete
    people = artists_of(target)
    things = list(registry.containment_reach(target))
    if target.stage in CLOSES_KEYS:
        keys = _keys_of(target)
        things.insert(
            0,
            Touched(
                key="keys",
                label=_("Access keys that stop"),
                count=keys.count(),
                names=[str(key) for key in keys[:NAMED]],
            ),
        )
    return Preview(
        people=Touched(
            key="people",
            label=_("People"),
            count=people.count(),
            names=[person.name for person in people[:NAMED]],
        ),
        things=things,
    )


def contain(
    *,
    actor: User,
    target: Target,
    until: datetime,
    reason: str,
    words_en: str = "",
    words_fr: str = "",
) -> Containment:
    """Shut what *target* names, from the next request on, until *until* or until it is undone.

    Raises:
        ContainmentIncomplete: the stage and what it names do not fit, or there is no such thing.
        NotAllowed, ContainsOneself, ContainmentTimes, ContainmentUnexplained, ContainmentSilent
    """
    _require_whole(target)
    if not access.may_contain(actor, target):
        raise NotAllowed
    if _is_oneself(actor, target):
        raise ContainsOneself
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise ContainmentTimes(field="until")
    why = _one_line(reason, LONGEST_REASON)
    if not why:
        raise ContainmentUnexplained(field="reason")
    english, french = _one_line(words_en, LONGEST_WORDS), _one_line(words_fr, LONGEST_WORDS)
    if not english and not french:
        raise ContainmentSilent(field="words_en")
    with transaction.atomic():
        made = Containment.objects.create(
            stage=target.stage,
            key_id=target.key_id,
            person_id=target.person_id,
            cohort_id=target.cohort_id,
            model_key=target.model_key,
            reason=why,
            words_en=english,
            words_fr=french,
            by=actor,
            until=until,
        )
        made.refresh_from_db(fields=["at"])
        audit.record(
            actor=actor,
            action="containment.began",
            target=made,
            cohort=_cohort_of(made),
            after=_facts(made),
            reason=why,
        )
        contained.send(sender=Containment, containment=made)
    return made


def lift(*, actor: User, containment: Containment) -> Containment:
    """Undo *containment*; others that touch the same stay.

    Raises:
        NotAllowed
        IllegalTransition: it has ended already.
    """
    if not access.may_contain(actor, containment.target):
        raise NotAllowed
    with transaction.atomic():
        locked = _locked(containment.pk)
        if locked.ended_at is not None or locked.until <= timezone.now():
            raise IllegalTransition
        _end(locked, actor)
    return locked


def end_due() -> int:
    """Note those whose time is over as ended; they hold nothing since. Answers how many."""
    ended = 0
    for pk in Containment.objects.due().values_list("pk", flat=True):
        with transaction.atomic():
            locked = _locked(pk)
            if locked.ended_at is None:
                _end(locked, None)
                ended += 1
    return ended


def _end(locked: Containment, actor: User | None) -> None:
    locked.ended_at = Now()
    locked.ended_by = actor
    locked.save(update_fields=["ended_at", "ended_by"])
    locked.refresh_from_db(fields=["ended_at"])
    audit.record(
        actor=actor,
        action="containment.lifted" if actor is not None else "containment.expired",
        target=locked,
        cohort=_cohort_of(locked),
        before=_facts(locked),
        after={"ended_at": locked.ended_at},
    )
    containment_ended.send(sender=Containment, containment=locked)


def _locked(pk: int) -> Containment:
    return (
        Containment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("key__cohort", "person", "cohort")
        .get(pk=pk)
    )


def _require(effect: Effect, subject: Subject) -> None:
    found = first_of(live(), effect, subject)
    if found is not None:
        told = _("%(words)s (Until %(until)s at the latest.)") % {
            "words": found.words,
            "until": date_format(timezone.localtime(found.until), "SHORT_DATETIME_FORMAT"),
        }
        raise Contained(told, until=found.until)


def _require_whole(target: Target) -> None:
    """Exactly what the stage names, and it exists."""
    known = {key for key, _title in registry.model_choices()}
    if (
        not target.is_whole
        or (target.key_id is not None and not _person_keys().filter(pk=target.key_id).exists())
        or (target.person_id is not None and not User.objects.filter(pk=target.person_id).exists())
        or (
            target.cohort_id is not None and not Cohort.objects.filter(pk=target.cohort_id).exists()
        )
        or (target.stage == Stage.MODEL and target.model_key not in known)
    ):
        raise ContainmentIncomplete


def _is_oneself(actor: User, target: Target) -> bool:
    if target.stage == Stage.KEY:
        return AccessKey.objects.filter(Q(pk=target.key_id), owner=actor).exists()
    return target.stage == Stage.PERSON and target.person_id == actor.pk


def artists_of(target: Target) -> QuerySet[User]:
    """Whom a containment of *target* touches, by name."""
    artists = User.objects.filter(memberships__isnull=False)
    match target.stage:
        case Stage.KEY:
            artists = User.objects.filter(access_keys=target.key_id)
        case Stage.PERSON:
            artists = User.objects.filter(Q(pk=target.person_id))
        case Stage.COHORT:
            artists = User.objects.filter(memberships__cohort=target.cohort_id)
        case Stage.MODEL:
            artists = User.objects.filter(
                memberships__cohort__models_on_offer__contains=[target.model_key]
            )
        case Stage.SHARING | Stage.GENERATION | Stage.EVERYTHING:
            pass
    return artists.distinct().order_by("name", "pk")


def _keys_of(target: Target) -> QuerySet[AccessKey]:
    """Those that work now and would not."""
    now = timezone.now()
    keys = _person_keys().filter(
        Q(overlap_ends_at__isnull=True) | Q(overlap_ends_at__gt=now),
        state=KeyState.ACTIVE,
        expires_at__gt=now,
    )
    if target.stage in OF_ALL:
        return keys
    match target.stage:
        case Stage.KEY:
            return keys.filter(Q(pk=target.key_id))
        case Stage.PERSON:
            return keys.filter(owner=target.person_id)
        case _:
            return keys.filter(cohort=target.cohort_id)


def _person_keys() -> QuerySet[AccessKey]:
    return AccessKey.objects.filter(kind=KeyKind.PERSON)


def _cohort_of(containment: Containment) -> Cohort | None:
    """Whose admins read of it in the log."""
    return containment.key.cohort if containment.key is not None else containment.cohort


def _facts(containment: Containment) -> dict[str, object]:
    return {
        "stage": containment.stage,
        "name": str(containment),
        "until": containment.until,
        "words_en": containment.words_en,
        "words_fr": containment.words_fr,
    }


def _one_line(text: str, most: int) -> str:
    return " ".join(text.replace("\x00", "").split())[:most]
