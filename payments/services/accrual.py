"""Work becomes money here: when it is done, whatever anybody thinks of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from payments.by_the_hour import pay_for
from payments.errors import AlreadyCorrected, BadRate, ReasonMissing
from payments.models import RateCard, WorkItem
from payments.services.ledger import Leg, lock, owed_to, post_entry, work_expense
from payments.states import CapPeriod, RateKind, WorkKind
from portal.services import audit
from portal.services.notify import notify
from portal.templatetags.greenroom import CURRENCIES, format_money

if TYPE_CHECKING:
    from generation.models import Clip
    from payments.models import Feedback, TestingSession, TopUp
    from portal.models import Brief, Cohort, User

# Stored as they are and translated where they are shown.
NO_RATE = gettext_noop("No rate was set for this work on that day.")
OVER_CAP = gettext_noop("Beyond the number of paid pieces for the period.")

money_lazy = lazy(format_money, str)


def accrue_brief_clip(*, actor: User | None, clip: Clip) -> WorkItem | None:
    """Record the work of a finished clip made for a brief, once.

    The first ``brief.takes_wanted`` clips of an artist for a brief are paid; for later ones, for
    a clip without a brief, and for a clip already recorded there is nothing to do: None.
    """
    # Most clips are for none, and a savepoint is two statements.
    return _accrue_brief_clip(actor, clip, clip.brief) if clip.brief is not None else None


@transaction.atomic
def _accrue_brief_clip(actor: User | None, clip: Clip, brief: Brief) -> WorkItem | None:
    rate = current_rate(cohort=clip.cohort, kind=RateKind.BRIEF_CLIP)
    currency = rate.currency if rate else clip.cohort.currency
    # Everything that adds to what one artist is owed waits here for its turn, so that the counts
    # below hold until this transaction ends.
    lock(owed_to(artist=clip.artist, currency=currency))
    if WorkItem.objects.filter(kind=WorkKind.BRIEF_CLIP, clip=clip).exists():
        return None
    paid = WorkItem.objects.paying().filter(
        kind=WorkKind.BRIEF_CLIP, artist=clip.artist, brief=brief
    )
    if paid.count() >= brief.takes_wanted:
        return None
    work = WorkItem(
        kind=WorkKind.BRIEF_CLIP,
        artist=clip.artist,
        cohort=clip.cohort,
        brief=brief,
        clip=clip,
    )
    return _accrue(actor=actor, work=work, rate=rate, currency=currency)


@transaction.atomic
def accrue_feedback(*, actor: User | None, feedback: Feedback) -> WorkItem | None:
    """Record the work of a filed report, once; None when it is recorded already."""
    rate = current_rate(cohort=feedback.cohort, kind=RateKind.FEEDBACK)
    currency = rate.currency if rate else feedback.cohort.currency
    lock(owed_to(artist=feedback.author, currency=currency))
    if WorkItem.objects.filter(kind=WorkKind.FEEDBACK, feedback=feedback).exists():
        return None
    work = WorkItem(
        kind=WorkKind.FEEDBACK,
        artist=feedback.author,
        cohort=feedback.cohort,
        feedback=feedback,
    )
    return _accrue(actor=actor, work=work, rate=rate, currency=currency)


@transaction.atomic
def accrue_session(*, actor: User | None, session: TestingSession) -> WorkItem | None:
    """Record the time of a confirmed session by the rate of its day, once.

    Whole minutes, each begun one counted, times the rate of an hour; a part of a minor unit is
    the artist's.
    """
    day = timezone.localdate(session.started_at)
    rate = rate_on(day, cohort=session.cohort, kind=RateKind.TESTING_SESSION)
    currency = rate.currency if rate else session.cohort.currency
    lock(owed_to(artist=session.artist, currency=currency))
    if WorkItem.objects.filter(kind=WorkKind.TESTING_SESSION, session=session).exists():
        return None
    work = WorkItem(
        kind=WorkKind.TESTING_SESSION,
        artist=session.artist,
        cohort=session.cohort,
        session=session,
        currency=currency,
        rate=rate,
        amount_minor=pay_for(minutes=session.minutes, hour_minor=rate.amount_minor) if rate else 0,
        note="" if rate else NO_RATE,
    )
    return _book(actor=actor, work=work)


def accrue_top_up(*, top_up: TopUp) -> WorkItem:
    """Book what a reckoning of the floor found, whose caller has locked the artist's account."""
    work = WorkItem(
        kind=WorkKind.TOP_UP,
        artist=top_up.artist,
        cohort=top_up.cohort,
        top_up=top_up,
        currency=top_up.floor.currency,
        amount_minor=top_up.amount_minor,
    )
    return _book(actor=None, work=work)


