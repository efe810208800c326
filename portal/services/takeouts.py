"""Takeouts: asked for by a person, built by a worker, handed to that person alone.

A worker that dies while it builds leaves a lease that runs out; the next one removes what it left
and begins anew under another name. What is built is read outside any transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal import takeout_files, takeouts
from portal.models import Takeout, User
from portal.services import audit
from portal.services.notify import notify
from portal.services.transitions import require_step
from portal.takeout_errors import TakeoutTooSoon, TakeoutUnderWay
from portal.takeout_states import TAKEOUT_TRANSITIONS, TakeoutState
from portal.takeouts import Bag

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
BEAT_SECONDS = 15.0
MAX_TRIES = 3
ONE_IN = timedelta(days=1)
_LIVE = (TakeoutState.ASKED, TakeoutState.BUILDING)

README = (
    _(
        "This file holds what Greenroom knows of you, and what you made there, as of the moment "
        "you asked. It says nothing of other artists."
    ),
    _(
        "Of a clip you find the file you may have: the original (clip.mp4) where its release was "
        "approved, else the preview with the mark (preview.mp4)."
    ),
    _(
        "People of the programme’s team are named by their part, not by their name. Secrets "
        "(passwords, access keys) are nowhere in here: Greenroom keeps only what proves them."
    ),
    _("SHA256SUMS has the digest of every file; “sha256sum --check SHA256SUMS” compares them."),
)


class TakenOver(Exception):
    """Somebody else builds it by now, or nobody should."""


@transaction.atomic
def ask(*, actor: User) -> Takeout:
    """Ask for everything about *actor*; a worker builds it.

    Raises:
        TakeoutUnderWay: one is being made.
        TakeoutTooSoon: one was asked for within the last day, and did not fail.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    mine = Takeout.objects.filter(person=actor)
    if mine.filter(state__in=_LIVE).exists():
        raise TakeoutUnderWay
    if next_ask(actor) is not None:
        raise TakeoutTooSoon
    takeout = Takeout.objects.create(person=actor, parts_all=len(takeouts.parts()))
    audit.record(actor=actor, action="takeout.asked", target=takeout)
    transaction.on_commit(_ring, robust=True)
    return takeout


def next_ask(person: User) -> datetime | None:
    """From when on *person* may ask for another one; None for now already."""
    counted = Takeout.objects.filter(person=person, asked_at__gt=timezone.now() - ONE_IN).exclude(
        Q(state=TakeoutState.FAILED) | Q(problem="revoked")
    )
    newest = counted.order_by("-asked_at").first()
    return newest.asked_at + ONE_IN if newest is not None else None


def make_waiting() -> int:
    """Build what is asked for, one after the other; answers how many are ready."""
    made = 0
    while (takeout := _claim_alone()) is not None:
        made += _build(takeout)
    return made


def remove_due() -> int:
    """End what is over, and remove files that no takeout needs; answers how many ended."""
    ended = 0
    due = Takeout.objects.filter(state=TakeoutState.READY, expires_at__lte=timezone.now())
    for takeout in due:
        with transaction.atomic():
            row = _locked(takeout)
            if row.state == TakeoutState.READY:
                _step(row, TakeoutState.EXPIRED, actor=None)
                ended += 1
    _remove_files()
    return ended


@transaction.atomic
def withdraw(*, person: User, problem: str) -> int:
    """Take back what was built of *person* up to now, and begin anew what is being built.

    Args:
        problem: ``"revoked"``: something in it may not be handed out any more; they may ask for
            another one at once. ``"account"``: the account ends.
    """
    rows = Takeout.objects.select_for_update(no_key=True).filter(
        person=person, state__in=[*_LIVE, TakeoutState.READY]
    )
    withdrawn = 0
    for row in rows.order_by("pk"):
        if row.state == TakeoutState.READY:
            row.problem = problem
            said = "takeout.withdrawn" if problem == "revoked" else ""
            _step(row, TakeoutState.EXPIRED, actor=None, action=said)
            withdrawn += 1
        elif problem == "account":
            row.problem = problem
            _step(row, TakeoutState.FAILED, actor=None)
        elif row.state == TakeoutState.BUILDING:
            _step(row, TakeoutState.ASKED, actor=None)
    if withdrawn and problem == "revoked":
        notify(
            user=person,
            kind="takeout.withdrawn",
            title=_("Your takeout is no longer up to date"),
            text=_(
                "The approval of one of the clips in it was withdrawn, so the file was removed. "
                "You may ask for another one at once."
            ),
            url=reverse("takeout"),
            mail=False,
        )
    transaction.on_commit(_remove_files, robust=True)
    return withdrawn


@transaction.atomic
def record_fetch(*, actor: User, takeout: Takeout) -> None:
    """Write down that *actor* downloads it."""
    row = _locked(takeout)
    row.fetched_at = timezone.now()
    row.save(update_fields=["fetched_at"])
    audit.record(actor=actor, action="takeout.fetched", target=row, after={"sha256": row.sha256})


def _claim_alone() -> Takeout | None:
    """As :func:`_claim`; None too when another worker was faster by a moment."""
    try:
        return _claim()
    except IntegrityError:
        return None


