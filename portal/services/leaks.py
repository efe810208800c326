"""Noticing a leak: every request with a key is counted, and above the line that key is frozen.

Counting costs one round trip to Redis. The database is asked only when the score could reach a
line, and written to only when it does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction
from django.utils import translation

from portal import access, keys
from portal.errors import IllegalTransition, NotAllowed
from portal.leaks import window
from portal.leaks.scoring import (
    ALLOWED,
    LOWEST_LINE,
    MOST_ALLOWED,
    NO_ALLOWANCE,
    PERSON_ALLOWANCE,
    WINDOW_SECONDS,
    Facts,
    Verdict,
    allowance_for,
    judge,
    together,
)
from portal.leaks.window import Sighting
from portal.leaks.words import in_words
from portal.models import AccessKey, Cohort, LeakBaseline, LeakPolicy, LeakReport, User
from portal.requests import Address, network_of
from portal.services import access_keys, audit, leak_news, leak_reports
from portal.services.key_use import clean_client, frozen
from portal.states import KeyState

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """Why a key looks leaked; ``of_person`` when all keys of its owner together do."""

    facts: Facts
    verdict: Verdict
    of_person: bool


def watch(
    *,
    key: AccessKey,
    address: Address | None,
    client: str = "",
    page: str = "",
    starts: bool = False,
    now: float | None = None,
) -> None:
    """Count one request with *key*, which was let in; freeze the key if that crosses the line.

    Args:
        page: the host of a web page that is not ours, through which it came; "" for none.
        starts: whether it asks for something to be made.
        now: seconds since 1970.

    Raises:
        KeyFrozen: this request crossed the line, or another one did meanwhile.
    """
    if key.owner_id is None:
        return
    sighting = Sighting(
        network="" if address is None else str(network_of(address)),
        client=clean_client(client),
        page=page,
        starts=starts,
    )
    own, of_person = window.note(
        key=key.pk,
        person=key.owner_id,
        sighting=sighting,
        now=time.time() if now is None else now,
    )
    # Allowances only lower a score, so below the lowest line nothing needs to be asked.
    if judge(own).score < LOWEST_LINE and (
        judge(of_person, PERSON_ALLOWANCE).score < LOWEST_LINE or judge(own).score < LOWEST_LINE / 2
    ):
        return
    policy = policy_of(key.cohort_id)
    baseline = LeakBaseline.objects.filter(person=key.owner_id).first()
    suspicion = suspect(
        own,
        of_person,
        line=policy.line,
        allowance=together(policy.allowance, baseline.allowance if baseline else NO_ALLOWANCE),
    )
    if suspicion is None:
        return
    if policy.is_shadow:
        _report_only(key, suspicion, policy, page)
        return
    _freeze(key, suspicion, policy, page)
    key.refresh_from_db()
    if key.state == KeyState.FROZEN:
        raise frozen(key)


def suspect(
    own: Facts, of_person: Facts, *, line: int, allowance: Mapping[str, int] = NO_ALLOWANCE
) -> Suspicion | None:
    """Whether a key with its *own* facts, of a person with theirs, has crossed *line*.

    What a person's other keys do freezes a key only when it is half-way there by itself: a leak
    costs the key that leaked.
    """
    verdict = judge(own, allowance)
    if verdict.score >= line:
        return Suspicion(facts=own, verdict=verdict, of_person=False)
    if 2 * verdict.score >= line:
        wider = judge(of_person, together(PERSON_ALLOWANCE, allowance))
        if wider.score >= line:
            return Suspicion(facts=of_person, verdict=wider, of_person=True)
    return None


def policy_of(cohort_id: int) -> LeakPolicy:
    """The cohort's policy; one with the defaults, which is not stored, where none was set."""
    found = LeakPolicy.objects.filter(cohort_id=cohort_id).first()
    return found if found is not None else LeakPolicy(cohort_id=cohort_id)


