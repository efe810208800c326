"""The deletion of an account: asked for, taken back, held back, carried out.

All rows go in one transaction, so one that is killed has done nothing. Files go after it: their
names stand in the row until each is gone. The memberships are locked before the person, and the
person before what is theirs.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from portal import access, deletions
from portal.deletion_errors import (
    AccountDeleted,
    DeletionUnderWay,
    DeletionUnexplained,
    RolesHeld,
)
from portal.deletion_states import DELETION_TRANSITIONS, DeletionState
from portal.deletions import Hold, Leaving
from portal.errors import NotAllowed
from portal.models import Deletion, EmailChange, OutgoingMail, User
from portal.models.deletion import LONGEST_REASON
from portal.services import audit, deletion_news, key_ends, members, people
from portal.services.transitions import require_step
from portal.states import MailState, Role

log = logging.getLogger(__name__)


class HeldAfterAll(Exception):
    """Something came up while it was carried out; nothing of it is kept."""


@transaction.atomic
def ask(*, actor: User, person: User, reason: str = "") -> Deletion:
    """Begin the deletion of *person*: their own wish, or one that they wrote to an admin.

    Their keys end at once; it is carried out after ``settings.DELETION_DAYS``.

    Raises:
        NotAllowed: *actor* is neither that person nor runs the programme.
        DeletionUnexplained: an admin says who asked and how.
        LastAdmin, RolesHeld: they are of the programme's team.
        DeletionUnderWay, AccountDeleted
    """
    why = " ".join(reason.replace("\x00", "").split())[:LONGEST_REASON]
    if actor.pk != person.pk:
        if not access.runs_programme(actor):
            raise NotAllowed()
        if not why:
            raise DeletionUnexplained(field="reason")
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.deleted_at is not None:
        raise AccountDeleted()
    if deletions.waiting_of(locked) is not None:
        raise DeletionUnderWay()
    _require_no_roles(locked)
    now = timezone.now()
    deletion = Deletion.objects.create(
        person=locked,
        asked_by=actor,
        reason=why,
        asked_at=now,
        due_at=now + timedelta(days=settings.DELETION_DAYS),
    )
    ended = key_ends.end_all(actor=actor, owner=locked)
    audit.record(
        actor=actor,
        action="deletion.asked",
        target=locked,
        after={"due_at": deletion.due_at, "keys_revoked": ended},
        reason=why,
    )
    deletion_news.asked(deletion)
    return deletion


@transaction.atomic
def undo(*, actor: User, deletion: Deletion) -> Deletion:
    """Take it back while it waits.

    Raises:
        NotAllowed: *actor* is neither that person nor runs the programme.
        IllegalTransition: it was taken back, or carried out.
    """
    current = (
        Deletion.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .get(pk=deletion.pk)
    )
    if actor.pk != current.person_id and not access.runs_programme(actor):
        raise NotAllowed()
    _step(current, DeletionState.UNDONE)
    current.ended_at, current.ended_by, current.held_by = timezone.now(), actor, []
    current.save(update_fields=["state", "ended_at", "ended_by", "held_by"])
    audit.record(
        actor=actor,
        action="deletion.undone",
        target=current.person,
        before={"due_at": current.due_at},
    )
    deletion_news.undone(current, by=actor)
    return current


def carry_out_due() -> int:
    """Carry out what is due and nothing stands against; answers how many."""
    due = Deletion.objects.waiting().filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    done = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            done += _carry_out(pk)
        except HeldAfterAll:
            log.info("Deletion %s: something came up while it was carried out", pk)
        except Exception:
            # One account that cannot go must not keep all others here; the next beat tries again.
            log.exception("Deletion %s was not carried out", pk)
    return done


def tidy() -> int:
    """Remove files that were left, and last mails that have left; answers how many files."""
    removed = 0
    for deletion in Deletion.objects.filter(files__len__gt=0):
        removed += _remove_files(deletion.pk)
    OutgoingMail.objects.filter(
        target_type=Deletion._meta.label_lower, state__in=[MailState.SENT, MailState.FAILED]
    ).delete()
    return removed


@transaction.atomic
def _carry_out(pk: int) -> bool:
    deletion = (
        Deletion.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("person")
        .filter(pk=pk, state=DeletionState.WAITING, due_at__lte=timezone.now())
        .first()
    )
    if deletion is None:
        return False
    person = deletion.person
    found = deletions.holds(person)
    _hold(deletion, found)
    if found:
        return False
    email, name, language = person.email, person.name, person.language
    with translation.override(language):
        stays = [(str(part.label), str(part.why)) for part, _n in deletions.what_stays(person)]
    addresses = _addresses_of(person)
    # From here on the log calls them by their number.
    with translation.override(language):
        person.name = _("Deleted account %(number)s") % {"number": person.pk}
    members.end_all(person=person)
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    leaving = Leaving(person=person, name=name, addresses=addresses)
    files: set[str] = set()
    counts: dict[str, int] = {}
    for part in deletions.erased():
        counts[part.key] = part.count(person) if part.count else 0
        files.update(part.erase(leaving))
    if deletions.holds(person):
        raise HeldAfterAll
    _make_nobody(person)
    _step(deletion, DeletionState.DONE)
    deletion.ended_at, deletion.files = timezone.now(), sorted(files)
    deletion.save(update_fields=["state", "ended_at", "files"])
    audit.record(
        actor=None,
        action="deletion.done",
        target=person,
        after={key: count for key, count in counts.items() if count},
    )
    deletion_news.done(deletion, email=email, name=name, language=language, stays=stays)
    transaction.on_commit(partial(_remove_files, pk), robust=True)
    return True


def _hold(deletion: Deletion, found: list[Hold]) -> None:
    """Note what stands against it, and tell of what is new."""
    before, after = deletion.held_by, sorted(hold.code for hold in found)
    if before == after:
        return
    deletion.held_by = after
    deletion.save(update_fields=["held_by"])
    if not after:
        return
    audit.record(
        actor=None,
        action="deletion.held",
        target=deletion.person,
        before={"held_by": before},
        after={"held_by": after},
    )
    if set(after) - set(before):
        deletion_news.held(deletion, found)


def _make_nobody(person: User) -> None:
    person.email = deletions.pseudonym_address(person.pk)
    person.credit_name, person.language = "", "en"
    person.is_active, person.last_login = False, None
    person.set_unusable_password()
    person.deleted_at = timezone.now()
    person.save()


def _addresses_of(person: User) -> frozenset[str]:
    changes = EmailChange.objects.filter(user=person, done_at__isnull=False)
    known = {
        person.email,
        *EmailAddress.objects.filter(user=person).values_list("email", flat=True),
    }
    known |= {address for pair in changes.values_list("old", "new") for address in pair}
    return frozenset(address.lower() for address in known)


def _require_no_roles(person: User) -> None:
    if person.roles.filter(role=Role.ADMIN, cohort=None).exists():
        people.require_another_admin(person)
    if person.roles.exists() or person.is_superuser:
        raise RolesHeld()


def _remove_files(pk: int) -> int:
    names = Deletion.objects.filter(pk=pk).values_list("files", flat=True).get()
    for name in names:
        default_storage.delete(name)
    if names:
        Deletion.objects.filter(pk=pk, files=names).update(files=[])
    return len(names)


def _step(deletion: Deletion, after: DeletionState) -> None:
    require_step(DELETION_TRANSITIONS, DeletionState(deletion.state), after)
    deletion.state = after
