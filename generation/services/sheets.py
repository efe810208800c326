"""Prompt sheets: brought, started, paused, gone on with, cancelled, run again.

A row becomes a clip through the one service that makes clips, in the transaction that notes it on
the row; its token is fixed, so that nothing is made twice. What a limit holds back waits and is
tried again. The sheet is locked before its clips' accounts.
"""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation

from generation.catalogue import offered
from generation.errors import BudgetSpent, NotAMember, TooManyWaiting
from generation.models import PromptSheet, PromptSheetRow
from generation.services import clips, create
from generation.services.wishes import require_member
from generation.sheet_errors import SheetHasNoWork, TooManySheets
from generation.sheets import reading
from generation.sheets.wishes import Asked, asked_in
from generation.states import LIVE, SHEET_TRANSITIONS, ClipState, SheetState
from portal import keys
from portal.containment_errors import Contained
from portal.errors import (
    AgreementNotSigned,
    CohortNotOpen,
    GreenroomError,
    IllegalTransition,
    NotAllowed,
)
from portal.member_errors import MembershipEnded
from portal.models import User
from portal.services import audit
from portal.services.transitions import require_step

if TYPE_CHECKING:
    from portal.models import Cohort

log = logging.getLogger(__name__)

# What passes by itself, or once the artist did something: the row waits for it.
HOLDS = (
    TooManyWaiting,
    BudgetSpent,
    CohortNotOpen,
    AgreementNotSigned,
    NotAMember,
    MembershipEnded,
    Contained,
)
# How many rows one look asks for, so that others' sheets come to their turn.
ROWS_A_LOOK = 25
MOST_OPEN = 20
_OPEN = (SheetState.DRAFT, SheetState.RUNNING, SheetState.PAUSED)


def bring(*, actor: User, cohort: Cohort, name: str, content: bytes) -> PromptSheet:
    """Read *content* and keep it as a sheet that nobody has started; no clip is made.

    Raises:
        NotAMember, TooManySheets, and what :func:`generation.sheets.reading.read` refuses.
    """
    sheet = reading.read(content)
    entries = offered(cohort)
    asked = [asked_in(line, entries) for line in sheet.lines]
    with transaction.atomic():
        require_member(actor, cohort)
        # One artist's sheets come one after the other, so that the count holds.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if PromptSheet.objects.filter(artist=actor, state__in=_OPEN).count() >= MOST_OPEN:
            raise TooManySheets(field="file")
        made = PromptSheet.objects.create(
            artist=actor,
            cohort=cohort,
            name=_name(name),
            notes=[note[:500] for note in sheet.notes],
        )
        PromptSheetRow.objects.bulk_create(_row(made, wish) for wish in asked)
        audit.record(
            actor=actor,
            action="sheet.brought",
            target=made,
            cohort=cohort,
            after={"name": made.name, "rows": len(asked)},
        )
    return made


def start(*, actor: User, sheet: PromptSheet) -> PromptSheet:
    """Begin to ask for its rows, in order.

    Raises:
        SheetHasNoWork: every row has a problem. IllegalTransition, NotAllowed
    """
    with transaction.atomic():
        locked = _locked_own(actor, sheet)
        if not locked.rows.filter(is_due=True).exists():
            raise SheetHasNoWork
        locked.started_at = Now()
        _step(locked, SheetState.RUNNING, "started_at", actor=actor, action="sheet.started")
    _look(locked)
    return _fresh(locked)


def pause(*, actor: User, sheet: PromptSheet) -> PromptSheet:
    """Ask for no more rows until it is resumed; clips that are on their way go on."""
    with transaction.atomic():
        locked = _locked_own(actor, sheet)
        locked.held_by = ""
        _step(locked, SheetState.PAUSED, "held_by", actor=actor, action="sheet.paused")
    return locked


def resume(*, actor: User, sheet: PromptSheet) -> PromptSheet:
    with transaction.atomic():
        locked = _locked_own(actor, sheet)
        if locked.state != SheetState.PAUSED:
            raise IllegalTransition
        _step(locked, SheetState.RUNNING, actor=actor, action="sheet.resumed")
    _look(locked)
    return _fresh(locked)


def cancel(*, actor: User, sheet: PromptSheet) -> PromptSheet:
    """Ask for no more rows, and cancel its clips that are on their way."""
    with transaction.atomic():
        locked = _locked_own(actor, sheet)
        locked.held_by = ""
        _step(locked, SheetState.CANCELLED, "held_by", actor=actor, action="sheet.cancelled")
        locked.rows.filter(is_due=True).update(is_due=False)
    for row in locked.rows.filter(clip__state__in=LIVE).select_related("clip"):
        try:
            clips.cancel(actor=actor, clip=row.clip)  # type: ignore[arg-type]
        except IllegalTransition:
            # It has ended meanwhile.
            continue
    return locked


