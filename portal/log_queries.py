"""Reads of the log. No page counts it: it only grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from portal import access, registry
from portal.models import AuditEntry, AuditSeal, Cohort, User
from portal.prepared import prepared

# One step of the index for each value there is, however many entries have it.
_EACH = """
    WITH RECURSIVE known(name) AS (
        (SELECT {column} FROM portal_auditentry ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (
            SELECT {column} FROM portal_auditentry WHERE {column} > known.name
            ORDER BY {column} LIMIT 1
        )
        FROM known WHERE known.name IS NOT NULL
    )
    SELECT name FROM known WHERE name IS NOT NULL
"""
_ACTIONS, _TYPES = (_EACH.format(column=column) for column in ("action", "target_type"))


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """What of the log to show; an empty field filters nothing.

    Attributes:
        since, until: days in the programme's time zone, both included.
        thing: ``"portal.user 7"``, or the id alone.
        reason: words that stand in the reason.
        before: the id a page starts below.
    """

    action: str = ""
    actor: User | None = None
    cohort: Cohort | None = None
    since: date | None = None
    until: date | None = None
    thing: str = ""
    request_id: str = ""
    reason: str = ""
    before: int | None = None


def audit_entries(viewer: User, chosen: AuditFilter) -> QuerySet[AuditEntry]:
    """Log entries *viewer* may read, newest first, with their seals at hand."""
    found = access.audit_visible_to(viewer).select_related("actor", "cohort", "seal")
    if chosen.action:
        found = found.filter(action=chosen.action)
    if chosen.actor is not None:
        found = found.filter(actor=chosen.actor)
    if chosen.cohort is not None:
        found = found.filter(cohort=chosen.cohort)
    if chosen.since is not None:
        found = found.filter(at__gte=_begin(chosen.since))
    if chosen.until is not None:
        found = found.filter(at__lt=_begin(chosen.until + timedelta(days=1)))
    if chosen.thing:
        *types, id_ = chosen.thing.split()[-2:]
        found = found.filter(target_type__in=types or target_types(), target_id=id_)
    if chosen.request_id:
        found = found.filter(request_id=chosen.request_id)
    if chosen.reason:
        found = found.filter(reason__icontains=chosen.reason)
    if chosen.before is not None:
        found = found.filter(pk__lt=chosen.before)
    return found.order_by("-id")


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def audit_actions() -> list[str]:
    """Every action in the log, for the filter."""
    return [name for (name,) in prepared(_ACTIONS, {})]


def target_types() -> list[str]:
    """Every kind of thing the log tells of."""
    return [name for (name,) in prepared(_TYPES, {})]


def last_seal() -> AuditSeal | None:
    """The end of the chain, with its entry."""
    return AuditSeal.objects.select_related("entry").order_by("-seq").first()


def own_entries(person: User, *, most: int, before: int | None = None) -> list[AuditEntry]:
    """What *person* did, and what was done to what is theirs: the newest *most* below *before*."""
    newest = [_newest(AuditEntry.objects.filter(actor=person), most, before)]
    for label, lookups in registry.theirs().items():
        whose = Q()
        for lookup in lookups:
            whose |= Q(**{lookup: person.pk})
        ids = (
            apps.get_model(label)
            ._base_manager.filter(whose)
            .annotate(as_text=Cast("pk", models.CharField()))
            .values("as_text")
        )
        of_kind = AuditEntry.objects.filter(target_type=label, target_id__in=ids)
        newest.append(_newest(of_kind, most, before))
    first, *others = newest
    ids_ = list(first.union(*others).order_by("-id")[:most])
    found = AuditEntry.objects.filter(pk__in=ids_).select_related("cohort", "seal")
    return list(found.order_by("-id"))


def each_own_entry(person: User, *, before: int, at_once: int = 500) -> Iterator[list[AuditEntry]]:
    """All of ``own_entries`` below *before*, in lists of at most *at_once*."""
    while entries := own_entries(person, most=at_once, before=before):
        yield entries
        before = entries[-1].pk


def _newest(
    found: QuerySet[AuditEntry], most: int, before: int | None
) -> QuerySet[AuditEntry, int]:
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-id").values_list("id", flat=True)[:most]
