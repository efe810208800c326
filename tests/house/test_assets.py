"""What the browser gets is what was recorded, and comes from this site alone."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from portal.config.env import BASE_DIR
from portal.management.commands import vendor_assets
from tests.house.source import APPS, modules, named, templates

STATIC = BASE_DIR / "portal" / "static"
_ICON_TAG = re.compile(r"{%\s*icon\s+\"([a-z0-9-]+)\"")
_ICON_INPUT = re.compile(r"\bicon=\"([a-z0-9-]+)\"")
_ICON_KEY = re.compile(r"\"icon\": \"([a-z0-9-]+)\"")
_ELSEWHERE = re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE)
_URL = re.compile(r"url\(\s*[\"']?([^\"')]+)")


def own_styles() -> list[Path]:
    return [
        path
        for app in APPS
        for path in (BASE_DIR / app / "static").rglob("*.css")
        if "vendor" not in path.parts
    ]


def test_every_vendored_file_is_the_recorded_one() -> None:
    assert vendor_assets.differences() == []


def test_every_font_picture_and_library_is_recorded() -> None:
    recorded = {entry["path"] for entry in vendor_assets.recorded()["files"]}
    present = {
        str(path.relative_to(STATIC))
        for folder in ("fonts", "icons", "vendor")
        for path in (STATIC / "portal" / folder).rglob("*")
        if path.is_file()
    }
    ours = {
        "portal/icons/greenroom.svg",
        "portal/vendor/VENDOR.json",
        "portal/vendor/icons.txt",
    }
    assert present - ours - recorded == set()


def test_a_changed_file_is_named(tmp_path: Path) -> None:
    sprite = tmp_path / vendor_assets.SPRITE
    sprite.parent.mkdir(parents=True)
    sprite.write_text("<svg></svg>")
    assert "portal/icons/lucide.svg is not the recorded file" in vendor_assets.differences(tmp_path)


def test_the_command_compares_without_a_network() -> None:
    said = StringIO()
    call_command("vendor_assets", check=True, stdout=said)
    assert said.getvalue() == "Every vendored file is the recorded one.\n"


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    sprite = (STATIC / vendor_assets.SPRITE).read_text()
    drawn = set(re.findall(r"<symbol id=\"([^\"]+)\"", sprite))
    assert drawn == set(vendor_assets.icon_names())
    asked = {
        (named(path), name)
        for path in (*templates(), *modules(*APPS))
        for pattern in (_ICON_TAG, _ICON_INPUT, _ICON_KEY)
        for name in pattern.findall(path.read_text())
    }
    assert {(place, name) for place, name in asked if name not in drawn} == set()


def test_no_template_loads_anything_from_elsewhere() -> None:
    assert [named(path) for path in templates() if _ELSEWHERE.search(path.read_text())] == []


def test_styles_name_only_files_beside_them() -> None:
    missing = {
        (named(path), target)
        for path in own_styles()
        for target in _URL.findall(path.read_text())
        if not (path.parent / target).is_file()
    }
    assert missing == set()
