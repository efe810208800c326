"""Disputes: raised by the artist, answered by finance, ended with an entry or with words."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.dispute_errors import DisputeOver, DisputeSilent, OwnDispute
from payments.dispute_states import DISPUTE_TRANSITIONS, DisputeState
from payments.models import Dispute, DisputeMessage
from payments.models.dispute import WORDS_LIMIT
from payments.services.accrual import adjust
from portal.duties import Duty, people_for
from portal.models import Cohort, User
from portal.services import audit
from portal.services.notify import notify
from portal.services.transitions import require_step

if TYPE_CHECKING:
    from payments.models import WorkItem


@transaction.atomic
def raise_dispute(
    *, actor: User, cohort: Cohort, text: str, token: uuid.UUID, work: WorkItem | None = None
) -> Dispute:
    """Say that pay is wrong, or that work is missing. The same form sent twice asks once.

    A line that is disputed already gets the words into its thread.

    Raises:
        DisputeSilent: no words.
    """
    words = _words(text)
    known = Dispute.objects.filter(artist=actor, token=token).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            row = Dispute.objects.create(artist=actor, cohort=cohort, work=work, token=token)
    except IntegrityError:
        running = Dispute.objects.filter(artist=actor, ended_at__isnull=True)
        again = Dispute.objects.filter(artist=actor, token=token).first()
        return again or say(actor=actor, dispute=running.get(work=work), text=text)
    DisputeMessage.objects.create(dispute=row, by=actor, text=words)
    audit.record(
        actor=actor,
        action="dispute.raised",
        target=row,
        cohort=cohort,
        after={"work": work.pk if work else None},
    )
    _tell_finance(row, words)
    return row


@transaction.atomic
def say(*, actor: User, dispute: Dispute, text: str) -> Dispute:
    """Write into the thread: the artist opens it again, finance answers it.

    Raises:
        DisputeSilent: no words.
        DisputeOver: it has ended.
    """
    words = _words(text)
    row = _locked(dispute)
    mine = row.artist_id == actor.pk
    to = DisputeState.OPEN if mine else DisputeState.ANSWERED
    DisputeMessage.objects.create(dispute=row, by=actor, text=words)
    before = DisputeState(row.state)
    if before != to:
        require_step(DISPUTE_TRANSITIONS, before, to)
        row.state = to
        row.save(update_fields=["state"])
    audit.record(
        actor=actor,
        action="dispute.written",
        target=row,
        cohort=row.cohort,
        before={"state": before.value},
        after={"state": to.value},
    )
    if mine:
        _tell_finance(row, words)
    else:
        _tell_artist(row, _("An answer to your dispute"), words)
    return row


@transaction.atomic
def settle(
    *, actor: User, dispute: Dispute, amount_minor: int, currency: str, text: str
) -> Dispute:
    """End it with an entry: minor units of *currency* added, or below zero taken off.

    Raises:
        DisputeSilent: no words; they are the entry's reason, too.
        BadRate: no amount.
        DisputeOver: it has ended.
        OwnDispute: it is *actor*'s.
    """
    words = _words(text)
    row = _locked(dispute)
    _not_own(actor, row)
    entry = adjust(
        actor=actor,
        artist=row.artist,
        cohort=row.cohort,
        amount_minor=amount_minor,
        currency=currency,
        reason=words,
    )
    return _end(actor=actor, row=row, to=DisputeState.SETTLED, words=words, entry=entry)


@transaction.atomic
def close(*, actor: User, dispute: Dispute, text: str) -> Dispute:
    """End it without an entry, in words that the artist reads.

    Raises:
        DisputeSilent, DisputeOver, OwnDispute: as for ``settle``.
    """
    words = _words(text)
    row = _locked(dispute)
    _not_own(actor, row)
    return _end(actor=actor, row=row, to=DisputeState.CLOSED, words=words, entry=None)


def _end(
    *, actor: User, row: Dispute, to: DisputeState, words: str, entry: WorkItem | None
) -> Dispute:
    before = DisputeState(row.state)
    require_step(DISPUTE_TRANSITIONS, before, to)
    DisputeMessage.objects.create(dispute=row, by=actor, text=words)
    row.state, row.entry_work = to, entry
    row.ended_at, row.ended_by = timezone.now(), actor
    row.save(update_fields=["state", "entry_work", "ended_at", "ended_by"])
    audit.record(
        actor=actor,
        action=f"dispute.{to.value}",
        target=row,
        cohort=row.cohort,
        before={"state": before.value},
        after={"state": to.value, "amount_minor": entry.amount_minor if entry else 0},
        reason=words[:300],
    )
    _tell_artist(row, _("Your dispute is over"), words)
    return row


def _words(text: str) -> str:
    words = text.strip()[:WORDS_LIMIT]
    if not words:
        raise DisputeSilent(field="text")
    return words


def _locked(dispute: Dispute) -> Dispute:
    rows = Dispute.objects.select_for_update(of=("self",)).select_related("artist", "cohort")
    row = rows.get(pk=dispute.pk)
    if row.is_over:
        raise DisputeOver()
    return row


def _not_own(actor: User, row: Dispute) -> None:
    if row.artist_id == actor.pk:
        raise OwnDispute()


def _tell_artist(row: Dispute, title: object, words: str) -> None:
    notify(
        user=row.artist,
        kind="dispute.answered",
        title=title,  # type: ignore[arg-type]  # a lazy text
        text="%(words)s",
        url=reverse("payments:dispute", args=[row.pk]),
        params={"words": words},
    )


def _tell_finance(row: Dispute, words: str) -> None:
    for person in people_for(Duty.PAYOUTS, row.cohort_id).exclude(pk=row.artist_id):
        notify(
            user=person,
            kind="dispute.raised",
            title=_("A dispute about pay: %(name)s"),
            text="%(words)s",
            url=reverse("payments:dispute", args=[row.pk]),
            params={"name": row.artist.name, "words": words},
        )
