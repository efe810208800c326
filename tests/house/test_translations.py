"""Every page exists in English and French."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest
from django.utils import dates, translation

from portal.config.env import BASE_DIR
from portal.translations.catalogues import compile_stale
from portal.translations.check import problems
from portal.translations.extract import Message, in_python, in_template

CATALOGUE = BASE_DIR / "portal" / "locale" / "fr" / "LC_MESSAGES" / "django.po"


def test_french_is_complete() -> None:
    assert problems(BASE_DIR) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("Sign in")', [Message("", "Sign in")]),
        ('gettext_lazy("one " "two")', [Message("", "one two")]),
        ('ngettext("%(n)s clip", "%(n)s clips", n)', [Message("", "%(n)s clip")]),
        ('pgettext_lazy("verb", "Share")', [Message("verb", "Share")]),
        ('translation.gettext("Home")', [Message("", "Home")]),
        ("_(name)", []),
        ('print("Sign in")', []),
    ],
)
def test_messages_in_python(source: str, found: list[Message]) -> None:
    assert list(in_python(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "Sign in" %}', [Message("", "Sign in")]),
        ('{% translate "Share" context "verb" %}', [Message("verb", "Share")]),
        ("<c-button label=\"{% translate 'Go' %}\" />", [Message("", "Go")]),
        ('{% include "a.html" with label=_("Go") %}', [Message("", "Go")]),
        (
            "{% blocktranslate trimmed %}\n  By {{ name }}\n{% endblocktranslate %}",
            [Message("", "By %(name)s")],
        ),
        (
            "{% blocktranslate count n=n %}{{ n }} clip{% plural %}{{ n }} clips"
            "{% endblocktranslate %}",
            [Message("", "%(n)s clip")],
        ),
        ("{# translate me #}<p>Sign in</p>", []),
    ],
)
def test_messages_in_templates(source: str, found: list[Message]) -> None:
    assert list(in_template(source)) == found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one message and an empty French catalogue."""
    (tmp_path / "portal" / "locale" / "fr" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "portal" / "words.py").write_text('_("%(n)s clips")\n')
    return tmp_path


def write_catalogue(project: Path, *entries: polib.POEntry) -> Path:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.extend(entries)
    path = project / "portal" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    catalogue.save(str(path))
    return path


def test_problems_are_named(project: Path) -> None:
    write_catalogue(project)
    assert problems(project) == ["fr: '%(n)s clips' (portal/words.py) is missing: run makemessages"]
    write_catalogue(project, polib.POEntry(msgid="%(n)s clips", msgstr=""))
    assert problems(project) == ["fr: '%(n)s clips' is not translated"]
    write_catalogue(project, polib.POEntry(msgid="%(n)s clips", msgstr="clips"))
    assert problems(project) == ["fr: '%(n)s clips' has other placeholders than its English text"]
    write_catalogue(
        project, polib.POEntry(msgid="%(n)s clips", msgstr="%(n)s clips", flags=["fuzzy"])
    )
    assert problems(project) == ["fr: '%(n)s clips' is fuzzy"]
    write_catalogue(
        project,
        polib.POEntry(msgid="%(n)s clips", msgstr="%(n)s clips"),
        polib.POEntry(msgid="Gone", msgstr="Parti"),
    )
    assert problems(project) == ["fr: 'Gone' is no longer used"]


def test_catalogues_are_compiled_when_they_changed(project: Path) -> None:
    source = write_catalogue(project, polib.POEntry(msgid="%(n)s clips", msgstr="%(n)s extraits"))
    assert compile_stale(project) == [source.with_suffix(".mo")]
    assert compile_stale(project) == []
    compiled = polib.mofile(str(source.with_suffix(".mo")))
    assert [entry.msgstr for entry in compiled] == ["%(n)s extraits"]


def test_days_and_months_keep_their_names() -> None:
    """A message of ours that reads like one of Django's replaces it: “May” is a month there."""
    names = [*dates.MONTHS.values(), *dates.WEEKDAYS.values(), *dates.WEEKDAYS_ABBR.values()]
    ours = {entry.msgid for entry in polib.pofile(CATALOGUE) if entry.msgctxt is None}
    with translation.override("en"):
        assert ours.isdisjoint(str(name) for name in names)
