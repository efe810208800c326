"""The pages of prompt sheets: bring one, read what it will make, start it, fetch its results."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation.models import Clip, PromptSheet
from generation.services import sheets
from generation.sheets.results import results_csv
from portal.models import Cohort, User
from portal.states import CohortState
from tests.generation.test_sheets import THREE, bring, numbered

pytestmark = pytest.mark.usefixtures("tiny_catalogue")


@pytest.fixture
def sheet(ada: User, cohort: Cohort) -> PromptSheet:
    return bring(ada, cohort)


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def upload(studio: Client, content: bytes, name: str = "boats.csv") -> Any:
    return studio.post(
        "/studio/sheets/",
        {"file": SimpleUploadedFile(name, content), "cohort": "spring-residency"},
    )


def test_the_way_through_the_pages(studio: Client, ada: User) -> None:
    assert "No prompt sheet yet" in studio.get("/studio/sheets/").content.decode()
    answer = upload(studio, "prompt;seed\nun café rouge;7\n;8\n".encode("cp1252"))
    here = answer["Location"]
    page = studio.get(here).content.decode()
    assert "un café rouge" in page
    assert "saved in the Windows code page" in page
    assert "1 row cannot be made" in page
    assert "hx-get" not in page.split('id="sheet"')[1].split(">")[0]
    assert studio.post(f"{here}start/")["Location"] == here
    page = studio.get(here).content.decode()
    assert f"/studio/clips/{Clip.objects.get().pk}/" in page
    assert "0 ready, 1 on their way, 0 to come, 0 failed, 1 not made" in page
    live = studio.get(f"{here}live/").content.decode()
    assert "every 3s" in live
    assert "<html" not in live
    listed = studio.get("/studio/sheets/").content.decode()
    assert here in listed
    results = studio.get(f"{here}results.csv")
    assert results["Content-Disposition"] == 'attachment; filename="boats-results.csv"'
    lines = results.content.decode().splitlines()
    assert lines[0] == "row,prompt,title,status,video,seed,error"
    assert lines[1] == f"1,un café rouge,,queued,video_{Clip.objects.get().pk.hex},7,"
    assert lines[2].startswith("2,,,refused,,,")
    assert studio.post(f"{here}delete/")["Location"] == here
    assert studio.post(f"{here}explode/").status_code == 404
    assert PromptSheet.objects.exists()


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 400, "There is nothing in this file."),
        (b"a,b\n1,2\n", 400, "There is no column “prompt”."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", 400, "This is no text."),
        (b"prompt\na\0b\n", 400, "This is no text."),
        (b"prompt\ncaf\xc3\xa9, caf\xe9\n", 400, "mixes two encodings"),
        (b"prompt\n" + b"x\n" * 10_000, 413, "at most 5,000 rows"),
        (b"x" * (2 * 1024 * 1024 + 1), 413, "at most 2 MB"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(
    studio: Client, content: bytes, status: int, said: str
) -> None:
    answer = upload(studio, content)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not PromptSheet.objects.exists()


def test_a_draft_can_be_deleted_on_its_page(studio: Client, sheet: PromptSheet) -> None:
    assert studio.post(f"/studio/sheets/{sheet.pk}/delete/")["Location"] == "/studio/sheets/"
    assert not PromptSheet.objects.exists()


def test_nobody_elses_sheet_is_found(sheet: PromptSheet, lucien: User) -> None:
    other = Client()
    other.force_login(lucien)
    here = f"/studio/sheets/{sheet.pk}/"
    assert {other.get(f"{here}{part}").status_code for part in ("", "live/", "results.csv")} == {
        404
    }
    assert other.post(f"{here}start/").status_code == 404
    assert sheet.name not in other.get("/studio/sheets/").content.decode()


def test_a_long_sheet_is_shown_in_pages(studio: Client, ada: User, cohort: Cohort) -> None:
    made = bring(ada, cohort, numbered(150))
    here = f"/studio/sheets/{made.pk}/"
    first, second = (studio.get(f"{here}?page={page}").content.decode() for page in (1, 2))
    assert "a red boat 99" in first
    assert "a red boat 100" not in first
    assert "a red boat 149" in second
    for odd in ("0", "x", "99999999", "²"):
        assert studio.get(f"{here}?page={odd}").status_code == 200


def test_without_an_open_cohort_there_is_no_form(studio: Client, cohort: Cohort) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.PAUSED)
    assert "No cohort of yours is open" in studio.get("/studio/sheets/").content.decode()
    assert upload(studio, THREE).status_code == 400


def test_a_sheet_that_needs_more_than_is_left_says_so(
    studio: Client, ada: User, cohort: Cohort
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(gpu_seconds_per_artist=5)
    page = studio.get(f"/studio/sheets/{bring(ada, cohort).pk}/").content.decode()
    assert "You have 5 s of GPU time left now." in page


def test_results_are_safe_to_open(ada: User, cohort: Cohort) -> None:
    made = bring(ada, cohort, b"prompt,title\n=1+1,@me\n-boat,+1\n")
    lines = results_csv(made.rows.select_related("clip")).splitlines()
    assert lines[1:] == ["1,'=1+1,'@me,due,,,", "2,'-boat,'+1,due,,,"]


def test_the_queries_of_a_page_do_not_grow(
    studio: Client, ada: User, cohort: Cohort, django_assert_max_num_queries: Any
) -> None:
    made = sheets.start(actor=ada, sheet=bring(ada, cohort, numbered(20)))
    with django_assert_max_num_queries(21):
        assert studio.get(f"/studio/sheets/{made.pk}/").status_code == 200
