"""GPU seconds: opening accounts, keeping to the budgets, settling what was really used.

The invariants: an account's ``charged_seconds`` is the sum over its attempts'
``charged_seconds``, and so is that of each of its weeks over the attempts of that week.

Locks come in one order: clip, attempt, account, then the turn of the cohort. A week's row is only
written with its account locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.budgets import Budget, BudgetKind, Budgets, Room, room_of, week_of
from generation.errors import BudgetSpent, TooManyWaiting
from generation.models import Attempt, Clip, GpuAccount
from generation.services import turns
from generation.services.wishes import require_member
from generation.states import ClipState
from portal.access import OWES_SIGNATURE, read_cohorts
from portal.containment import Subject
from portal.errors import AgreementNotSigned, CohortNotOpen, KeyBudgetSpent
from portal.member_errors import MembershipEnded
from portal.numbers import machine_time
from portal.prepared import prepared
from portal.services import containment, key_use

if TYPE_CHECKING:
    from uuid import UUID

    from portal.models import AccessKey, Cohort, User


def open_locked(*, artist: User, cohort: Cohort) -> GpuAccount:
    """The artist's account, locked until the transaction ends; made at first use."""
    locked = GpuAccount.objects.select_for_update(no_key=True)
    found = locked.filter(artist=artist, cohort=cohort).first()
    if found is None:
        GpuAccount.objects.get_or_create(artist=artist, cohort=cohort)
        found = locked.get(artist=artist, cohort=cohort)
    found.artist, found.cohort = artist, cohort
    return found


@dataclass(frozen=True, kw_only=True)
class Seat:
    """That an artist may ask for clips of a cohort now; their account is locked.

    ``cohort`` is as it was when the seat was taken; ``any_contained`` says whether anything was
    contained then, so that nobody asks what when nothing is.
    """

    artist: User
    cohort: Cohort
    account_id: int
    any_contained: bool


# The empty side of an outer join cannot be locked, so an artist's first clip finds no row. The
# membership is locked as by whoever ends it, and the cohort against whoever closes it: until the
# clip is there they wait, and what waited for them reads what they wrote.
_SEAT = f"""
    SELECT {{cohort}}, account.id, {OWES_SIGNATURE}, EXISTS (
        SELECT FROM portal_containment WHERE ended_at IS NULL AND until > statement_timestamp()
    )
    FROM portal_cohort cohort
    JOIN portal_membership member
      ON member.cohort_id = cohort.id AND member.user_id = %(user)s AND member.ended_at IS NULL
    JOIN generation_gpuaccount account
      ON account.cohort_id = cohort.id AND account.artist_id = member.user_id
    WHERE cohort.id = %(cohort)s
    FOR KEY SHARE OF cohort FOR NO KEY UPDATE OF member, account
"""  # noqa: S608
# Each account's lock is taken as its row comes out, when the key has been read and locked.
_SEAT_WITH_KEY = f"WITH {key_use.LOCKED_KEY}" + _SEAT.replace(
    "    FROM portal_cohort cohort",
    f"    , {key_use.LOCKED_FACTS}\n    FROM key CROSS JOIN portal_cohort cohort",
)


def take_seat(*, artist: User, cohort: Cohort, access_key: AccessKey | None = None) -> Seat:
    """Membership, dates and signature as they are now, with the account locked.

    The account is made at first use. Call it inside the transaction that writes the clips.

    Args:
        access_key: with which they are asked for. It is locked too, before the account, as by
            whoever freezes it: no clip slips in behind a freeze.

    Raises:
        KeyRevoked, KeyFrozen, KeyExpired, NotAMember, MembershipEnded, CohortNotOpen,
        AgreementNotSigned
    """
    values = {"user": artist.pk, "cohort": cohort.pk}
    statement = _SEAT
    if access_key is not None:
        values["key"] = access_key.pk
        statement = _SEAT_WITH_KEY
    found = read_cohorts(statement, values)
    if not found:
        if access_key is not None:
            key_use.require_alive_now(access_key)
        require_member(artist, cohort)
        GpuAccount.objects.get_or_create(artist=artist, cohort=cohort)
        found = read_cohorts(statement, values)
    for now, account_id, owes_signature, any_contained, *locked in found:
        if access_key is not None:
            key_use.require_alive_as_locked(access_key, locked)
        if not now.takes_clips_on(timezone.localdate()):
            raise CohortNotOpen(field="cohort")
        if owes_signature:
            raise AgreementNotSigned
        return Seat(artist=artist, cohort=now, account_id=account_id, any_contained=any_contained)
    # It ended while this waited.
    raise MembershipEnded(field="cohort")


def require_uncontained(*, seat: Seat, model_key: str, key_id: int | None) -> None:
    """Raises Contained when clips of *model_key*, asked for with that key, may not be made now."""
    if seat.any_contained:
        containment.require_making(
            Subject(
                person_id=seat.artist.pk,
                cohort_id=seat.cohort.pk,
                model_key=model_key,
                key_id=key_id,
            )
        )


def room_at(seat: Seat, *, request_id: UUID | None = None) -> Room:
    """What is used, what waits, and whether the clips of *request_id* are there already.

    A statement of its own, after the one that locks: it sees what was written while that waited.
    """
    if seat.cohort.has_shared_budget:
        _take_turns(seat.cohort)
    return room_of(seat.artist, seat.cohort, request_id=request_id)