@transaction.atomic
def set_policy(
    *, actor: User, cohort: Cohort, line: int, more_networks: int, is_shadow: bool
) -> LeakPolicy:
    """Say what is a leak in *cohort*, and whether a leaked key is frozen."""
    if not access.admins_of(cohort.pk).filter(pk=actor.pk).exists():
        raise NotAllowed
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    policy = policy_of(cohort.pk)
    before = _terms(policy)
    policy.line, policy.more_networks, policy.is_shadow = line, more_networks, is_shadow
    policy.save()
    audit.record(
        actor=actor,
        action="leak.policy_set",
        target=cohort,
        cohort=cohort,
        before=before,
        after=_terms(policy),
    )
    return policy


@transaction.atomic
def confirm(*, actor: User, key: AccessKey) -> AccessKey:
    """Its owner says that a frozen key was used by nobody but them; as much is ordinary from now.

    Raises:
        NotAllowed: it is somebody else's, or no report of a leak froze it.
        IllegalTransition: it is frozen no more.
    """
    if key.owner_id != actor.pk:
        raise NotAllowed
    locked = AccessKey.objects.select_for_update(no_key=True, of=("self",)).get(pk=key.pk)
    report = access.open_leaks_of(locked).first()
    if report is None:
        raise IllegalTransition if locked.state != KeyState.FROZEN else NotAllowed
    thawed = access_keys.thaw_key(actor=actor, key=locked)
    baseline, _made = LeakBaseline.objects.select_for_update().get_or_create(person=actor)
    before = baseline.allowance
    for name, more in allowance_for(Facts(**report.facts)).items():
        setattr(baseline, name, min(max(getattr(baseline, name), more), MOST_ALLOWED))
    baseline.save(update_fields=list(ALLOWED))
    audit.record(
        actor=actor,
        action="leak.baseline_raised",
        target=locked,
        cohort=thawed.cohort,
        before=before,
        after=baseline.allowance,
    )
    return thawed


def start_afresh(key: AccessKey) -> None:
    """What was seen of *key* before it was frozen or released counts no more, once that is so."""
    owner_id = key.owner_id
    if owner_id is not None:
        transaction.on_commit(lambda: window.forget(key=key.pk, person=owner_id))


def _freeze(key: AccessKey, suspicion: Suspicion, policy: LeakPolicy, page: str) -> None:
    seen = window.seen(key=key.pk)
    with transaction.atomic():
        current = _locked(key)
        if current.state != KeyState.ACTIVE:
            return
        report = _file(current, suspicion, policy, page, seen)
        language = current.owner.language if current.owner is not None else None
        with translation.override(language):
            reason = in_words(report.findings)
        access_keys.freeze_key(actor=None, key=current, reason=reason)
        leak_news.noticed(report, admins=access.admins_of(current.cohort_id))
    log.warning("The key %s looks leaked (%s) and is frozen", key.hint, report.score)


def _report_only(key: AccessKey, suspicion: Suspicion, policy: LeakPolicy, page: str) -> None:
    # While a report is fresh, the requests that follow need not ask whether there is one.
    if not cache.add(f"leaks:told:{key.pk}", 1, timeout=WINDOW_SECONDS):
        return
    seen = window.seen(key=key.pk)
    with transaction.atomic():
        current = _locked(key)
        if current.state != KeyState.ACTIVE or current.leak_reports.filter(
            is_shadow=True, closed_at__isnull=True
        ):
            return
        report = _file(current, suspicion, policy, page, seen)
        leak_news.noticed(report, admins=access.admins_of(current.cohort_id))
    log.warning("The key %s looks leaked (%s); only reported", key.hint, report.score)


def _file(
    key: AccessKey, suspicion: Suspicion, policy: LeakPolicy, page: str, seen: window.Seen
) -> LeakReport:
    return leak_reports.file(
        key=key,
        facts=suspicion.facts,
        verdict=suspicion.verdict,
        line=policy.line,
        of_person=suspicion.of_person,
        seen=seen,
        page=keys.redact(page),
        is_shadow=policy.is_shadow,
    )


def _locked(key: AccessKey) -> AccessKey:
    return (
        AccessKey.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "cohort")
        .get(pk=key.pk)
    )


def _terms(policy: LeakPolicy) -> dict[str, int | bool]:
    return {
        "line": policy.line,
        "more_networks": policy.more_networks,
        "is_shadow": policy.is_shadow,
    }
