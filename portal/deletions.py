"""What the deletion of an account removes, what stays and why, and what holds it back.

Each app says its part at start-up: :func:`add_erased`, :func:`add_kept`, :func:`add_hold`. Each
names the fields that lead to a person (``"portal.profile.user"``) it speaks for; a test fails on a
field that nobody speaks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from portal.models import Deletion, User

PSEUDONYM_HOST = "deleted.invalid"


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Whose account goes, while it goes.

    Attributes:
        person: their row, which has its pseudonym already.
        name: what they were called.
        addresses: every e-mail address that was theirs, in lower case.
    """

    person: User
    name: str
    addresses: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Erased:
    """One kind of thing that goes.

    Attributes:
        key: machine name.
        label: translatable; what goes, for the person.
        covers: fields that lead to the person, ``app.model.field``.
        count: how many there are; None where a number says nothing.
        erase: removes them, and answers the names in the storage of files that are to go. It is
            called in the transaction that deletes the account.
        order: smaller goes first; what refers to another thing goes before it.
    """

    key: str
    label: str | Promise
    covers: tuple[str, ...]
    count: Callable[[User], int] | None
    erase: Callable[[Leaving], Sequence[str]]
    order: int


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One kind of thing that stays, under a pseudonym.

    Attributes:
        key: machine name.
        label: translatable; what stays.
        why: translatable; why the law, or somebody else's right, wants it.
        covers: as for :class:`Erased`.
        count: how many there are; where there are none, nobody is told of it.
    """

    key: str
    label: str | Promise
    why: str | Promise
    covers: tuple[str, ...]
    count: Callable[[User], int]


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Something that has to end first.

    Attributes:
        code: machine name.
        text: what it is, in the words of the current language.
        url: a path where the person can do something about it, or "".
    """

    code: str
    text: str
    url: str = ""


_erased: list[Erased] = []
_kept: list[Kept] = []
_holds: list[Callable[[User], Sequence[Hold]]] = []


def add_erased(part: Erased) -> None:
    _erased.append(part)
    _erased.sort(key=lambda known: known.order)


def add_kept(part: Kept) -> None:
    _kept.append(part)


def add_hold(function: Callable[[User], Sequence[Hold]]) -> None:
    """*function* says what of its app stands against the deletion of a person now."""
    _holds.append(function)


def erased() -> tuple[Erased, ...]:
    return tuple(_erased)


def kept() -> tuple[Kept, ...]:
    return tuple(_kept)


def holds(person: User) -> list[Hold]:
    """What stands against the deletion of *person* at this moment, in words."""
    return [hold for function in _holds for hold in function(person)]


def what_goes(person: User) -> list[tuple[Erased, int | None]]:
    """What there is to remove, with how many; kinds of which there is nothing are left out."""
    counted = [(part, part.count(person) if part.count else None) for part in _erased]
    return [(part, count) for part, count in counted if count != 0]


def what_stays(person: User) -> list[tuple[Kept, int]]:
    """What there is to keep, with how many."""
    counted = [(part, part.count(person)) for part in _kept]
    return [(part, count) for part, count in counted if count]


def pseudonym_address(number: int) -> str:
    """An address that no mail can reach (RFC 2606), for the account with this number."""
    return f"account-{number}@{PSEUDONYM_HOST}"


def waiting_of(person: User) -> Deletion | None:
    """The deletion that waits for *person*'s account, if one does."""
    from portal.models import Deletion

    return Deletion.objects.waiting().filter(person=person).first()


def is_waiting(person_id: int) -> bool:
    """Whether this person's account is to go: their shared pages are closed meanwhile."""
    from portal.models import Deletion

    return Deletion.objects.waiting().filter(person=person_id).exists()


def count_of(model: Any, field: str) -> Callable[[User], int]:
    """How many rows of *model* name a person in *field*."""
    manager: QuerySet[Any] = model.objects
    return lambda person: manager.filter(**{field: person}).count()
