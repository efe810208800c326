"""The log in words: what changed, and what of an entry the person it is about may read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Q, Value
from django.db.models.functions import Lower, StrIndex
from django.utils.translation import gettext as _

from portal.log_fields import name_of
from portal.models import AuditEntry, RoleGrant, User
from portal.states import Role

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'«»“”]+@[^\s<>()\[\],;:\"'«»“”]+\.\w+")


class Change(NamedTuple):
    """One field of an entry; ``before`` and ``after`` are None where it has none."""

    name: str
    before: str | None
    after: str | None


def changes(entry: AuditEntry) -> list[Change]:
    """What an entry says of each field, those of before first."""
    names = dict.fromkeys([*entry.before, *entry.after])
    return [
        Change(
            name_of(name),
            _readable(entry.before[name]) if name in entry.before else None,
            _readable(entry.after[name]) if name in entry.after else None,
        )
        for name in names
    ]


def _readable(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    match value:
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(_readable(part) for part in value)
        case dict():
            return "; ".join(f"{name_of(name)}: {_readable(part)}" for name, part in value.items())
        case _:
            return str(value)


class Reader:
    """Shows entries to the person they are about: staff as roles, nobody else's name or address.

    What entries say stays in the log as it is; the copies in memory are changed.
    """

    def __init__(self, person: User) -> None:
        self._person = person

    def read(self, entries: Sequence[AuditEntry]) -> Sequence[AuditEntry]:
        """*entries* as the person may read them."""
        roles = self._roles({entry.actor_id for entry in entries})
        names = self._names(entries)
        for entry in entries:
            entry.actor_label = self._who(entry, roles)
            entry.before = self._hide(entry.before, names)
            entry.after = self._hide(entry.after, names)
            entry.reason = self._hide(entry.reason, names)
            if entry.actor_id != self._person.pk:
                entry.network, entry.key_hint, entry.request_id = None, "", ""
        return entries

    def _who(self, entry: AuditEntry, roles: dict[int, set[str]]) -> str:
        if entry.actor_id is None:
            return _("Greenroom itself")
        if entry.actor_id == self._person.pk:
            return self._person.name
        held = roles.get(entry.actor_id, set())
        if Role.REVIEWER in held and (Role.ADMIN not in held or entry.action.startswith("review.")):
            return _("A reviewer")
        return _("An admin") if Role.ADMIN in held else _("The programme’s team")

    def _roles(self, actors: Iterable[int | None]) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for user, role in RoleGrant.objects.filter(user__in=set(actors) - {None}).values_list(
            "user_id", "role"
        ):
            found.setdefault(user, set()).add(role)
        return found

    def _names(self, entries: Sequence[AuditEntry]) -> re.Pattern[str] | None:
        """Names of accounts that occur in *entries*, other than the reader's own."""
        text = "\n".join(
            part
            for entry in entries
            for part in (entry.reason, *_texts(entry.before), *_texts(entry.after))
        )
        found = (
            User.objects.exclude(Q(pk=self._person.pk) | Q(name="") | Q(name=self._person.name))
            .annotate(place=StrIndex(Lower(Value(text)), Lower(F("name"))))
            .filter(place__gt=0)
            .values_list("name", flat=True)
        )
        names = "|".join(re.escape(name) for name in sorted(found, key=len, reverse=True))
        return re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE) if names else None

    def _hide(self, value: Any, names: re.Pattern[str] | None) -> Any:
        match value:
            case str():
                shown = names.sub(_("[somebody else]"), value) if names is not None else value
                return _ADDRESS.sub(self._address, shown)
            case list():
                return [self._hide(part, names) for part in value]
            case dict():
                return {name: self._hide(part, names) for name, part in value.items()}
            case _:
                return value

    def _address(self, found: re.Match[str]) -> str:
        is_own = found[0].lower() == self._person.email.lower()
        return found[0] if is_own else _("[somebody’s address]")


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for part in value for text in _texts(part)]
        case dict():
            return [text for part in value.values() for text in _texts(part)]
        case _:
            return []