def require_room(*, room: Room, cohort: Cohort, clips: int, seconds: Decimal) -> None:
    """Whether *clips* more may wait, of *seconds* GPU seconds together.

    Raises:
        TooManyWaiting, BudgetSpent: saying how much there is room for.
    """
    _require_place(room.waiting, cohort.clips_waiting_per_artist, clips)
    spent = [budget for budget in room.budgets.all if not budget.admits(seconds)]
    if spent:
        # Waiting for Monday helps nobody whom a budget without a Monday stops as well.
        tightest = min(spent, key=lambda budget: (budget.kind.renews, budget.left or 0))
        raise BudgetSpent(_refusal(tightest, room.budgets, seconds))


def require_key_room(*, key: AccessKey, seconds: Decimal) -> None:
    """Whether clips of *seconds* GPU seconds may be made with *key*; its owner's account is locked.

    Raises:
        KeyBudgetSpent: saying what is left of the key's own budget.
    """
    if key.gpu_seconds is None:
        return
    left = max(key.gpu_seconds - used_with(key), Decimal(0))
    if seconds > left:
        raise KeyBudgetSpent(
            _(
                "This needs about %(asked)s of GPU time. Your access key has %(left)s left "
                "of %(limit)s. Make another key, or ask for less."
            )
            % {
                "asked": machine_time(seconds, upwards=True),
                "left": machine_time(left),
                "limit": machine_time(Decimal(key.gpu_seconds)),
            }
        )


def used_with(key: AccessKey) -> Decimal:
    """GPU seconds charged for clips made with *key*, and reserved for those that wait."""
    charged = Attempt.objects.filter(clip__access_key=key).aggregate(sum=Sum("charged_seconds"))
    waiting = Clip.objects.filter(access_key=key, state=ClipState.QUEUED)
    reserved = waiting.aggregate(sum=Sum("estimate"))
    return (charged["sum"] or Decimal(0)) + (reserved["sum"] or Decimal(0))


def settle(attempt: Attempt, seconds: Decimal) -> None:
    """Replace what *attempt* was charged by *seconds*: on it, its account and the week it began.

    The queue hears of the difference, so what was charged too much is given back there too.
    """
    difference = seconds - attempt.charged_seconds
    if not difference:
        return
    if attempt.charged_week is None:
        attempt.charged_week = week_of(attempt.started_at)
    turns.charge(account=attempt.clip.account_id, monday=attempt.charged_week, seconds=difference)
    attempt.charged_seconds = seconds
    values = {"id": attempt.pk, "seconds": seconds, "week": attempt.charged_week}
    prepared(_CHARGED, values)


_CHARGED = """
UPDATE generation_attempt SET charged_seconds = %(seconds)s, charged_week = %(week)s
WHERE id = %(id)s
"""


def _take_turns(cohort: Cohort) -> None:
    """Until the transaction ends no other artist of *cohort* passes here.

    An account's lock does not keep two artists from spending the cohort's last seconds at once.
    The cohort's own row would: but people who join, and admins who change the terms, hold it too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"gpu budget of cohort {cohort.pk}"],
        )


def _require_place(waiting: int, most: int | None, clips: int) -> None:
    if most is not None and waiting + clips > most:
        raise TooManyWaiting(
            ngettext(
                "You have %(waiting)s clip waiting, and at most %(most)s may wait. "
                "Wait until one begins, or cancel one.",
                "You have %(waiting)s clips waiting, and at most %(most)s may wait. "
                "Wait until one begins, or cancel one.",
                waiting,
            )
            % {"waiting": number_format(waiting, 0), "most": number_format(most, 0)}
        )


def _refusal(budget: Budget, budgets: Budgets, seconds: Decimal) -> str:
    told = {
        "asked": machine_time(seconds, upwards=True),
        "left": budget.left_in_words,
        "limit": budget.limit_in_words,
        "day": date_format(budgets.renews_on, "l j F") if budgets.renews_on else "",
    }
    needs = _("This needs about %(asked)s of GPU time.") % told
    too_long = seconds > (budget.limit or 0)
    return f"{needs} {_rest(budget, budgets, too_long=too_long) % told}"


def _rest(budget: Budget, budgets: Budgets, *, too_long: bool) -> str:
    if budget.kind.renews and too_long:
        return (
            _("Your whole cohort has %(limit)s a week. Ask for fewer takes or a shorter clip.")
            if budget.kind.is_shared
            else _("You have %(limit)s a week. Ask for fewer takes or a shorter clip.")
        )
    match budget.kind:
        case BudgetKind.ARTIST_WEEK if budgets.renews_on:
            return _(
                "You have %(left)s of GPU time left this week; on %(day)s you get %(limit)s again."
            )
        case BudgetKind.COHORT_WEEK if budgets.renews_on:
            return _(
                "Your whole cohort has %(left)s of GPU time left this week; "
                "on %(day)s it gets %(limit)s again."
            )
        case BudgetKind.ARTIST_WEEK:
            return _("You have %(left)s left this week, the cohort's last.")
        case BudgetKind.COHORT_WEEK:
            return _("Your whole cohort has %(left)s left this week, its last.")
        case BudgetKind.ARTIST:
            return _(
                "You have %(left)s left in this cohort. "
                "Ask for fewer takes, or write to the programme's team."
            )
        case BudgetKind.COHORT:
            return _(
                "Your whole cohort has %(left)s left. "
                "Ask for fewer takes, or write to the programme's team."
            )
