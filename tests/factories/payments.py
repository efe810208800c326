"""Set-up for tests of payments: real rows, as short as they can be written."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.utils import timezone

from generation.models import Clip
from generation.signals import clip_ready
from payments.models import Feedback, Payout, RateCard, TestingSession, WorkItem
from payments.queries import newest_owed, owed_shares
from payments.services.feedback import Report, file_feedback
from payments.services.payouts import approve, draft_payout, export, mark_sent
from payments.services.rates import set_rate
from payments.services.remittances import settle_all
from payments.services.sessions import enter
from payments.session_states import Confirmer
from payments.states import CapPeriod, RateKind
from portal.models import Brief, Cohort, User
from portal.states import Role
from tests.factories.generation import make_clip
from tests.factories.portal import join, make_person

GB_IBAN = "GB29NWBK60161331926819"
FR_IBAN = "FR1420041010050500013M02606"


def make_artist(cohort: Cohort, name: str = "", language: str = "en") -> User:
    artist = make_person(name, language=language)
    join(artist, cohort)
    return artist


def make_admin(name: str = "", cohort: Cohort | None = None) -> User:
    """An admin, who is also finance admin unless they are there for *cohort* alone."""
    also = () if cohort is not None else (Role.FINANCE,)
    return make_person(name, role=Role.ADMIN, cohort=cohort, also=also)


def make_finished_clip(artist: User, cohort: Cohort, brief: Brief | None = None) -> Clip:
    """A clip the house has just been told is ready."""
    return finish(make_clip(artist=artist, cohort=cohort, brief=brief))


def finish(clip: Clip) -> Clip:
    """Tell the house that *clip* is ready, as the worker does."""
    clip_ready.send(sender=Clip, clip=clip, actor=None)
    return clip


def make_rate(
    cohort: Cohort,
    kind: RateKind = RateKind.BRIEF_CLIP,
    amount_minor: int = 40_00,
    *,
    cap_count: int | None = None,
    cap_period: CapPeriod = CapPeriod.NONE,
) -> RateCard:
    return set_rate(
        actor=None,
        cohort=cohort,
        kind=kind,
        amount_minor=amount_minor,
        currency=cohort.currency,
        cap_count=cap_count,
        cap_period=cap_period,
    )


def make_feedback(author: User, cohort: Cohort, tried: str = "A boat at night") -> Feedback:
    """A filed report."""
    report = Report(cohort=cohort, model_key="starter", tried=tried)
    return file_feedback(actor=author, report=report, token=uuid.uuid4())


def make_work(artist: User, cohort: Cohort, amount_minor: int = 25_00) -> WorkItem:
    """Owed work: a filed report at a rate of its own."""
    make_rate(cohort, RateKind.FEEDBACK, amount_minor)
    return make_feedback(artist, cohort).work_items.get()


def make_draft(admin: User, cohort: Cohort) -> Payout:
    """A payout of everything that is owed in *cohort*."""
    shares = owed_shares(cohort=cohort, currency=cohort.currency)
    return draft_payout(
        actor=admin,
        cohort=cohort,
        currency=cohort.currency,
        expected={share.artist.pk: share.total_minor for share in shares if share.payable},
        through=newest_owed(cohort=cohort, currency=cohort.currency),
        idempotency_key=uuid.uuid4(),
    )


def make_sent(drafter: User, approver: User, cohort: Cohort) -> Payout:
    """A payout of everything that is owed, handed to the bank."""
    payout = make_draft(drafter, cohort)
    approve(actor=approver, payout=payout)
    export(actor=drafter, payout=payout)
    return mark_sent(actor=drafter, payout=payout)


def make_settled(drafter: User, approver: User, cohort: Cohort) -> Payout:
    """A payout of everything that is owed, arrived everywhere."""
    payout = make_sent(drafter, approver, cohort)
    settle_all(actor=drafter, payout=payout, bank_reference="Statement 47")
    return payout


def make_session_rate(
    cohort: Cohort, hour_minor: int = 22_50, confirmed_by: Confirmer = Confirmer.ADMINS
) -> RateCard:
    """What an hour of testing pays, from long ago on."""
    newest = RateCard.objects.filter(cohort=cohort, kind=RateKind.TESTING_SESSION)
    return RateCard.objects.create(
        cohort=cohort,
        kind=RateKind.TESTING_SESSION,
        version=newest.count() + 1,
        amount_minor=hour_minor,
        currency=cohort.currency,
        confirmed_by=confirmed_by,
        effective_from=date(2020, 1, 1),
    )


def make_session(
    artist: User,
    cohort: Cohort,
    *,
    ago: timedelta = timedelta(hours=20),
    minutes: int = 50,
    tested: str = "Rain on water",
) -> TestingSession:
    """A session that was recorded afterwards."""
    return enter(
        actor=artist,
        cohort=cohort,
        started_at=timezone.now() - ago,
        minutes=minutes,
        tested=tested,
        token=uuid.uuid4(),
    )
