"""What people allow beside the agreement: reads for any page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.consent_texts import ConsentText, current, text_of
from portal.models import Consent, Signature, User
from portal.states import ConsentKind


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one consent of one person stands; nobody has given any before they say so.

    Attributes:
        since: when it was given or taken back; None while it was never given.
        number: of the words they said yes to, or 0.
    """

    kind: ConsentKind
    given: bool = False
    since: datetime | None = None
    number: int = 0

    @property
    def label(self) -> str | Promise:
        return self.kind.label

    @property
    def said(self) -> str:
        """``yes since 3 May 2026``, ``no``."""
        if self.since is None:
            return _("no")
        day = {"day": date_format(timezone.localtime(self.since), "DATE_FORMAT")}
        if self.given:
            return _("yes since %(day)s") % day
        return _("no, taken back on %(day)s") % day

    @property
    def words(self) -> str:
        """``Sharing: yes since 3 May 2026``."""
        return _("%(consent)s: %(said)s") % {"consent": self.label, "said": self.said}

    @property
    def text(self) -> ConsentText:
        """The words it is about: those said yes to while it stands, else those asked today."""
        return text_of(self.kind, self.number) if self.given else current(self.kind)

    @property
    def is_of_older_text(self) -> bool:
        return self.given and self.number != current(self.kind).number


def consents_of(people: Iterable[User | int]) -> dict[int, list[Standing]]:
    """Where the consents of *people* stand, by their id, each in the order of ``ConsentKind``.

    One query, however many they are.
    """
    ids = {person if isinstance(person, int) else person.pk for person in people}
    newest = (
        Consent.objects.filter(person__in=ids)
        .order_by("person_id", "kind", "-number")
        .distinct("person_id", "kind")
    )
    known = {(row.person_id, row.kind): row for row in newest} if ids else {}
    return {
        person: [_standing(kind, known.get((person, kind.value))) for kind in ConsentKind]
        for person in ids
    }


def allows(person: User, kind: ConsentKind) -> bool:
    """Whether *person* says yes to *kind* as it is now; ask right before the use."""
    newest = Consent.objects.filter(person=person, kind=kind).order_by("-number").first()
    return newest is not None and newest.given


def standing_at(signature: Signature) -> list[Standing]:
    """What had been given when *signature* was written, what was ticked beside it included."""
    steps: dict[str, Consent] = {}
    for row in Consent.objects.filter(person=signature.user_id).order_by("number"):
        if row.signature_id == signature.pk or row.at <= signature.signed_at:
            steps[row.kind] = row
    return [_standing(kind, steps.get(kind.value)) for kind in ConsentKind]


def history_of(person: User) -> list[Mapping[str, Any]]:
    """Each yes and each withdrawal, the newest first, as the timeline component wants them."""
    return [
        {
            "time": row.at,
            "text": _step(row),
            "tone": "success" if row.given else "neutral",
            "icon": "check" if row.given else "x",
        }
        for row in Consent.objects.filter(person=person).order_by("-id")
    ]


def _step(row: Consent) -> str:
    told = {"consent": ConsentKind(row.kind).label, "number": row.text_number}
    if row.given:
        return _("%(consent)s: you said yes to version %(number)d of the words") % told
    return _("%(consent)s: you took your yes back") % told


def _standing(kind: ConsentKind, row: Consent | None) -> Standing:
    if row is None:
        return Standing(kind=kind)
    return Standing(kind=kind, given=row.given, since=row.at, number=row.text_number)
