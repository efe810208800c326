"""Set-up for tests of payments: real rows, as short as they can be written."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from generation.models import Clip, GpuAccount
from generation.signals import clip_ready
from generation.states import ClipState
from payments.models import Feedback, Payout, RateCard, WorkItem
from payments.queries import newest_owed, owed_shares
from payments.services.feedback import Report, file_feedback
from payments.services.payouts import approve, draft_payout, export, mark_sent
from payments.services.rates import set_rate
from payments.states import CapPeriod, RateKind
from portal.models import Agreement, Brief, Cohort, Membership, RoleGrant, User
from portal.states import Role

_number = count(1)

GB_IBAN = "GB29NWBK60161331926819"
FR_IBAN = "FR1420041010050500013M02606"


def make_cohort(**fields: object) -> Cohort:
    number = next(_number)
    today = timezone.localdate()
    values: dict[str, object] = {
        "name": f"Residency {number}",
        "slug": f"residency-{number}",
        "starts_on": today - timedelta(days=10),
        "ends_on": today + timedelta(days=80),
        "models_on_offer": ["starter"],
        "currency": "EUR",
    }
    values.update(fields)
    agreement = Agreement.objects.create(title=f"Agreement {number}")
    return Cohort.objects.create(agreement=agreement, **values)


def make_person(name: str = "", **fields: object) -> User:
    number = next(_number)
    shown = name or f"Person {number}"
    return User.objects.create_user(f"person{number}@example.org", name=shown, **fields)


def make_artist(cohort: Cohort, name: str = "", **fields: object) -> User:
    artist = make_person(name, **fields)
    Membership.objects.create(cohort=cohort, user=artist)
    return artist


def make_admin(name: str = "", cohort: Cohort | None = None) -> User:
    admin = make_person(name)
    RoleGrant.objects.create(user=admin, role=Role.ADMIN, cohort=cohort)
    return admin


def make_reviewer(name: str = "") -> User:
    reviewer = make_person(name)
    RoleGrant.objects.create(user=reviewer, role=Role.REVIEWER)
    return reviewer


def make_brief(cohort: Cohort, takes_wanted: int = 1, title: str = "A place you miss") -> Brief:
    return Brief.objects.create(
        cohort=cohort,
        title=title,
        text="Show it.",
        due_on=timezone.localdate() + timedelta(days=30),
        takes_wanted=takes_wanted,
    )


def make_clip(artist: User, cohort: Cohort, brief: Brief | None = None) -> Clip:
    """A clip that waits; ``finish`` makes it ready."""
    account, _created = GpuAccount.objects.get_or_create(artist=artist, cohort=cohort)
    return Clip.objects.create(
        artist=artist,
        cohort=cohort,
        account=account,
        brief=brief,
        prompt="a red boat on the sea at night",
        model_key="starter",
        width=128,
        height=128,
        frames=17,
        fps=8,
        steps=20,
        guidance=Decimal("5.0"),
        seed=1,
    )


def finish(clip: Clip) -> Clip:
    """Tell the house that *clip* is ready, as the worker does."""
    clip_ready.send(sender=Clip, clip=clip, actor=None)
    return clip


def make_ready_clip(artist: User, cohort: Cohort) -> Clip:
    """A clip whose row says ready; it has no files."""
    clip = make_clip(artist, cohort)
    for state in (ClipState.LOADING, ClipState.RENDERING, ClipState.ENCODING):
        Clip.objects.filter(pk=clip.pk).update(state=state)
    Clip.objects.filter(pk=clip.pk).update(
        state=ClipState.READY,
        sha256="a" * 64,
        settings_sha256="b" * 64,
        original="o.mp4",
        preview="p.mp4",
        poster="p.jpg",
        filmstrip="f.jpg",
        cover="c.jpg",
    )
    clip.refresh_from_db()
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
    """A payout of everything that is owed, carried to its end."""
    payout = make_draft(drafter, cohort)
    approve(actor=approver, payout=payout)
    export(actor=drafter, payout=payout)
    return mark_sent(actor=drafter, payout=payout)