def run_again(*, actor: User, sheet: PromptSheet) -> PromptSheet:
    """Put the rows whose clips have failed back behind the others.

    Raises:
        SheetHasNoWork: none has failed. IllegalTransition, NotAllowed
    """
    with transaction.atomic():
        locked = _locked_own(actor, sheet)
        failed = locked.rows.filter(
            clip__state=ClipState.FAILED, clip__deleted_at=None, is_due=False
        )
        if locked.state == SheetState.CANCELLED:
            raise IllegalTransition
        if not failed.update(is_due=True):
            raise SheetHasNoWork
        if locked.state == SheetState.FINISHED:
            _step(locked, SheetState.RUNNING, actor=actor, action="sheet.ran_again")
        else:
            audit.record(actor=actor, action="sheet.ran_again", target=locked, cohort=locked.cohort)
    if locked.state == SheetState.RUNNING:
        _look(locked)
    return _fresh(locked)


def delete(*, actor: User, sheet: PromptSheet) -> None:
    """Forget a sheet that made nothing; what made clips stays for their record."""
    with transaction.atomic():
        locked = _locked_own(actor, sheet)
        if locked.state != SheetState.DRAFT:
            raise IllegalTransition
        audit.record(
            actor=actor,
            action="sheet.deleted",
            target=locked,
            cohort=locked.cohort,
            before={"name": locked.name},
        )
        locked.delete()


def go_on() -> int:
    """Ask for the next rows of every sheet that is under way; how many became clips."""
    running = PromptSheet.objects.filter(state=SheetState.RUNNING).order_by("created_at")
    return sum(_look(sheet) for sheet in running.select_related("artist"))


def _look(sheet: PromptSheet) -> int:
    """Up to ``ROWS_A_LOOK`` rows, each in a transaction of its own, until a limit holds one."""
    # A row's problem is written down in its artist's language.
    with translation.override(sheet.artist.language):
        for count in range(ROWS_A_LOOK):
            if not _next_row(sheet):
                return count
    return ROWS_A_LOOK


def _next_row(sheet: PromptSheet) -> bool:
    """Ask for the first row that is due; False when there is none, or it has to wait."""
    with transaction.atomic():
        locked = _locked(sheet)
        if locked is None or locked.state != SheetState.RUNNING:
            return False
        row = locked.rows.filter(is_due=True).select_related("clip").order_by("number").first()
        if row is None:
            locked.held_by = ""
            _step(locked, SheetState.FINISHED, "held_by", actor=None, action="sheet.finished")
            return False
        try:
            with transaction.atomic():
                _ask(locked, row)
        except HOLDS as error:
            _hold(locked, error.code)
            return False
        except GreenroomError as error:
            # The programme took the model away, or refuses these words.
            row.is_due, row.problem = False, str(error.message)[:500]
            row.save(update_fields=["is_due", "problem"])
        _hold(locked, "")
    return True


def _ask(sheet: PromptSheet, row: PromptSheetRow) -> None:
    if row.clip is not None:
        # Its artist may have run it again, or deleted it, on its own page.
        if row.clip.may_run_again and row.clip.deleted_at is None:
            create.run_again(actor=sheet.artist, clip=row.clip)
    else:
        [row.clip] = create.create_clips(
            actor=sheet.artist,
            cohort=sheet.cohort,
            prompt=row.prompt,
            model_key=row.model_key,
            size=row.size,
            frames=row.frames,
            request_id=row.request_id,
            seed=row.seed,
            title=row.title,
        )
    row.is_due = False
    row.save(update_fields=["clip", "is_due"])


def _hold(sheet: PromptSheet, code: str) -> None:
    if sheet.held_by != code:
        sheet.held_by = code
        sheet.save(update_fields=["held_by"])


def _step(
    sheet: PromptSheet, after: SheetState, *fields: str, actor: User | None, action: str
) -> None:
    before = SheetState(sheet.state)
    require_step(SHEET_TRANSITIONS, before, after)
    sheet.state = after
    sheet.save(update_fields=["state", *fields])
    audit.record(
        actor=actor,
        action=action,
        target=sheet,
        cohort=sheet.cohort,
        before={"state": before},
        after={"state": after},
    )


def _locked(sheet: PromptSheet) -> PromptSheet | None:
    return (
        PromptSheet.objects.select_for_update(of=("self",), no_key=True)
        .select_related("artist", "cohort")
        .filter(pk=sheet.pk)
        .first()
    )


def _locked_own(actor: User, sheet: PromptSheet) -> PromptSheet:
    locked = _locked(sheet)
    if locked is None or locked.artist_id != actor.pk:
        raise NotAllowed
    return locked


def _fresh(sheet: PromptSheet) -> PromptSheet:
    sheet.refresh_from_db()
    return sheet


def _row(sheet: PromptSheet, wish: Asked) -> PromptSheetRow:
    return PromptSheetRow(
        sheet=sheet,
        number=wish.number,
        prompt=wish.prompt,
        title=wish.title,
        model_key=wish.model_key,
        size=wish.size,
        frames=wish.frames,
        seed=wish.seed,
        estimate=wish.estimate,
        problem=wish.problem[:500],
        is_due=not wish.problem,
    )


def _name(name: str) -> str:
    """The file's name, without folders and what cannot be kept."""
    plain = "".join(letter for letter in PurePath(name).name if letter.isprintable())
    return keys.redact(" ".join(plain.split()))[:120] or "prompts.csv"