def _claim() -> Takeout | None:
    now = timezone.now()
    with transaction.atomic():
        # Jobs have four threads; mail and webhooks keep theirs.
        if Takeout.objects.filter(state=TakeoutState.BUILDING, lease_until__gt=now).exists():
            return None
        row = (
            Takeout.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .select_related("person")
            .filter(
                Q(state=TakeoutState.ASKED) | Q(state=TakeoutState.BUILDING, lease_until__lte=now)
            )
            # One that a worker left first: while it stands, the database lets nobody begin another.
            .order_by("-state", "asked_at", "pk")
            .first()
        )
        if row is None:
            return None
        left = row.file
        if row.tries >= MAX_TRIES:
            _fail(row, "worker")
            return _claim_next()
        row.tries += 1
        row.holder, row.lease_until = uuid4(), now + LEASE
        row.file = takeout_files.name_of(row.holder)
        row.part, row.parts_done, row.parts_all = "", 0, len(takeouts.parts())
        if row.state == TakeoutState.ASKED:
            _step(row, TakeoutState.BUILDING, actor=None)
        else:
            row.save()
    if left:
        takeout_files.remove(left)
    return row


def _claim_next() -> Takeout | None:
    """None for now: what waits behind a takeout that was given up is found by the next look."""
    transaction.on_commit(_ring, robust=True)
    return None


def _build(takeout: Takeout) -> bool:
    person, at = takeout.person, timezone.now()
    beat = _Beat(takeout)
    try:
        with takeout_files.writing(takeout.file) as written:
            with translation.override(person.language), Bag(written.file, at=at, beat=beat) as bag:
                bag.text("README.txt", takeouts.readme("en", README))
                bag.text("README.fr.txt", takeouts.readme("fr", README))
                for done, part in enumerate(takeouts.parts()):
                    beat.say(part.key, done)
                    part.write(person, bag)
            beat.say("", len(takeouts.parts()))
        _finish(takeout, written, at)
    except TakenOver:
        takeout_files.remove(takeout.file)
        return False
    except Exception:
        log.exception("Takeout %s was not built (try %s)", takeout.pk, takeout.tries)
        _put_back(takeout)
        return False
    return True


class _Beat:
    """Keeps the lease while *takeout* is built, and ends the building once it is lost."""

    def __init__(self, takeout: Takeout) -> None:
        self._takeout = takeout
        self._said = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._said >= BEAT_SECONDS:
            self._write()

    def say(self, part: str, done: int) -> None:
        self._write(part=part, parts_done=done)

    def _write(self, **fields: Any) -> None:
        held = Takeout.objects.filter(pk=self._takeout.pk, holder=self._takeout.holder)
        if not held.update(lease_until=timezone.now() + LEASE, **fields):
            raise TakenOver
        self._said = time.monotonic()


@transaction.atomic
def _finish(takeout: Takeout, written: takeout_files.Written, at: datetime) -> None:
    row = _held(takeout)
    row.size, row.sha256 = written.size, written.sha256
    row.ready_at = timezone.now()
    row.expires_at = row.ready_at + timedelta(days=settings.TAKEOUT_DAYS)
    _step(row, TakeoutState.READY, actor=None, facts={"sha256": row.sha256, "size": row.size})
    notify(
        user=row.person,
        kind="takeout.ready",
        title=_("Your takeout is ready"),
        text=_(
            "One file with what is yours waits for you until %(until)s. Only you can download it, "
            "signed in."
        ),
        params={"until": _until(row)},
        url=reverse("takeout"),
    )


def _until(takeout: Takeout) -> str:
    with translation.override(takeout.person.language):
        return date_format(timezone.localtime(takeout.expires_at), "DATETIME_FORMAT")


@transaction.atomic
def _put_back(takeout: Takeout) -> None:
    try:
        row = _held(takeout)
    except TakenOver:
        return
    if row.tries >= MAX_TRIES:
        _fail(row, "error")
    else:
        _step(row, TakeoutState.ASKED, actor=None)
    left = row.file
    forget: Callable[[], None] = lambda: takeout_files.remove(left)  # noqa: E731
    transaction.on_commit(forget, robust=True)


def _fail(row: Takeout, problem: str) -> None:
    row.problem = problem
    _step(row, TakeoutState.FAILED, actor=None)
    notify(
        user=row.person,
        kind="takeout.failed",
        title=_("Your takeout could not be made"),
        text=_("Something went wrong on our side. Ask for it again; if it fails again, tell us."),
        url=reverse("takeout"),
    )


def _locked(takeout: Takeout) -> Takeout:
    return (
        Takeout.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person")
        .get(pk=takeout.pk)
    )


def _held(takeout: Takeout) -> Takeout:
    row = _locked(takeout)
    if row.state != TakeoutState.BUILDING or row.holder != takeout.holder:
        raise TakenOver
    return row


_ACTIONS = {
    TakeoutState.READY: "takeout.ready",
    TakeoutState.FAILED: "takeout.failed",
    TakeoutState.EXPIRED: "takeout.expired",
}


def _step(
    row: Takeout,
    after: TakeoutState,
    *,
    actor: User | None,
    action: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """The one door of a takeout's state; its row is locked."""
    before = TakeoutState(row.state)
    require_step(TAKEOUT_TRANSITIONS, before, after)
    row.state = after
    if after != TakeoutState.BUILDING:
        row.holder = row.lease_until = None
    row.save()
    said = action or _ACTIONS.get(after, "")
    if said:
        audit.record(
            actor=actor,
            action=said,
            target=row,
            before={"state": before},
            after={"state": after, "problem": row.problem, **(facts or {})},
        )


def _remove_files() -> None:
    """Files whose takeout is at rest, once the row says so; a name stays until its file is gone."""
    over = Takeout.objects.exclude(file="").filter(
        state__in=[TakeoutState.EXPIRED, TakeoutState.FAILED]
    )
    for row in over:
        takeout_files.remove(row.file)
        Takeout.objects.filter(pk=row.pk, file=row.file).update(file="")


def _ring() -> None:
    """Wake a worker; when the broker is away, the next beat finds it."""
    from portal.tasks import make_takeouts

    make_takeouts.apply_async(retry=False)