@transaction.atomic
def adjust(
    *,
    actor: User,
    artist: User,
    cohort: Cohort,
    amount_minor: int,
    currency: str,
    reason: str,
    corrects: WorkItem | None = None,
) -> WorkItem:
    """Add to what an artist is owed, or take from it (below zero), with a reason they can read.

    Raises:
        BadRate: the amount is zero or the currency unknown.
        ReasonMissing: no reason was given.
    """
    if amount_minor == 0 or currency not in CURRENCIES:
        raise BadRate()
    if not reason.strip():
        raise ReasonMissing(field="reason")
    lock(owed_to(artist=artist, currency=currency))
    work = WorkItem(
        kind=WorkKind.ADJUSTMENT,
        artist=artist,
        cohort=cohort,
        amount_minor=amount_minor,
        currency=currency,
        note=reason.strip()[:300],
        corrects=corrects,
    )
    return _book(actor=actor, work=work)


@transaction.atomic
def correct_work(*, actor: User, work: WorkItem, reason: str) -> WorkItem:
    """Take back a line that was recorded by mistake, by an opposite one.

    Raises:
        AlreadyCorrected: it has been, or it is itself a correction.
        ReasonMissing: no reason was given.
    """
    lock(owed_to(artist=work.artist, currency=work.currency))
    if work.corrects_id or WorkItem.objects.filter(corrects=work).exists():
        raise AlreadyCorrected()
    return adjust(
        actor=actor,
        artist=work.artist,
        cohort=work.cohort,
        amount_minor=-work.amount_minor,
        currency=work.currency,
        reason=reason,
        corrects=work,
    )


def current_rate(*, cohort: Cohort, kind: RateKind) -> RateCard | None:
    """The rate of today."""
    return rate_on(timezone.localdate(), cohort=cohort, kind=kind)


def rate_on(day: date, *, cohort: Cohort, kind: RateKind) -> RateCard | None:
    """The rate of *day* in the site's time zone."""
    return RateCard.objects.filter(cohort=cohort, kind=kind).in_force(day).first()


def _accrue(
    *, actor: User | None, work: WorkItem, rate: RateCard | None, currency: str
) -> WorkItem:
    work.currency = currency
    work.rate = rate
    work.amount_minor = rate.amount_minor if rate else 0
    if rate is None:
        work.note = NO_RATE
    elif _cap_reached(rate=rate, artist=work.artist):
        work.amount_minor = 0
        work.note = OVER_CAP
    return _book(actor=actor, work=work)


def _cap_reached(*, rate: RateCard, artist: User) -> bool:
    if rate.cap_count is None:
        return False
    done = WorkItem.objects.paying().filter(kind=rate.kind, artist=artist, cohort=rate.cohort)
    begin = _period_begin(CapPeriod(rate.cap_period))
    if begin is not None:
        done = done.filter(accrued_at__gte=begin)
    return done.count() >= rate.cap_count


def _period_begin(period: CapPeriod) -> datetime | None:
    """The first moment of the current week (from Monday) or month, in the site's time zone."""
    today = timezone.localdate()
    if period == CapPeriod.WEEK:
        day = today - timedelta(days=today.weekday())
    elif period == CapPeriod.MONTH:
        day = today.replace(day=1)
    else:
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


def _book(*, actor: User | None, work: WorkItem) -> WorkItem:
    work.save(force_insert=True)
    work.refresh_from_db(fields=["accrued_at"])
    if work.is_obligation:
        owed = owed_to(artist=work.artist, currency=work.currency)
        expense = work_expense(cohort=work.cohort, currency=work.currency)
        post_entry(
            actor=actor,
            cause=f"work:{work.pk}",
            description=f"{WorkKind(work.kind).value}: {work.about}",
            legs=[
                Leg(account=expense, amount_minor=work.amount_minor),
                Leg(account=owed, amount_minor=-work.amount_minor),
            ],
            work=work,
        )
    audit.record(
        actor=actor,
        action="work.accrued",
        target=work,
        cohort=work.cohort,
        after={
            "kind": work.kind,
            "artist": work.artist_id,
            "amount_minor": work.amount_minor,
            "currency": work.currency,
            "rate": work.rate_id,
        },
        reason=work.note,
    )
    _tell(work)
    return work


def _tell(work: WorkItem) -> None:
    amount = money_lazy(abs(work.amount_minor), work.currency)
    if work.amount_minor < 0:
        title = _("%(amount)s taken off what you are owed")
    elif work.is_obligation:
        title = _("You earned %(amount)s")
    else:
        title = _("Your work is recorded; it does not pay this time")
    notify(
        user=work.artist,
        kind="work.accrued",
        title=title,
        text="%(about)s",
        url=reverse("payments:earnings"),
        params={"amount": amount, "about": work.about},
        mail=False,
    )
