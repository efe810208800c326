from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from generation import errors
from generation.access import presets_of, presets_visible_to
from generation.models import Clip, Preset
from generation.services import presets
from generation.services.presets import Settings
from portal.errors import GreenroomError, NotAllowed
from portal.models import AuditEntry, Cohort, Membership, User

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

LIVE = {"HX-Request": "true"}
SHAPE = Settings(model_key="starter", size="48x32", frames=5, steps=8, guidance=Decimal("4.5"))


def save(artist: User, cohort: Cohort, **changes: Any) -> Preset:
    return presets.save(
        actor=artist,
        cohort=cohort,
        **{"name": "Watercolour", "style": "watercolour", "settings": SHAPE, **changes},
    )


@pytest.fixture
def studio(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def test_a_preset_keeps_what_the_form_says(ada: User, cohort: Cohort) -> None:
    made = save(ada, cohort, name="  Water   colour ", about="Soft")

    kept = Preset.objects.get(pk=made.pk)
    assert (kept.name, kept.about, kept.style) == ("Water colour", "Soft", "watercolour")
    assert (kept.model_key, kept.size, kept.frames) == ("starter", "48x32", 5)
    assert (kept.steps, kept.guidance, kept.strength) == (8, Decimal("4.50"), None)
    assert not kept.is_shared
    entry = AuditEntry.objects.get(action="preset.saved")
    assert (entry.actor, entry.cohort, entry.after["name"]) == (ada, cohort, "Water colour")


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"name": "  "}, errors.PresetNameMissing, "name"),
        ({"name": "x" * 61}, errors.PresetTextTooLong, "name"),
        ({"about": "x" * 201}, errors.PresetTextTooLong, "about"),
        ({"style": "x" * 301}, errors.StyleTooLong, "style"),
        ({"name": "WATERCOLOUR"}, errors.PresetNameTaken, "name"),
        (
            {"settings": replace(SHAPE, model_key="sora")},
            errors.ModelNotOffered,
            "model_key",
        ),
        (
            {"settings": replace(SHAPE, size="9x9")},
            errors.SizeNotOffered,
            "size",
        ),
        (
            {"settings": replace(SHAPE, frames=6)},
            errors.LengthNotOffered,
            "frames",
        ),
        (
            {"settings": replace(SHAPE, steps=99)},
            errors.StepsNotOffered,
            "steps",
        ),
    ],
)
def test_what_cannot_be_had_is_not_saved(
    ada: User, cohort: Cohort, changes: dict[str, Any], error: type[GreenroomError], field: str
) -> None:
    save(ada, cohort)

    with pytest.raises(error) as caught:
        save(ada, cohort, **{"name": "Another", **changes})

    assert caught.value.field == field
    assert Preset.objects.count() == 1


def test_a_stranger_to_the_cohort_saves_nothing(reviewer: User, cohort: Cohort) -> None:
    with pytest.raises(errors.NotAMember):
        save(reviewer, cohort)


