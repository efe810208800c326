"""Batches of invitations: a table is brought, looked at, started, and sent row by row.

Each row is one transaction that makes the invitation, its mail and the row's result, so a worker
that dies leaves either all of it or nothing, and a second worker finds the row done. The batch is
locked before the cohort.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone, translation

from portal import access, invitees, queries, tables
from portal.errors import CohortNotOpen, GreenroomError, IllegalTransition, NotAllowed
from portal.invitation_errors import BatchExpired, BatchHasNoWork, TooManyBatches
from portal.invitation_plan import Fate, members_and_invited, plan_of
from portal.models import Cohort, Invitation, InvitationBatch, InvitationBatchRow, User
from portal.services import audit, invitations
from portal.services import invitation_rows as rows
from portal.services.transitions import require_step
from portal.states import BATCH_TRANSITIONS, BatchState

KEPT = timedelta(days=7)
MOST_DRAFTS = 20
# How many one look sends, so that other cohorts' batches come to their turn.
ROWS_A_LOOK = 50


def bring(*, actor: User, cohort: Cohort, name: str, content: bytes) -> InvitationBatch:
    """Read *content* and keep it as a draft; nobody is invited.

    Raises:
        CohortNotOpen, TooManyBatches, and what :func:`portal.invitees.read` refuses.
    """
    people, notes = invitees.read(content, language=actor.language)
    with transaction.atomic():
        cohort = rows.lock_open(cohort.pk)
        drafts = cohort.invitation_batches.filter(state=BatchState.DRAFT)
        if drafts.count() >= MOST_DRAFTS:
            raise TooManyBatches(field="file")
        batch = InvitationBatch.objects.create(
            cohort=cohort,
            name=tables.name_of_file(name) or "invitations.csv",
            notes=[note[:500] for note in notes],
            brought_by=actor,
            keep_until=timezone.now() + KEPT,
        )
        # Who is invited already gets a second mail only where somebody ticks it.
        emails = [person.email for person in people if not person.problem]
        members, invited = members_and_invited(batch, emails)
        InvitationBatchRow.objects.bulk_create(
            InvitationBatchRow(
                batch=batch,
                number=person.number,
                email=person.email,
                name=person.name,
                language=person.language,
                note=person.note,
                problem=person.problem[:500],
                same_as=person.same_as,
                is_wanted=not person.problem and person.email not in members | invited,
            )
            for person in people
        )
        audit.record(
            actor=actor,
            action="invitation_batch.brought",
            target=batch,
            cohort=cohort,
            after={"name": batch.name, "rows": len(people)},
        )
    return batch


@transaction.atomic
def choose(
    *, actor: User, batch: InvitationBatch, shown: Collection[int], ticked: Collection[int]
) -> InvitationBatch:
    """Tick, of the rows *shown*, those *ticked*, and none of the others.

    Raises:
        BatchExpired, IllegalTransition: it was started meanwhile.
    """
    locked = _locked_draft(batch)
    sound = locked.rows.filter(problem="", number__in=shown)
    sound.filter(number__in=ticked).update(is_wanted=True)
    sound.exclude(number__in=ticked).update(is_wanted=False)
    return locked


@transaction.atomic
def start(*, actor: User, batch: InvitationBatch) -> InvitationBatch:
    """Begin to send what the preview says; workers go on with it.

    What the preview says cannot be sent, for want of a seat or because they are members, is
    settled at once, in the words of *actor*.

    Raises:
        BatchHasNoWork, BatchExpired, CohortNotOpen, IllegalTransition (started already)
    """
    locked = _locked_draft(batch)
    rows.lock_open(locked.cohort_id)
    going: dict[Fate, list[int]] = {Fate.SEND: [], Fate.RESEND: []}
    refused: dict[Fate, list[int]] = {Fate.MEMBER: [], Fate.NO_SEAT: []}
    for planned in plan_of(locked).rows:
        if planned.fate in going:
            going[planned.fate].append(planned.row.pk)
        elif planned.fate in refused:
            refused[planned.fate].append(planned.row.pk)
    if not any(going.values()):
        raise BatchHasNoWork()
    now = timezone.now()
    for fate, chosen in going.items():
        locked.rows.filter(pk__in=chosen).update(is_due=True, renews=fate == Fate.RESEND)
    for fate, chosen in refused.items():
        locked.rows.filter(pk__in=chosen).update(refusal=str(fate.label), settled_at=now)
    locked.started_by, locked.started_at = actor, now
    _step(
        locked,
        BatchState.SENDING,
        *("started_by", "started_at"),
        actor=actor,
        action="invitation_batch.started",
        facts={"name": locked.name, "invitations": sum(map(len, going.values()))},
    )
    _ring_after_commit()
    return locked


@transaction.atomic
def stop(*, actor: User, batch: InvitationBatch) -> InvitationBatch:
    """Send no more of it; what has left has left.

    Raises:
        IllegalTransition: it is not being sent.
    """
    locked = _locked(batch)
    locked.ended_at = timezone.now()
    _step(locked, BatchState.STOPPED, "ended_at", actor=actor, action="invitation_batch.stopped")
    return locked


@transaction.atomic
def resume(*, actor: User, batch: InvitationBatch) -> InvitationBatch:
    """Go on with the rows that are still due; they are sent in the name of *actor*.

    Raises:
        CohortNotOpen, IllegalTransition
    """
    locked = _locked(batch)
    require_step(BATCH_TRANSITIONS, BatchState(locked.state), BatchState.SENDING)
    rows.lock_open(locked.cohort_id)
    locked.held_by, locked.ended_at, locked.started_by = "", None, actor
    _step(
        locked,
        BatchState.SENDING,
        *("held_by", "ended_at", "started_by"),
        actor=actor,
        action="invitation_batch.resumed",
    )
    _ring_after_commit()
    return locked


@transaction.atomic
def discard(*, actor: User, batch: InvitationBatch) -> None:
    """Forget a draft, the people in it included.

    Raises:
        IllegalTransition: it was started; then it is a record.
    """
    locked = _locked_draft(batch, even_over=True)
    audit.record(
        actor=actor,
        action="invitation_batch.discarded",
        target=locked,
        cohort=locked.cohort,
        before={"name": locked.name},
    )
    locked.delete()


@transaction.atomic
def expire_due() -> int:
    """Forget the people in drafts that nobody started in time; answers how many drafts."""
    due = list(
        InvitationBatch.objects.select_for_update(no_key=True, of=("self",))
        .select_related("cohort")
        .filter(state=BatchState.DRAFT, keep_until__lte=timezone.now())
        .order_by("pk")
    )
    for batch in due:
        batch.rows.all().delete()
        _step(batch, BatchState.EXPIRED, actor=None, action="invitation_batch.expired")
    return len(due)


def go_on() -> int:
    """Send the next rows of each batch that is under way; answers how many left.

    Rings for another worker while there is more.
    """
    sending = InvitationBatch.objects.filter(state=BatchState.SENDING).order_by("created_at")
    done = [_look(batch) for batch in sending.select_related("started_by")]
    if any(count == ROWS_A_LOOK for count in done):
        _ring_after_commit()
    return sum(done)


def _look(batch: InvitationBatch) -> int:
    """Up to ``ROWS_A_LOOK`` rows, each in a transaction of its own."""
    # A refusal is written down in the words of who reads it.
    language = batch.started_by.language if batch.started_by is not None else "en"
    with translation.override(language):
        for count in range(ROWS_A_LOOK):
            if not _next_row(batch):
                return count
    return ROWS_A_LOOK


def _next_row(batch: InvitationBatch) -> bool:
    """Send the first row that is due; False when there is none, or nothing may be sent."""
    with transaction.atomic():
        # Another worker that holds it goes on with it.
        locked = (
            InvitationBatch.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .select_related("cohort", "started_by")
            .filter(pk=batch.pk, state=BatchState.SENDING)
            .first()
        )
        if locked is None or locked.started_by is None:
            return False
        row = locked.rows.filter(is_due=True).order_by("number").first()
        if row is None:
            _end(locked, BatchState.FINISHED, "invitation_batch.finished")
            return False
        try:
            with transaction.atomic():
                row.invitation = _send(locked.started_by, locked.cohort, row)
        except (CohortNotOpen, NotAllowed) as error:
            _end(locked, BatchState.STOPPED, "invitation_batch.held", held_by=error.code)
            return False
        except GreenroomError as error:
            row.refusal = str(error.message)[:500]
        row.is_due, row.settled_at = False, timezone.now()
        row.save(update_fields=["invitation", "refusal", "is_due", "settled_at"])
    return True


def _send(actor: User, cohort: Cohort, row: InvitationBatchRow) -> Invitation:
    if not access.admins_of(cohort.pk).filter(pk=actor.pk).exists():
        raise NotAllowed()
    standing = queries.live_invitations_of(cohort).filter(email=row.email).first()
    if row.renews and standing is not None:
        return invitations.resend(actor=actor, invitation=standing)
    return invitations.invite(
        actor=actor,
        cohort=cohort,
        email=row.email,
        name=row.name,
        language=row.language,
        note=row.note,
    )


def _end(batch: InvitationBatch, state: BatchState, action: str, *, held_by: str = "") -> None:
    batch.held_by, batch.ended_at = held_by, timezone.now()
    _step(batch, state, "held_by", "ended_at", actor=None, action=action)


def _step(
    batch: InvitationBatch,
    after: BatchState,
    *fields: str,
    actor: User | None,
    action: str,
    facts: dict[str, object] | None = None,
) -> None:
    require_step(BATCH_TRANSITIONS, BatchState(batch.state), after)
    batch.state = after
    batch.save(update_fields=["state", *fields])
    audit.record(
        actor=actor,
        action=action,
        target=batch,
        cohort=batch.cohort,
        after=facts or {"name": batch.name},
    )


def _locked(batch: InvitationBatch) -> InvitationBatch:
    return (
        InvitationBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("cohort")
        .get(pk=batch.pk)
    )


def _locked_draft(batch: InvitationBatch, *, even_over: bool = False) -> InvitationBatch:
    locked = _locked(batch)
    if locked.state == BatchState.EXPIRED or (locked.is_over and not even_over):
        raise BatchExpired()
    if locked.state != BatchState.DRAFT:
        raise IllegalTransition()
    return locked


def _ring_after_commit() -> None:
    transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    """Wake a worker; when the broker is away, the next beat finds the batch."""
    from portal.tasks import send_invitation_batches

    send_invitation_batches.apply_async(retry=False)
