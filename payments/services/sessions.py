"""Testing sessions: the artist records time, staff confirm it or ask, silence confirms."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from payments.errors import ReasonMissing
from payments.models import TestingSession
from payments.models.session import ANSWER_LIMIT, LONGEST, TESTED_LIMIT
from payments.services.accrual import accrue_session, rate_on
from payments.services.session_terms import terms_of
from payments.session_errors import (
    OwnSession,
    SessionInFuture,
    SessionMoved,
    SessionOutside,
    SessionOverlaps,
    SessionRuns,
    SessionStretch,
    SessionUntold,
)
from payments.session_states import SESSION_TRANSITIONS, Confirmer, SessionState
from payments.states import RateKind
from portal.services import audit
from portal.services.notify import notify
from portal.services.transitions import require_step

if TYPE_CHECKING:
    from portal.models import Cohort, User

# Stored as it is and translated where it is shown.
FORGOTTEN = gettext_noop(
    "The clock ran for as long as a session may, so we stopped it. Say how long it was."
)


@transaction.atomic
def start(*, actor: User, cohort: Cohort, token: uuid.UUID) -> TestingSession:
    """Start the clock. The same form sent twice starts it once.

    Raises:
        SessionRuns: one is running.
        SessionOverlaps: one that is recorded reaches beyond this moment.
        SessionOutside: *actor* takes no part in *cohort*.
    """
    if not cohort.memberships.taking_part().filter(user=actor).exists():
        raise SessionOutside()
    running = TestingSession(state=SessionState.RUNNING, by_clock=True, started_at=timezone.now())
    return _insert(actor=actor, cohort=cohort, token=token, row=running)


@transaction.atomic
def stop(*, actor: User, session: TestingSession, tested: str) -> TestingSession:
    """Stop the clock and record the session; one that ran too long is stopped as forgotten.

    Raises:
        SessionMoved: it is not running any more.
        SessionUntold: *tested* is empty.
    """
    row = _locked(session)
    if not row.is_running:
        raise SessionMoved()
    now = timezone.now()
    if now - row.started_at > _longest(row.cohort):
        return _stop_forgotten(row)
    # A clock stopped at once has run for a minute that has begun.
    row.ended_at = max(now, row.started_at + timedelta(seconds=1))
    return _record(actor=actor, row=row, tested=tested, action="session.recorded")


@transaction.atomic
def enter(
    *,
    actor: User,
    cohort: Cohort,
    started_at: datetime,
    minutes: int,
    tested: str,
    token: uuid.UUID,
) -> TestingSession:
    """Record a session afterwards. The same form sent twice records once.

    Raises:
        SessionStretch, SessionInFuture, SessionOutside: such time cannot have been.
        SessionOverlaps: another session of theirs covers some of it.
        SessionUntold: *tested* is empty.
    """
    known = TestingSession.objects.filter(artist=actor, token=token).first()
    if known is not None:
        return known
    row = TestingSession(
        artist=actor, cohort=cohort, state=SessionState.RECORDED, by_clock=False, token=token
    )
    row.started_at, row.ended_at = started_at, _end(started_at, minutes)
    _prepare(row, tested)
    saved = _insert(actor=actor, cohort=cohort, token=token, row=row)
    if saved is not row:
        return saved
    return _recorded(actor=actor, row=row, action="session.recorded", before=None)


@transaction.atomic
def correct(
    *,
    actor: User,
    session: TestingSession,
    tested: str,
    started_at: datetime | None = None,
    minutes: int | None = None,
) -> TestingSession:
    """Change what is not confirmed yet, or let it stand as it is after a question.

    The term of the cohort begins anew. Without *started_at* or *minutes* those stay.

    Raises:
        SessionMoved: it is confirmed, or over otherwise.
        SessionStretch, SessionInFuture, SessionOutside, SessionOverlaps, SessionUntold: as for
            ``enter``.
    """
    row = _locked(session)
    if not row.may_change:
        raise SessionMoved()
    if started_at is not None or minutes is not None:
        length = minutes if minutes is not None else row.minutes
        row.started_at = started_at or row.started_at
        row.ended_at = _end(row.started_at, length)
    return _record(actor=actor, row=row, tested=tested, action="session.corrected")


@transaction.atomic
def withdraw(*, actor: User, session: TestingSession) -> TestingSession:
    """Take a session back before it is confirmed. Once, however often called.

    Raises:
        SessionMoved: it is confirmed, or was not accepted.
    """
    row = _locked(session)
    if row.state == SessionState.WITHDRAWN:
        return row
    if not (row.may_change or row.is_running):
        raise SessionMoved()
    if row.ended_at is None:
        now = timezone.now()
        row.ended_at = min(
            max(now, row.started_at + timedelta(seconds=1)), row.started_at + _longest(row.cohort)
        )
    return _move(actor=actor, row=row, to=SessionState.WITHDRAWN, action="session.withdrawn")


@transaction.atomic
def confirm(*, actor: User | None, session: TestingSession) -> TestingSession:
    """Say that the time was spent: it accrues. Once, however often called.

    Args:
        actor: None where the cohort's term or its rate card does.

    Raises:
        OwnSession: it is *actor*'s.
        SessionMoved: its artist has changed or withdrawn it, or it was not accepted.
    """
    row = _locked(session)
    if row.state == SessionState.CONFIRMED:
        return row
    _check_judge(actor, row)
    row.confirmed_at, row.confirmed_by = timezone.now(), actor
    _move(actor=actor, row=row, to=SessionState.CONFIRMED, action="session.confirmed")
    accrue_session(actor=actor, session=row)
    return row


@transaction.atomic
def ask_back(*, actor: User, session: TestingSession, why: str) -> TestingSession:
    """Ask the artist about a session; it waits for them, and silence no longer confirms.

    Raises:
        ReasonMissing: no words.
        OwnSession, SessionMoved: as for ``confirm``.
    """
    return _answer(actor=actor, session=session, to=SessionState.ASKED, why=why)


@transaction.atomic
def reject(*, actor: User, session: TestingSession, why: str) -> TestingSession:
    """Not accept time, in words that its artist reads and can dispute.

    Raises:
        ReasonMissing: no words.
        OwnSession, SessionMoved: as for ``confirm``.
    """
    return _answer(actor=actor, session=session, to=SessionState.REJECTED, why=why)


def confirm_silent() -> int:
    """Confirm what nobody answered within its cohort's term; how many."""
    late = TestingSession.objects.filter(state=SessionState.RECORDED, due_at__lte=timezone.now())
    count = 0
    for number in list(late.order_by("due_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = TestingSession.objects.select_for_update(of=("self",)).get(pk=number)
            due = row.due_at is not None and row.due_at <= timezone.now()
            if row.state == SessionState.RECORDED and due:
                confirm(actor=None, session=row)
                count += 1
    return count


def stop_forgotten() -> int:
    """Stop clocks that have run for as long as a session may; how many."""
    count = 0
    running = TestingSession.objects.filter(state=SessionState.RUNNING).select_related("cohort")
    for session in running.order_by("pk"):
        if timezone.now() - session.started_at <= _longest(session.cohort):
            continue
        with transaction.atomic():
            row = _locked(session)
            if row.is_running:
                _stop_forgotten(row)
                count += 1
    return count


def _longest(cohort: Cohort) -> timedelta:
    return timedelta(minutes=terms_of(cohort).longest_minutes)


def _end(started_at: datetime, minutes: int) -> datetime:
    length = timedelta(minutes=minutes)
    if not timedelta(0) < length <= LONGEST:
        raise SessionStretch(field="minutes")
    return started_at + length


def _insert(
    *, actor: User, cohort: Cohort, token: uuid.UUID, row: TestingSession
) -> TestingSession:
    """Write a new row; two copies of one form meet on the token, two stretches on each other."""
    _one_at_a_time(actor)
    known = TestingSession.objects.filter(artist=actor, token=token).first()
    if known is not None:
        return known
    row.artist, row.cohort, row.token = actor, cohort, token
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        known = TestingSession.objects.filter(artist=actor, token=token).first()
        if known is not None:
            return known
        raise _clash(row, error) from error
    if row.is_running:
        audit.record(actor=actor, action="session.started", target=row, cohort=cohort)
    return row


def _one_at_a_time(artist: User) -> None:
    """Two writers who meet in the exclusion constraint would wait for each other for good."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"testing sessions of {artist.pk}"],
        )


def _clash(row: TestingSession, error: IntegrityError) -> Exception:
    if "session_one_at_a_time" not in str(error):
        return error
    theirs = TestingSession.objects.filter(artist=row.artist, state=SessionState.RUNNING)
    if theirs.exclude(pk=row.pk).exists() and (row.is_running or row.ended_at is None):
        return SessionRuns()
    return SessionOverlaps(field="begins")


def _locked(session: TestingSession) -> TestingSession:
    rows = TestingSession.objects.select_for_update(of=("self",))
    return rows.select_related("cohort", "artist").get(pk=session.pk)


def _prepare(row: TestingSession, tested: str) -> None:
    """What a session needs before it can wait for confirmation."""
    ended_at = row.ended_at
    if ended_at is None or not timedelta(0) < ended_at - row.started_at <= LONGEST:
        raise SessionStretch(field="minutes")
    if ended_at > timezone.now() + timedelta(minutes=1):
        raise SessionInFuture(field="minutes")
    member = row.cohort.memberships.filter(user=row.artist).order_by("-pk").first()
    if member is None or (member.ended_at is not None and ended_at > member.ended_at):
        raise SessionOutside(field="day")
    row.tested = tested.strip()[:TESTED_LIMIT]
    if not row.tested:
        raise SessionUntold(field="tested")
    day = timezone.localdate(row.started_at)
    rate = rate_on(day, cohort=row.cohort, kind=RateKind.TESTING_SESSION)
    row.confirmer = rate.confirmed_by if rate else Confirmer.ADMINS
    row.due_at = timezone.now() + timedelta(days=terms_of(row.cohort).confirm_days)


def _record(*, actor: User, row: TestingSession, tested: str, action: str) -> TestingSession:
    before = TestingSession.objects.get(pk=row.pk)
    _prepare(row, tested)
    if before.state != SessionState.RECORDED:
        require_step(SESSION_TRANSITIONS, SessionState(before.state), SessionState.RECORDED)
    row.state = SessionState.RECORDED
    _one_at_a_time(row.artist)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _clash(row, error) from error
    return _recorded(actor=actor, row=row, action=action, before=before)


def _recorded(
    *, actor: User, row: TestingSession, action: str, before: TestingSession | None
) -> TestingSession:
    audit.record(
        actor=actor,
        action=action,
        target=row,
        cohort=row.cohort,
        before=_stretch(before) if before is not None and before.ended_at is not None else None,
        after=_stretch(row),
    )
    if row.confirmer == Confirmer.NOBODY and row.state == SessionState.RECORDED:
        return confirm(actor=None, session=row)
    return row


def _stretch(row: TestingSession) -> dict[str, object]:
    return {"since": row.started_at.isoformat(), "minutes": row.minutes}


def _move(
    *, actor: User | None, row: TestingSession, to: SessionState, action: str
) -> TestingSession:
    before = SessionState(row.state)
    require_step(SESSION_TRANSITIONS, before, to)
    row.state = to
    row.save()
    audit.record(
        actor=actor,
        action=action,
        target=row,
        cohort=row.cohort,
        before={"state": before.value},
        after={"state": to.value, "minutes": row.minutes},
        reason=row.answer if to in {SessionState.ASKED, SessionState.REJECTED} else "",
    )
    return row


def _check_judge(actor: User | None, row: TestingSession) -> None:
    if row.state != SessionState.RECORDED:
        raise SessionMoved()
    if actor is not None and actor.pk == row.artist_id:
        raise OwnSession()


def _answer(*, actor: User, session: TestingSession, to: SessionState, why: str) -> TestingSession:
    words = why.strip()[:ANSWER_LIMIT]
    if not words:
        raise ReasonMissing(field="why")
    row = _locked(session)
    _check_judge(actor, row)
    row.answer, row.answered_by, row.answered_at = words, actor, timezone.now()
    asked = to == SessionState.ASKED
    _move(actor=actor, row=row, to=to, action="session.asked" if asked else "session.rejected")
    notify(
        user=row.artist,
        kind="session.asked" if asked else "session.rejected",
        title=_("A question about your testing session")
        if asked
        else _("A testing session was not accepted"),
        text="%(why)s",
        url=reverse("payments:session", args=[row.pk]),
        params={"why": words},
    )
    return row


def _stop_forgotten(row: TestingSession) -> TestingSession:
    """Never paid unseen, never lost: it waits for its artist to say how long it was."""
    row.ended_at = row.started_at + _longest(row.cohort)
    row.answer, row.answered_by, row.answered_at = FORGOTTEN, None, timezone.now()
    _move(actor=None, row=row, to=SessionState.ASKED, action="session.stopped")
    notify(
        user=row.artist,
        kind="session.stopped",
        title=_("We stopped your clock"),
        text=_(FORGOTTEN),
        url=reverse("payments:session", args=[row.pk]),
    )
    return row