def test_two_artists_may_use_one_name_and_one_has_at_most_fifty(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    save(ada, cohort)
    save(lucien, cohort)
    for number in range(presets.PRESETS_MOST - 1):
        save(ada, cohort, name=f"Style {number}")

    with pytest.raises(errors.TooManyPresets):
        save(ada, cohort, name="One more")


def test_sharing_lets_the_cohort_use_it_and_only_its_artist_changes_it(
    ada: User, lucien: User, cohort: Cohort
) -> None:
    preset = save(ada, cohort)
    assert preset not in presets_visible_to(lucien)

    for _ in range(2):
        presets.share(actor=ada, preset=preset, is_shared=True)

    assert list(presets_visible_to(lucien)) == [preset]
    assert list(presets_visible_to(ada)) == [preset]
    assert not presets_of(lucien)
    for refused in (
        lambda: presets.share(actor=lucien, preset=preset, is_shared=False),
        lambda: presets.change(actor=lucien, preset=preset, name="Mine", about="", style=""),
        lambda: presets.delete(actor=lucien, preset=preset),
    ):
        with pytest.raises(NotAllowed):
            refused()
    Membership.objects.filter(user=lucien).delete()
    assert not presets_visible_to(lucien)
    presets.share(actor=ada, preset=preset, is_shared=False)
    presets.delete(actor=ada, preset=preset)
    assert list(
        AuditEntry.objects.filter(action__startswith="preset.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["preset.saved", "preset.shared", "preset.unshared", "preset.deleted"]


def test_other_words_for_the_same_settings(ada: User, cohort: Cohort) -> None:
    preset, other = save(ada, cohort), save(ada, cohort, name="Ink")

    presets.change(actor=ada, preset=preset, name="watercolour", about="Wet", style="wet paper")

    preset.refresh_from_db()
    assert (preset.name, preset.about, preset.style) == ("watercolour", "Wet", "wet paper")
    assert preset.size == "48x32"
    with pytest.raises(errors.PresetNameTaken):
        presets.change(actor=ada, preset=other, name="Watercolour", about="", style="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Preset.objects.filter(pk=other.pk).update(name="WATERCOLOUR")


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "prompt": "a red boat",
        "cohort": "spring-residency",
        "model_key": "starter",
        "size": "32x32",
        "frames": "9",
        "takes": "1",
        **changes,
    }


def test_using_one_fills_the_form_and_keeps_the_prompt(
    studio: Client, lucien: User, cohort: Cohort
) -> None:
    preset = save(lucien, cohort, is_shared=True)

    page = studio.get("/studio/composer/", typed(preset=preset.pk), headers=LIVE).text

    assert "a red boat</textarea>" in page
    assert 'name="style" value="watercolour"' in page
    assert '<option value="48x32" selected>' in page
    assert '<option value="5" selected>' in page
    assert 'name="steps" value="8"' in page
    assert 'name="guidance" value="4.50"' in page
    assert "Lucien Moreau" in page

    answer = studio.post(
        "/studio/clips/new/",
        typed(style="watercolour", steps="8", guidance="4.5", request_id=uuid.uuid4()),
    )
    assert answer.status_code == 302
    clip = Clip.objects.get()
    assert (clip.prompt, clip.steps, clip.guidance) == (
        "a red boat, watercolour",
        8,
        Decimal("4.50"),
    )


@pytest.mark.parametrize("key", ["boat", "-1", "9" * 40, "²"])
def test_a_preset_that_cannot_be_seen_changes_nothing(
    studio: Client, lucien: User, cohort: Cohort, key: str
) -> None:
    hidden = save(lucien, cohort)

    for wanted in (key, str(hidden.pk)):
        page = studio.get("/studio/composer/", typed(preset=wanted), headers=LIVE)
        assert page.status_code == 200
        assert 'value="watercolour"' not in page.text
        assert "a red boat</textarea>" in page.text


def test_the_form_is_saved_as_a_preset_and_comes_back(studio: Client, ada: User) -> None:
    live = studio.get("/studio/presets/new/", typed(style="ink"), headers=LIVE)
    assert live["HX-Redirect"].startswith("/studio/presets/new/?cohort=spring-residency&prompt=")
    page = studio.get("/studio/presets/new/", typed(style="ink", steps="8")).text
    assert 'name="style" value="ink"' in page
    assert 'name="size" value="32x32"' in page

    wrong = studio.post("/studio/presets/new/", typed(name="", style="ink"))
    assert (wrong.status_code, "Give the preset a name." in wrong.text) == (400, True)
    odd = studio.post("/studio/presets/new/", typed(name="Ink", size="9x9"))
    assert (odd.status_code, "This model does not offer that size." in odd.text) == (400, True)
    answer = studio.post("/studio/presets/new/", typed(name="Ink", style="ink", is_shared="on"))

    made = Preset.objects.get()
    assert (made.artist, made.name, made.style, made.is_shared) == (ada, "Ink", "ink", True)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/studio/?preset={made.pk}&prompt=a+red+boat",
    )
    again = studio.get(answer["Location"]).text
    assert "a red boat</textarea>" in again
    assert 'name="style" value="ink"' in again


def test_the_list_says_whose_each_is(
    studio: Client, ada: User, lucien: User, cohort: Cohort
) -> None:
    mine = save(ada, cohort, name="Mine")
    theirs = save(lucien, cohort, name="Theirs", is_shared=True)
    save(lucien, cohort, name="Hidden")

    page = studio.get("/studio/presets/").text

    assert f"/studio/presets/{mine.pk}/delete/" in page
    assert "Theirs" in page
    assert f"/studio/presets/{theirs.pk}/" not in page
    assert "Hidden" not in page

    answer = studio.post(f"/studio/presets/{mine.pk}/", {"name": "Renamed", "style": "ink"})
    assert answer.status_code == 302
    mine.refresh_from_db()
    assert (mine.name, mine.style) == ("Renamed", "ink")
    assert studio.post(f"/studio/presets/{mine.pk}/share/").status_code == 302
    mine.refresh_from_db()
    assert mine.is_shared
    assert studio.post(f"/studio/presets/{mine.pk}/burn/").status_code == 404
    assert studio.post(f"/studio/presets/{mine.pk}/delete/").status_code == 302
    assert not Preset.objects.filter(pk=mine.pk).exists()


def test_a_preset_of_a_model_that_left_is_not_offered(
    studio: Client, ada: User, cohort: Cohort, tiny_catalogue: Path
) -> None:
    preset = save(ada, cohort)
    Preset.objects.filter(pk=preset.pk).update(model_key="gone")

    assert f'name="preset" value="{preset.pk}"' not in studio.get("/studio/").text
    assert "Its model is no longer on offer." in studio.get("/studio/presets/").text
