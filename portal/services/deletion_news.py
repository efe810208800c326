"""What people read of the deletion of their account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from portal import deletions
from portal.services.notify import notify, send_mail_to

if TYPE_CHECKING:
    from portal.models import Deletion, User


def asked(deletion: Deletion) -> None:
    """The person, also when it was they themselves: somebody else may sit at their computer."""
    by_staff = deletion.asked_by_id != deletion.person_id
    text = _(
        "On %(day)s your name, address and profile are removed, with your clips and their files. "
        "Until then you can take it back, and ask for a takeout of everything that is yours.\n\n"
        "As of now your access keys are revoked and your shared pages are closed.\n\n"
        "If it was not you, take it back and change your password."
    )
    if by_staff:
        text = _(
            "An admin of the programme asked for it on your behalf. They wrote: %(reason)s\n\n"
            "On %(day)s your name, address and profile are removed, with your clips and their "
            "files. Until then you can take it back, and ask for a takeout of everything that is "
            "yours.\n\nAs of now your access keys are revoked and your shared pages are closed."
        )
    notify(
        user=deletion.person,
        kind="deletion.asked",
        title=_("Your account is to be deleted"),
        text=text,
        params={"day": _day(deletion.person, deletion.due_at), "reason": deletion.reason},
        url=reverse("deletion"),
    )


def undone(deletion: Deletion, *, by: User) -> None:
    is_own = by.pk == deletion.person_id
    notify(
        user=deletion.person,
        kind="deletion.undone",
        title=_("Your account stays"),
        text=_(
            "You took the deletion back. Your shared pages are open again. The access keys that "
            "were revoked stay so: make new ones where you need them."
        )
        if is_own
        else _(
            "An admin of the programme took the deletion back. Your shared pages are open again. "
            "The access keys that were revoked stay so: make new ones where you need them."
        ),
        url=reverse("profile"),
    )


def held(deletion: Deletion, holds: Sequence[deletions.Hold]) -> None:
    """Its time has come, and something stands against it; *holds* are codes of now."""
    person = deletion.person
    with translation.override(person.language):
        said = {hold.code: hold.text for hold in deletions.holds(person)}
    words = "\n".join(f"– {said[hold.code]}" for hold in holds if hold.code in said)
    notify(
        user=person,
        kind="deletion.held",
        title=_("The deletion of your account has to wait"),
        text=_("This stands against it:\n%(holds)s\n\nIt goes on by itself as soon as that ends."),
        params={"holds": words},
        url=next((hold.url for hold in holds if hold.url), reverse("deletion")),
    )


def done(
    deletion: Deletion, *, email: str, name: str, language: str, stays: Sequence[tuple[str, str]]
) -> None:
    """The last mail: that it is done, and what stays and why."""
    with translation.override(language):
        listed = "\n".join(f"– {label}: {why}" for label, why in stays)
        text = now(
            "Your account was deleted, and with it your name, address and profile, your clips and "
            "their files. Nobody can sign in with it any more, and this is the last mail."
        )
        if listed:
            text += "\n\n" + now("This stays, kept under the number %(number)s:\n%(listed)s") % {
                "number": deletion.person_id,
                "listed": listed,
            }
    send_mail_to(
        email=email,
        name=name,
        language=language,
        subject=_("Your account was deleted"),
        text=text,
        about=deletion,
    )


def _day(person: User, moment: datetime) -> str:
    with translation.override(person.language):
        return date_format(timezone.localtime(moment), "DATE_FORMAT")
