"""A sheet becomes clips row by row, each once, as there is room."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.models import Clip, PromptSheet, PromptSheetRow
from generation.services import clips, sheets
from generation.sheet_errors import SheetHasNoWork, TooManySheets
from generation.sheet_standing import standings_of
from generation.states import SHEET_TRANSITIONS, ClipState, SheetState
from generation.tasks import go_on_with_sheets
from portal.containment import Target
from portal.errors import GreenroomError, IllegalTransition, NotAllowed
from portal.models import AuditEntry, Cohort, User
from portal.services import containment
from portal.states import CohortState, Role, Stage
from tests.factories.generation import make_clip
from tests.factories.portal import make_containment, make_person

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

THREE = b"prompt,seed,title\na red boat,7,Boat\na blue bird,,\na red bird,8,\n"


def bring(artist: User, cohort: Cohort, content: bytes = THREE, **changes: Any) -> PromptSheet:
    return sheets.bring(
        **{"actor": artist, "cohort": cohort, "name": "boats.csv", "content": content, **changes}
    )


def numbered(count: int) -> bytes:
    return b"prompt\n" + b"".join(f"a red boat {n}\n".encode() for n in range(count))


def end(sheet: PromptSheet, state: ClipState = ClipState.FAILED, **rows: Any) -> None:
    """Let the clips of *rows* end without a result."""
    code = "render_failed" if state == ClipState.FAILED else ""
    found = Clip.objects.filter(sheet_row__sheet=sheet, **rows)
    found.update(state=state, error_code=code)


@pytest.fixture
def sheet(ada: User, cohort: Cohort) -> PromptSheet:
    return bring(ada, cohort)


def test_bringing_a_sheet_makes_no_clip(sheet: PromptSheet, ada: User, cohort: Cohort) -> None:
    assert not Clip.objects.exists()
    assert (sheet.state, sheet.name, sheet.artist, sheet.cohort) == (
        SheetState.DRAFT,
        "boats.csv",
        ada,
        cohort,
    )
    rows = list(sheet.rows.values_list("number", "prompt", "model_key", "size", "frames", "seed"))
    assert rows == [
        (1, "a red boat", "starter", "32x32", 9, 7),
        (2, "a blue bird", "starter", "32x32", 9, None),
        (3, "a red bird", "starter", "32x32", 9, 8),
    ]
    [standing] = standings_of([sheet])
    assert (standing.due, standing.seconds) == (3, Decimal("6.000"))
    assert AuditEntry.objects.get(action="sheet.brought").after == {"name": "boats.csv", "rows": 3}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",starter,,,,", "say "),
        (f"{'x' * 61},,,,,", "too long"),
        ("a boat,sora,,,,", "model"),
        ("a boat,,7,,,", "seconds"),
        ("a boat,,,64x64,,", "size"),
        ("a boat,,,,-1,", "seed"),
        ("a boat,,,,4294967296,", "seed"),
        ("a boat,,,,²,", "seed"),
        (f"a boat,,,,,{'x' * 121}", "title"),
        ("a boat,,,,,,,x", "more cells"),
    ],
)
def test_a_row_that_cannot_be_made_says_why_and_stops_no_other(
    ada: User, cohort: Cohort, row: str, problem: str
) -> None:
    text = f"prompt,model,seconds,size,seed,title\n{row}\na boat,Tiny,0.5,48 × 32,1,\n"
    made = bring(ada, cohort, text.encode())
    first, second = made.rows.all()
    assert problem in first.problem.lower()
    assert first.problem
    assert not first.is_due
    assert (second.problem, second.size, second.frames, second.is_due) == ("", "48x32", 5, True)


def test_a_key_is_not_kept(ada: User, cohort: Cohort) -> None:
    from portal import keys

    clear = keys.make()
    made = bring(ada, cohort, f"prompt,title\na boat {clear},{clear}\n".encode())
    row = made.rows.get()
    assert row.problem
    assert clear not in row.prompt + row.title


def test_starting_makes_its_clips_in_order(sheet: PromptSheet, ada: User) -> None:
    started = sheets.start(actor=ada, sheet=sheet)
    assert started.state == SheetState.FINISHED
    rows = list(sheet.rows.select_related("clip"))
    assert [row.clip.prompt for row in rows if row.clip] == [row.prompt for row in rows]
    made = [row.clip for row in rows if row.clip]
    assert [clip.seed for clip in made][::2] == [7, 8]
    assert made[0].title == "Boat"
    entries = AuditEntry.objects.filter(action__startswith="sheet.").order_by("pk")
    assert [entry.action for entry in entries] == [
        *("sheet.brought", "sheet.started", "sheet.finished")
    ]
    with pytest.raises(SheetHasNoWork):
        sheets.start(actor=ada, sheet=sheet)


def test_what_may_not_wait_is_held_and_goes_on_by_itself(ada: User, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=2)
    made = sheets.start(actor=ada, sheet=bring(ada, cohort, numbered(5)))
    assert (made.state, made.held_by) == (SheetState.RUNNING, "too_many_waiting")
    assert Clip.objects.count() == 2
    go_on_with_sheets()
    assert Clip.objects.count() == 2
    end(made, ClipState.CANCELLED)
    go_on_with_sheets()
    assert Clip.objects.count() == 4
    end(made, ClipState.CANCELLED)
    go_on_with_sheets()
    made.refresh_from_db()
    assert Clip.objects.count() == 5
    assert (made.state, made.held_by) == (SheetState.FINISHED, "")


def test_a_containment_holds_it_and_loses_no_row(ada: User, cohort: Cohort) -> None:
    admin = make_person("Alba Ferrari", role=Role.ADMIN)
    held = make_containment(Target(stage=Stage.COHORT, cohort_id=cohort.pk), actor=admin)
    made = sheets.start(actor=ada, sheet=bring(ada, cohort))
    assert (made.state, made.held_by) == (SheetState.RUNNING, "contained")
    assert not made.rows.exclude(problem="").exists()
    containment.lift(actor=admin, containment=held)
    assert sheets.go_on() == made.rows.count()


def test_a_spent_budget_and_a_paused_cohort_hold_it(ada: User, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(gpu_seconds_per_artist=5)
    made = sheets.start(actor=ada, sheet=bring(ada, cohort))
    assert (made.held_by, Clip.objects.count()) == ("budget_spent", 2)
    Cohort.objects.filter(pk=cohort.pk).update(
        gpu_seconds_per_artist=None, state=CohortState.PAUSED
    )
    sheets.go_on()
    made.refresh_from_db()
    assert made.held_by == "cohort_not_open"
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.OPEN)
    assert sheets.go_on() == 1
    made.refresh_from_db()
    assert made.state == SheetState.FINISHED


def test_a_model_that_was_taken_away_is_the_rows_problem(ada: User, cohort: Cohort) -> None:
    made = bring(ada, cohort)
    Cohort.objects.filter(pk=cohort.pk).update(models_on_offer=["gone"])
    sheets.start(actor=ada, sheet=made)
    made.refresh_from_db()
    assert made.state == SheetState.FINISHED
    assert all("model" in row.problem.lower() for row in made.rows.all())
    assert not Clip.objects.exists()


def test_pausing_resuming_cancelling(ada: User, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=1)
    made = sheets.start(actor=ada, sheet=bring(ada, cohort))
    assert sheets.pause(actor=ada, sheet=made).held_by == ""
    Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=2)
    assert sheets.go_on() == 0
    with pytest.raises(IllegalTransition):
        sheets.pause(actor=ada, sheet=made)
    assert sheets.resume(actor=ada, sheet=made).state == SheetState.RUNNING
    assert Clip.objects.count() == 2
    cancelled = sheets.cancel(actor=ada, sheet=made)
    assert cancelled.state == SheetState.CANCELLED
    assert set(Clip.objects.values_list("state", flat=True)) == {ClipState.CANCELLED}
    assert [row.standing for row in made.rows.all()] == ["cancelled", "cancelled", "left"]
    assert sheets.go_on() == 0
    for verb in (sheets.start, sheets.resume, sheets.cancel, sheets.run_again):
        with pytest.raises(GreenroomError):
            verb(actor=ada, sheet=made)


def test_failed_rows_run_again_as_the_same_clips(sheet: PromptSheet, ada: User) -> None:
    sheets.start(actor=ada, sheet=sheet)
    with pytest.raises(SheetHasNoWork):
        sheets.run_again(actor=ada, sheet=sheet)
    end(sheet, sheet_row__number=2)
    before = set(Clip.objects.values_list("pk", flat=True))
    assert sheets.run_again(actor=ada, sheet=sheet).state == SheetState.FINISHED
    assert set(Clip.objects.values_list("pk", flat=True)) == before
    assert set(Clip.objects.values_list("state", flat=True)) == {ClipState.QUEUED}


def test_a_failed_clip_that_was_deleted_stays_so(sheet: PromptSheet, ada: User) -> None:
    sheets.start(actor=ada, sheet=sheet)
    end(sheet)
    clips.delete(actor=ada, clip=Clip.objects.get(sheet_row__number=1))
    sheets.run_again(actor=ada, sheet=sheet)
    states = Clip.objects.order_by("sheet_row__number").values_list("state", flat=True)
    assert list(states) == [ClipState.FAILED, ClipState.QUEUED, ClipState.QUEUED]


def test_a_row_that_was_asked_for_already_is_not_made_twice(sheet: PromptSheet, ada: User) -> None:
    sheets.start(actor=ada, sheet=sheet)
    made = set(Clip.objects.values_list("pk", flat=True))
    PromptSheetRow.objects.update(clip=None, is_due=True)
    PromptSheet.objects.update(state=SheetState.RUNNING)
    sheets.go_on()
    assert set(Clip.objects.values_list("pk", flat=True)) == made


@pytest.mark.django_db(transaction=True)
def test_two_looks_at_once_make_each_row_once(ada: User, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=1)
    sheets.start(actor=ada, sheet=bring(ada, cohort, numbered(12)))
    Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=100)

    def look() -> None:
        sheets.go_on()
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    prompts = list(Clip.objects.values_list("prompt", flat=True))
    assert sorted(prompts) == sorted(f"a red boat {n}" for n in range(12))


def test_only_its_artist_acts_on_it(sheet: PromptSheet, lucien: User) -> None:
    for verb in (sheets.start, sheets.pause, sheets.cancel, sheets.delete):
        with pytest.raises(NotAllowed):
            verb(actor=lucien, sheet=sheet)


def test_no_more_than_twenty_stand_open(ada: User, cohort: Cohort) -> None:
    for _ in range(sheets.MOST_OPEN):
        last = bring(ada, cohort, b"prompt\na boat\n")
    with pytest.raises(TooManySheets):
        bring(ada, cohort)
    sheets.delete(actor=ada, sheet=last)
    assert bring(ada, cohort).pk


def test_the_database_refuses_what_must_not_be(
    sheet: PromptSheet, ada: User, cohort: Cohort
) -> None:
    clip = make_clip(artist=ada, cohort=cohort)
    first, second, _third = sheet.rows.all()
    PromptSheetRow.objects.filter(pk=first.pk).update(clip=clip)
    tries: list[tuple[type[DatabaseError], Any]] = [
        (IntegrityError, lambda: sheet.rows.filter(pk=second.pk).update(clip=clip)),
        (IntegrityError, lambda: sheet.rows.filter(pk=second.pk).update(problem="No.")),
        (IntegrityError, lambda: PromptSheet.objects.update(held_by="budget_spent")),
        (IntegrityError, lambda: PromptSheetRow.objects.create(sheet=sheet, number=1)),
        (DatabaseError, lambda: PromptSheet.objects.update(state=SheetState.PAUSED)),
        (DatabaseError, lambda: PromptSheet.objects.update(name="other.csv")),
        (DatabaseError, lambda: sheet.rows.update(prompt="something else")),
    ]
    for error, attempt in tries:
        with pytest.raises(error), transaction.atomic():
            attempt()


VERBS = ["start", "pause", "resume", "cancel", "again", "go", "fail"]


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    verbs=st.lists(st.sampled_from(["start", "pause", "resume", "cancel", "again", "go", "fail"]))
)
def test_whatever_is_pressed_no_row_is_made_twice(
    ada: User, cohort: Cohort, verbs: list[str]
) -> None:
    ways = {"again": sheets.run_again} | {
        name: getattr(sheets, name) for name in ("start", "pause", "resume", "cancel")
    }
    with transaction.atomic():
        Cohort.objects.filter(pk=cohort.pk).update(clips_waiting_per_artist=2)
        made = bring(ada, cohort, numbered(4))
        for verb in verbs:
            before = SheetState(PromptSheet.objects.get(pk=made.pk).state)
            if verb == "go":
                sheets.go_on()
            elif verb == "fail":
                end(made, state__in=[ClipState.QUEUED])
            else:
                try:
                    ways[verb](actor=ada, sheet=made)
                except GreenroomError:
                    continue
            after = SheetState(PromptSheet.objects.get(pk=made.pk).state)
            reached = SHEET_TRANSITIONS[before] | {
                far for near in SHEET_TRANSITIONS[before] for far in SHEET_TRANSITIONS[near]
            }
            assert after == before or after in reached
        prompts = list(Clip.objects.filter(sheet_row__sheet=made).values_list("prompt", flat=True))
        assert len(prompts) == len(set(prompts)) == Clip.objects.count()
        transaction.set_rollback(True)
