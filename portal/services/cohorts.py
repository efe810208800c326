"""Cohorts: made, changed, paused and closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from portal import queries
from portal.errors import CurrencyFixed, IllegalTransition, NameTaken, SeatsTaken
from portal.member_errors import NotLater
from portal.models import Agreement, Cohort, User
from portal.services import audit, cohort_news
from portal.services.transitions import require_step
from portal.signals import cohort_closed, cohort_paused, cohort_reopened
from portal.states import COHORT_TRANSITIONS, CohortState, Feature, ReviewMode


@transaction.atomic
def create_cohort(
    *,
    actor: User,
    name: str,
    starts_on: date,
    ends_on: date,
    agreement: Agreement,
    models_on_offer: Sequence[str],
    seats: int = 50,
    gpu_seconds_per_artist_week: int | None = None,
    gpu_seconds_per_artist: int | None = 36_000,
    gpu_seconds_of_cohort_week: int | None = None,
    gpu_seconds_of_cohort: int | None = None,
    clips_running_per_artist: int | None = 2,
    clips_waiting_per_artist: int | None = 40,
    review_mode: ReviewMode = ReviewMode.ON_SUBMIT,
    review_hours: int = 48,
    appeal_hours: int = 72,
    approvals_needed: int = 1,
    features_off: Collection[Feature] = (),
    currency: str = "EUR",
) -> Cohort:
    """Open a cohort; its address on the site is made of its name and never changes.

    Raises:
        NameTaken
    """
    cohort = Cohort(
        name=name.strip(),
        slug=_free_slug(name),
        starts_on=starts_on,
        ends_on=ends_on,
        agreement=agreement,
        models_on_offer=list(models_on_offer),
        seats=seats,
        gpu_seconds_per_artist_week=gpu_seconds_per_artist_week,
        gpu_seconds_per_artist=gpu_seconds_per_artist,
        gpu_seconds_of_cohort_week=gpu_seconds_of_cohort_week,
        gpu_seconds_of_cohort=gpu_seconds_of_cohort,
        clips_running_per_artist=clips_running_per_artist,
        clips_waiting_per_artist=clips_waiting_per_artist,
        review_mode=review_mode,
        review_hours=review_hours,
        appeal_hours=appeal_hours,
        approvals_needed=approvals_needed,
        features_off=sorted(features_off),
        currency=currency,
    )
    _save_named(cohort)
    audit.record(
        actor=actor, action="cohort.created", target=cohort, cohort=cohort, after=_facts(cohort)
    )
    return cohort


@transaction.atomic
def update_cohort(
    *,
    actor: User,
    cohort: Cohort,
    name: str,
    starts_on: date,
    ends_on: date,
    agreement: Agreement,
    models_on_offer: Sequence[str],
    seats: int,
    gpu_seconds_per_artist_week: int | None,
    gpu_seconds_per_artist: int | None,
    gpu_seconds_of_cohort_week: int | None,
    gpu_seconds_of_cohort: int | None,
    clips_running_per_artist: int | None,
    clips_waiting_per_artist: int | None,
    review_mode: ReviewMode,
    review_hours: int,
    appeal_hours: int,
    approvals_needed: int,
    features_off: Collection[Feature],
    currency: str,
) -> Cohort:
    """Change the terms of a cohort that is not closed; artists are told of another last day.

    A review that waits keeps the number of approvals it began with.

    Raises:
        IllegalTransition: it is closed.
        SeatsTaken, CurrencyFixed, NameTaken
    """
    current = (
        Cohort.objects.select_for_update(no_key=True, of=("self",))
        .select_related("agreement")
        .get(pk=cohort.pk)
    )
    if current.state == CohortState.CLOSED:
        raise IllegalTransition()
    if seats < queries.seats_taken(current):
        raise SeatsTaken(field="seats")
    # Who has left may still be owed.
    if currency != current.currency and current.memberships.exists():
        raise CurrencyFixed(field="currency")
    before, last_day = _facts(current), current.ends_on
    current.name = name.strip()
    current.starts_on, current.ends_on = starts_on, ends_on
    current.agreement = agreement
    current.models_on_offer = list(models_on_offer)
    current.seats = seats
    current.gpu_seconds_per_artist_week = gpu_seconds_per_artist_week
    current.gpu_seconds_per_artist = gpu_seconds_per_artist
    current.gpu_seconds_of_cohort_week = gpu_seconds_of_cohort_week
    current.gpu_seconds_of_cohort = gpu_seconds_of_cohort
    current.clips_running_per_artist = clips_running_per_artist
    current.clips_waiting_per_artist = clips_waiting_per_artist
    current.review_mode, current.review_hours = review_mode, review_hours
    current.appeal_hours = appeal_hours
    current.approvals_needed = approvals_needed
    current.features_off = sorted(features_off)
    current.currency = currency
    after = _facts(current)
    changed = {field for field in after if after[field] != before[field]}
    if not changed:
        return current
    _save_named(current, update_fields=sorted(changed))
    audit.record(
        actor=actor,
        action="cohort.updated",
        target=current,
        cohort=current,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
    )
    if ends_on != last_day:
        cohort_news.end_moved(current, last_day)
    return current


@transaction.atomic
def change_state(*, actor: User, cohort: Cohort, state: CohortState, reason: str = "") -> Cohort:
    """Pause, reopen or close a cohort. Closing is for good, and its artists are told.

    A pause keeps what waits waiting. Closing stops what waits and renders, and leaves everything
    else open.

    Raises:
        IllegalTransition
    """
    # Whoever asks for a clip holds the cohort's key until it is there; what closing stops is
    # complete when they have all let go.
    is_end = state == CohortState.CLOSED
    current = Cohort.objects.select_for_update(no_key=not is_end).get(pk=cohort.pk)
    before = CohortState(current.state)
    require_step(COHORT_TRANSITIONS, before, state)
    current.state = state
    current.save(update_fields=["state"])
    audit.record(
        actor=actor,
        action=_STATE_ACTIONS[state],
        target=current,
        cohort=current,
        before={"state": before.value},
        after={"state": state.value},
        reason=reason,
    )
    match state:
        case CohortState.PAUSED:
            cohort_paused.send(sender=Cohort, cohort=current, actor=actor, reason=reason)
        case CohortState.OPEN:
            cohort_reopened.send(sender=Cohort, cohort=current, actor=actor)
        case CohortState.CLOSED:
            cohort_news.closed(current, reason)
            cohort_closed.send(sender=Cohort, cohort=current, actor=actor)
    return current


@transaction.atomic
def extend(*, actor: User, cohort: Cohort, ends_on: date, note: str = "") -> Cohort:
    """Let a cohort run until a later day, and tell its artists, with *note*.

    Raises:
        IllegalTransition: it is closed.
        NotLater
    """
    current = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if current.state == CohortState.CLOSED:
        raise IllegalTransition()
    if ends_on <= current.ends_on:
        raise NotLater(field="ends_on")
    before, current.ends_on = current.ends_on, ends_on
    current.save(update_fields=["ends_on"])
    audit.record(
        actor=actor,
        action="cohort.extended",
        target=current,
        cohort=current,
        before={"ends_on": before.isoformat()},
        after={"name": current.name, "ends_on": ends_on.isoformat()},
        reason=note,
    )
    cohort_news.end_moved(current, before, note)
    return current


_STATE_ACTIONS = {
    CohortState.OPEN: "cohort.reopened",
    CohortState.PAUSED: "cohort.paused",
    CohortState.CLOSED: "cohort.closed",
}


def _facts(cohort: Cohort) -> dict[str, Any]:
    return {
        "name": cohort.name,
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "agreement": str(cohort.agreement),
        "models_on_offer": list(cohort.models_on_offer),
        "seats": cohort.seats,
        "gpu_seconds_per_artist_week": cohort.gpu_seconds_per_artist_week,
        "gpu_seconds_per_artist": cohort.gpu_seconds_per_artist,
        "gpu_seconds_of_cohort_week": cohort.gpu_seconds_of_cohort_week,
        "gpu_seconds_of_cohort": cohort.gpu_seconds_of_cohort,
        "clips_running_per_artist": cohort.clips_running_per_artist,
        "clips_waiting_per_artist": cohort.clips_waiting_per_artist,
        "review_mode": str(cohort.review_mode),
        "review_hours": cohort.review_hours,
        "appeal_hours": cohort.appeal_hours,
        "approvals_needed": cohort.approvals_needed,
        "features_off": [str(feature) for feature in cohort.features_off],
        "currency": cohort.currency,
    }


def _save_named(cohort: Cohort, update_fields: Sequence[str] | None = None) -> None:
    if Cohort.objects.filter(name__iexact=cohort.name).exclude(pk=cohort.pk).exists():
        raise NameTaken(field="name")
    try:
        with transaction.atomic():
            cohort.save(update_fields=update_fields)
    except IntegrityError as error:
        # Two admins chose the same name at once; any other refusal is not about the name.
        if "name" in str(error.__cause__) or "slug" in str(error.__cause__):
            raise NameTaken(field="name") from None
        raise


def _free_slug(name: str) -> str:
    stem = slugify(name)[:70] or "cohort"
    # "new" is the address of the page that makes one.
    taken = {"new", *Cohort.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    if stem not in taken:
        return stem
    return next(
        slug for number in range(2, len(taken) + 2) if (slug := f"{stem}-{number}") not in taken
    )
