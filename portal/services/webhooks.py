"""Webhook endpoints: made, changed, given a new secret, paused, resumed, removed.

A secret is shown once and sealed at rest. Where several are locked, the person or cohort comes
before the endpoint and the endpoint before its deliveries.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access, keys, sealing, signatures, targets
from portal.errors import (
    AgreementNotSigned,
    CohortNotOpen,
    IllegalTransition,
    NameTaken,
    NotAllowed,
    TooManyWebhooks,
    WebhookRefused,
)
from portal.models import Cohort, User, WebhookEndpoint
from portal.models.webhook import LONGEST_NAME
from portal.services import audit
from portal.services.transitions import require_step
from portal.states import (
    ENDPOINT_TRANSITIONS,
    CohortState,
    DeliveryState,
    EndpointState,
    WebhookEvent,
)

PURPOSE = "webhook secret"
MOST_OF_ARTIST = 5
MOST_OF_COHORT = 10
LONGEST_OVERLAP = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class EndpointTerms:
    """What an endpoint is: where it is, and what it is told."""

    name: str
    url: str
    events: Collection[WebhookEvent]


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """An endpoint whose secret was just made, and the only sight of its clear form."""

    row: WebhookEndpoint
    clear: str = field(repr=False)


def create(
    *, actor: User, cohort: Cohort, terms: EndpointTerms, for_programme: bool = False
) -> NewSecret:
    """An endpoint that is told of *actor*'s clips in *cohort*, or ``for_programme`` of everyone's.

    Raises:
        NotAllowed (no member; no admin), CohortNotOpen, AgreementNotSigned, WebhookRefused,
        TargetRefused, NameTaken, TooManyWebhooks
    """
    name, events = _checked(terms)
    targets.find(terms.url)
    with transaction.atomic():
        cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        owner = None if for_programme else actor
        _require_may_make(actor, cohort, owner)
        siblings = _siblings(owner, cohort)
        _require_free_name(siblings, name)
        if siblings.count() >= (MOST_OF_COHORT if owner is None else MOST_OF_ARTIST):
            raise TooManyWebhooks()
        clear = signatures.make_secret()
        row = WebhookEndpoint.objects.create(
            owner=owner,
            cohort=cohort,
            name=name,
            url=terms.url,
            events=events,
            sealed=sealing.seal(clear, purpose=PURPOSE),
        )
        audit.record(
            actor=actor, action="webhook.created", target=row, cohort=cohort, after=_facts(row)
        )
    return NewSecret(row=row, clear=clear)


def change(*, actor: User, endpoint: WebhookEndpoint, terms: EndpointTerms) -> WebhookEndpoint:
    """Another name, address or choice of events; what waits goes to the new address.

    Raises:
        WebhookRefused, TargetRefused, NameTaken, IllegalTransition (it was removed)
    """
    name, events = _checked(terms)
    targets.find(terms.url)
    with transaction.atomic():
        current = _locked(endpoint)
        _require_free_name(_siblings(current.owner, current.cohort).exclude(pk=current.pk), name)
        before = _facts(current)
        current.name, current.url, current.events = name, terms.url, events
        if _facts(current) == before:
            return current
        current.save(update_fields=["name", "url", "events"])
        audit.record(
            actor=actor,
            action="webhook.changed",
            target=current,
            cohort=current.cohort,
            before=before,
            after=_facts(current),
        )
    return current


@transaction.atomic
def rotate_secret(
    *, actor: User, endpoint: WebhookEndpoint, overlap: timedelta, now: datetime | None = None
) -> NewSecret:
    """A new secret; the old one signs too for *overlap* (0 to 7 days), an older one no more.

    Raises:
        WebhookRefused, IllegalTransition (it was removed)
    """
    now = now or timezone.now()
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise WebhookRefused(_("The old secret can sign for seven days at most."), field="overlap")
    current = _locked(endpoint)
    clear = signatures.make_secret()
    current.sealed_old = current.sealed if overlap else ""
    current.overlap_ends_at = now + overlap if overlap else None
    current.sealed = sealing.seal(clear, purpose=PURPOSE)
    current.save(update_fields=["sealed", "sealed_old", "overlap_ends_at"])
    audit.record(
        actor=actor,
        action="webhook.rotated",
        target=current,
        cohort=current.cohort,
        after={"name": current.name, "old_signs_until": current.overlap_ends_at},
    )
    return NewSecret(row=current, clear=clear)


@transaction.atomic
def pause(*, actor: User, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    return _step(actor, endpoint, EndpointState.PAUSED, "webhook.paused")


@transaction.atomic
def resume(*, actor: User, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Send again, what waited first; each event gets its whole time anew."""
    current = _step(actor, endpoint, EndpointState.ACTIVE, "webhook.resumed")
    current.deliveries.filter(state=DeliveryState.WAITING).update(
        next_try_at=timezone.now(), first_try_at=None, tries=0
    )
    return current


