"""Fetch the pinned front-end files from npm, build the icon sprite, record every checksum.

``manage.py vendor_assets`` rewrites the files; ``manage.py vendor_assets --check`` only compares
what is on disk with ``portal/static/portal/vendor/VENDOR.json`` and needs no network. To add an
icon, add its name to ``icons.txt`` beside that file and run the command.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError, CommandParser

STATIC = Path(__file__).resolve().parents[2] / "static"
RECORD = STATIC / "portal" / "vendor" / "VENDOR.json"
ICON_NAMES = RECORD.with_name("icons.txt")
SPRITE = "portal/icons/lucide.svg"
# Backgrounds of form fields: a style sheet cannot colour them, so they carry a grey that both
# themes can show.
BACKGROUNDS = ("chevron-down", "search")
BACKGROUND_GREY = "#8a8a92"


class Package(NamedTuple):
    """One pinned npm package and what is taken from it: path inside → path under ``static/``."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


PICO = Package(
    "@picocss/pico",
    "2.1.1",
    "MIT",
    {
        "css/pico.min.css": "portal/vendor/pico/pico.min.css",
        "LICENSE.md": "portal/vendor/pico/LICENSE.md",
    },
)
INTER = Package(
    "@fontsource-variable/inter",
    "5.3.0",
    "OFL-1.1",
    {
        "files/inter-latin-opsz-normal.woff2": "portal/fonts/inter-latin.woff2",
        "files/inter-latin-ext-opsz-normal.woff2": "portal/fonts/inter-latin-ext.woff2",
        "LICENSE": "portal/fonts/LICENSE",
    },
)
LUCIDE = Package("lucide-static", "1.62.0", "ISC", {"LICENSE": "portal/icons/LICENSE"})
PACKAGES = (PICO, INTER, LUCIDE)

# htmx comes inside django-htmx, which is pinned in the lock file; its bytes are recorded too.
BUNDLED = {"django_htmx/htmx-2.min.js": "django-htmx"}


def icon_names() -> list[str]:
    """The icons in use, by their names at lucide."""
    return sorted(set(ICON_NAMES.read_text(encoding="utf-8").split()))


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def recorded() -> dict[str, Any]:
    """The content of VENDOR.json."""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def located(path: str, static: Path = STATIC) -> Path | None:
    """Where a static path lies: below *static*, or in an installed app."""
    own = static / path
    if own.exists():
        return own
    found = finders.find(path)
    return Path(found) if found else None


def differences(static: Path = STATIC) -> list[str]:
    """What on disk is not what VENDOR.json says, one sentence each."""
    problems = []
    for entry in recorded()["files"]:
        path = located(entry["path"], static)
        if path is None:
            problems.append(f"{entry['path']} is missing")
        elif checksum(path) != entry["sha256"]:
            problems.append(f"{entry['path']} is not the recorded file")
    return problems


def unpack(package: Package, into: Path) -> Path:
    """Download one package with ``npm pack`` and return its folder."""
    finished = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=into,
        check=False,
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise CommandError(f"npm pack {package.name} failed: {finished.stderr.strip()}")
    archive = into / finished.stdout.strip().splitlines()[-1]
    folder = into / package.name.replace("/", "-")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def sprite(icons: Iterable[str], folder: Path) -> str:
    """One SVG file with a symbol for each icon; the page's style gives stroke and size."""
    symbols = []
    for name in sorted(set(icons)):
        source = folder / "icons" / f"{name}.svg"
        if not source.exists():
            raise CommandError(f"lucide has no icon named {name}")
        body = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(encoding="utf-8"), re.DOTALL)
        if body is None:
            raise CommandError(f"{source.name} is not the SVG that was expected")
        shapes = re.sub(r"\s+", " ", body.group(1)).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    return (
        f"<!-- lucide-static {LUCIDE.version}, ISC licence, see LICENSE beside this file -->\n"
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    )


def draw_icons(folder: Path) -> list[str]:
    """Write the sprite and the background pictures; returns their static paths."""
    (STATIC / SPRITE).write_text(sprite(icon_names(), folder), encoding="utf-8")
    written = [SPRITE]
    for name in BACKGROUNDS:
        drawing = (folder / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        path = f"portal/icons/{name}.svg"
        (STATIC / path).write_text(
            drawing.replace("currentColor", BACKGROUND_GREY), encoding="utf-8"
        )
        written.append(path)
    return written


class Command(BaseCommand):
    help = "Fetch the pinned front-end files and record their checksums (--check: compare only)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only, no network")

    def handle(self, *args: object, **options: Any) -> None:
        if options["check"]:
            problems = differences()
            if problems:
                raise CommandError("\n".join(problems))
            self.stdout.write("Every vendored file is the recorded one.")
            return
        files: list[dict[str, str]] = []
        with tempfile.TemporaryDirectory() as scratch:
            for package in PACKAGES:
                folder = unpack(package, Path(scratch))
                for inside, path in package.files.items():
                    target = STATIC / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(folder / inside, target)
                    files.append(self._entry(path, "npm", package.name, package.version, inside))
                if package is LUCIDE:
                    for path in draw_icons(folder):
                        files.append(
                            self._entry(path, "npm", package.name, package.version, "icons/*.svg")
                        )
        for path, distribution in BUNDLED.items():
            version = metadata.version(distribution)
            files.append(self._entry(path, "pypi", distribution, version, f"static/{path}"))
        record = {
            "licences": {package.name: package.licence for package in PACKAGES},
            "files": sorted(files, key=lambda entry: entry["path"]),
        }
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(files)} files, {len(icon_names())} icons.")

    @staticmethod
    def _entry(path: str, registry: str, package: str, version: str, source: str) -> dict[str, str]:
        place = located(path)
        if place is None:
            raise CommandError(f"{path} is missing")
        return {
            "path": path,
            "registry": registry,
            "package": package,
            "version": version,
            "source": source,
            "sha256": checksum(place),
        }
