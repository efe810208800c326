"""What a batch of invitations will do, row by row, and what it has done. Nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import queries
from portal.models import InvitationBatch, InvitationBatchRow, Membership
from portal.states import BatchState


class Fate(TextChoices):
    """What becomes of one row."""

    SEND = "send", _("Will be invited")
    RESEND = "resend", _("Gets a new link")
    INVITED = "already_invited", _("Already invited")
    MEMBER = "member", _("Already a member")
    REPEATED = "repeated", _("Twice in the table")
    WRONG = "wrong", _("Cannot be invited")
    NO_SEAT = "no_seat", _("No seat left")
    LEFT_OUT = "left_out", _("Left out")
    DUE = "to_come", _("To come")
    SENT = "sent", pgettext_lazy("invitation", "Sent")
    REFUSED = "refused", _("Not sent")


GOING = frozenset({Fate.SEND, Fate.RESEND})
PROBLEMS = frozenset({Fate.MEMBER, Fate.REPEATED, Fate.WRONG, Fate.NO_SEAT, Fate.REFUSED})
# A tick means something to these: without it they are left out, or stay as they are.
CHOICES = frozenset({Fate.SEND, Fate.RESEND, Fate.INVITED, Fate.NO_SEAT, Fate.LEFT_OUT})
TONES: Mapping[Fate, str] = {
    Fate.SEND: "success",
    Fate.RESEND: "info",
    Fate.REPEATED: "warning",
    Fate.WRONG: "danger",
    Fate.NO_SEAT: "warning",
    Fate.SENT: "success",
    Fate.REFUSED: "danger",
}


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """One row, its fate and, where the fate needs it, a sentence."""

    row: InvitationBatchRow
    fate: Fate
    detail: str | Promise = ""

    @property
    def tone(self) -> str:
        return TONES.get(self.fate, "neutral")

    @property
    def has_choice(self) -> bool:
        return self.fate in CHOICES


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All rows of a batch; ``seats_left`` of ``seats`` are free before any of them is sent."""

    rows: Sequence[PlannedRow]
    seats_left: int
    seats: int

    @property
    def counts(self) -> Counter[Fate]:
        return Counter(planned.fate for planned in self.rows)

    @property
    def going(self) -> int:
        return sum(planned.fate in GOING for planned in self.rows)

    @property
    def problems(self) -> int:
        return sum(planned.fate in PROBLEMS for planned in self.rows)


def plan_of(batch: InvitationBatch) -> Plan:
    """What would happen now (a draft), or what happened and is to come, in two or three queries."""
    rows = list(batch.rows.select_related("invitation").order_by("number"))
    left = queries.seats_left(batch.cohort)
    planned = (
        _foreseen(batch, rows, left)
        if batch.state == BatchState.DRAFT
        else [_recorded(row) for row in rows]
    )
    return Plan(rows=planned, seats_left=left, seats=batch.cohort.seats)


def _foreseen(
    batch: InvitationBatch, rows: Sequence[InvitationBatchRow], seats: int
) -> list[PlannedRow]:
    members, invited = members_and_invited(batch, [row.email for row in rows if not row.problem])
    planned = []
    for row in rows:
        fate = _fate(row, members, invited, seats)
        seats -= fate == Fate.SEND
        planned.append(PlannedRow(row=row, fate=fate, detail=row.problem))
    return planned


def _fate(row: InvitationBatchRow, members: set[str], invited: set[str], seats: int) -> Fate:
    if row.problem:
        return Fate.WRONG if row.same_as is None else Fate.REPEATED
    if row.email in members:
        return Fate.MEMBER
    if row.email in invited:
        return Fate.RESEND if row.is_wanted else Fate.INVITED
    if not row.is_wanted:
        return Fate.LEFT_OUT
    return Fate.SEND if seats > 0 else Fate.NO_SEAT


def members_and_invited(batch: InvitationBatch, emails: Sequence[str]) -> tuple[set[str], set[str]]:
    """Those of *emails* that belong to members of the cohort, and that hold a live invitation."""
    members = (
        Membership.objects.live()
        .filter(cohort=batch.cohort_id, user__emailaddress__email__in=emails)
        .values_list("user__emailaddress__email", flat=True)
    )
    invited = queries.live_invitations_of(batch.cohort).filter(email__in=emails)
    return set(members), set(invited.values_list("email", flat=True))


def _recorded(row: InvitationBatchRow) -> PlannedRow:
    if row.problem:
        fate = Fate.WRONG if row.same_as is None else Fate.REPEATED
        return PlannedRow(row=row, fate=fate, detail=row.problem)
    if row.invitation_id is not None:
        return PlannedRow(row=row, fate=Fate.SENT)
    if row.refusal:
        return PlannedRow(row=row, fate=Fate.REFUSED, detail=row.refusal)
    return PlannedRow(row=row, fate=Fate.DUE if row.is_due else Fate.LEFT_OUT)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Of the rows that were started: how many there are, were sent, were refused."""

    batch: InvitationBatch
    rows: int
    started: int
    sent: int
    refused: int

    @property
    def settled(self) -> int:
        return self.sent + self.refused

    @property
    def due(self) -> int:
        return self.started - self.settled


def progress_of(batches: Sequence[InvitationBatch]) -> list[Progress]:
    """Of all *batches* in one query."""
    counted: dict[Any, dict[str, Any]] = {
        found["batch"]: dict(found)
        for found in InvitationBatchRow.objects.filter(batch__in=batches)
        .order_by()
        .values("batch")
        .annotate(
            rows=Count("pk"),
            started=Count("pk", filter=Q(is_due=True) | Q(settled_at__isnull=False)),
            sent=Count("pk", filter=Q(invitation__isnull=False)),
            refused=Count("pk", filter=~Q(refusal="")),
        )
    }
    none = dict.fromkeys(("rows", "started", "sent", "refused"), 0)
    return [
        Progress(
            batch=batch,
            **{name: counted.get(batch.pk, none)[name] for name in none},
        )
        for batch in batches
    ]