@transaction.atomic
def remove(*, actor: User, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Forget the secret and what waits; the rest of its log goes with age."""
    current = _locked(endpoint)
    current.sealed = current.sealed_old = ""
    current.overlap_ends_at = None
    current.removed_at = timezone.now()
    _move(actor, current, EndpointState.REMOVED, "webhook.removed")
    current.deliveries.filter(state=DeliveryState.WAITING).delete()
    return current


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign at *now*, the newest first.

    Raises:
        sealing.Unreadable: the installation's secret key has changed.
    """
    sealed = [endpoint.sealed]
    if endpoint.is_overlapping(now):
        sealed.append(endpoint.sealed_old)
    return [sealing.unseal(each, purpose=PURPOSE) for each in sealed]


def forget_old_secrets(now: datetime | None = None) -> int:
    """Drop secrets whose overlap is over; answers how many."""
    return WebhookEndpoint.objects.filter(overlap_ends_at__lte=now or timezone.now()).update(
        sealed_old="", overlap_ends_at=None
    )


def move(
    endpoint: WebhookEndpoint, state: EndpointState, action: str, *, actor: User | None, reason: str
) -> None:
    """Let a locked *endpoint* take one step, and say so in the audit log."""
    before = endpoint.state
    require_step(ENDPOINT_TRANSITIONS, EndpointState(before), state)
    endpoint.state = state
    endpoint.save(
        update_fields=[
            *("state", "failing_since", "removed_at"),
            *("sealed", "sealed_old", "overlap_ends_at"),
        ]
    )
    audit.record(
        actor=actor,
        action=action,
        target=endpoint,
        cohort=endpoint.cohort,
        before={"state": before},
        after={"state": state, "name": endpoint.name},
        reason=reason,
    )


def _step(
    actor: User, endpoint: WebhookEndpoint, state: EndpointState, action: str
) -> WebhookEndpoint:
    current = _locked(endpoint)
    _move(actor, current, state, action)
    return current


def _move(actor: User, current: WebhookEndpoint, state: EndpointState, action: str) -> None:
    current.failing_since = None
    move(current, state, action, actor=actor, reason="")


def _locked(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    current = (
        WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "cohort")
        .get(pk=endpoint.pk)
    )
    if current.state == EndpointState.REMOVED:
        raise IllegalTransition()
    return current


def _checked(terms: EndpointTerms) -> tuple[str, list[str]]:
    name = keys.redact(terms.name).strip()
    if not name or len(name) > LONGEST_NAME:
        raise WebhookRefused(_("Give it a name of at most 60 characters."), field="name")
    if not terms.events:
        raise WebhookRefused(_("Choose at least one event."), field="events")
    if keys.redact(terms.url) != terms.url:
        raise WebhookRefused(_("Leave access keys out of the address."), field="url")
    chosen = set(terms.events)
    return name, [event.value for event in WebhookEvent if event in chosen]


def _require_may_make(actor: User, cohort: Cohort, owner: User | None) -> None:
    if owner is None:
        if not access.admins_of(cohort.pk).filter(pk=actor.pk).exists():
            raise NotAllowed()
        if cohort.state == CohortState.CLOSED:
            raise CohortNotOpen()
        return
    if not access.is_member(owner, cohort):
        raise NotAllowed()
    if cohort.state != CohortState.OPEN:
        raise CohortNotOpen()
    if access.owes_signature(owner, cohort):
        raise AgreementNotSigned()
    # Two requests of one person count one after the other, whatever cohorts they are about.
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)


def _siblings(owner: User | None, cohort: Cohort) -> QuerySet[WebhookEndpoint]:
    """The endpoints of the same artist, or of the same cohort's programme."""
    live = WebhookEndpoint.objects.exclude(state=EndpointState.REMOVED)
    return live.filter(owner=None, cohort=cohort) if owner is None else live.filter(owner=owner)


def _require_free_name(siblings: QuerySet[WebhookEndpoint], name: str) -> None:
    if name.casefold() in {known.casefold() for known in siblings.values_list("name", flat=True)}:
        raise NameTaken(field="name")


def _facts(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """What the log says of it. The query of an address may be somebody's password."""
    return {
        "name": endpoint.name,
        "url": endpoint.url.partition("?")[0],
        "events": endpoint.events,
    }
