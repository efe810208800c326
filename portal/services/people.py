"""People, their profile, and the roles staff hold."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.deletion_errors import AccountDeleted
from portal.errors import AlreadyRegistered, LastAdmin, NotAllowed
from portal.models import Cohort, RoleGrant, User
from portal.role_errors import OwnRoles, RoleForEveryCohort
from portal.services import audit
from portal.services.notify import notify
from portal.states import FOR_EVERY_COHORT, Role


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address; an unconfirmed claim to it does not count."""
    confirmed: bool = EmailAddress.objects.filter(email=email, verified=True).exists()
    return confirmed or User.objects.filter(email=email).exists()


def owns_address(user: User, email: str) -> bool:
    """Whether *user* has confirmed that they read mail at *email*."""
    confirmed: bool = EmailAddress.objects.filter(user=user, email=email, verified=True).exists()
    return confirmed


@transaction.atomic
def create_person(
    *,
    actor: User | None,
    email: str,
    name: str,
    language: str = "en",
    password: str | None = None,
) -> User:
    """Make an account whose address counts as confirmed.

    Call it only where the address is known to be theirs: from a mailed invitation, or where the
    only way in is a code mailed to it (no password).

    Raises:
        AlreadyRegistered: when the address has an account.
    """
    email = email.strip().lower()
    if has_account(email):
        raise AlreadyRegistered(field="email")
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, password, name=name.strip(), language=language)
    except IntegrityError:
        raise AlreadyRegistered(field="email") from None
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    audit.record(
        actor=actor or person,
        action="person.created",
        target=person,
        after={"email": email, "name": person.name, "language": language},
    )
    return person


@transaction.atomic
def add_staff(
    *,
    actor: User | None,
    email: str,
    name: str,
    language: str,
    role: Role,
    cohort: Cohort | None = None,
    note: str = "",
) -> User:
    """Make an account for a member of staff and tell them by mail how to sign in.

    Raises:
        AlreadyRegistered: when the address has an account; grant the role to it instead.
        RoleForEveryCohort, NotAllowed
    """
    person = create_person(actor=actor, email=email, name=name, language=language)
    grant_role(actor=actor, user=person, role=role, cohort=cohort, note=note)
    return person


@transaction.atomic
def grant_role(
    *,
    actor: User | None,
    user: User,
    role: Role,
    cohort: Cohort | None = None,
    note: str = "",
) -> RoleGrant:
    """Give *user* a staff role, for *cohort* or (None) for all; giving it twice changes nothing.

    Raises:
        OwnRoles: *actor* is that person.
        RoleForEveryCohort: the role is not one for a single cohort.
        NotAllowed: *actor* is no longer an admin.
        AccountDeleted
    """
    if cohort is not None and role in FOR_EVERY_COHORT:
        raise RoleForEveryCohort(field="cohort")
    if actor == user:
        raise OwnRoles()
    _check_actor(actor, _locked_admins())
    if User.objects.select_for_update(no_key=True).get(pk=user.pk).deleted_at is not None:
        raise AccountDeleted()
    found = RoleGrant.live.filter(user=user, role=role, cohort=cohort).first()
    if found is not None:
        return found
    before = _named_roles(user)
    grant = RoleGrant.objects.create(user=user, role=role, cohort=cohort, granted_by=actor)
    _forget_roles(user)
    audit.record(
        actor=actor,
        action="role.granted",
        target=user,
        cohort=cohort,
        before={"roles": before},
        after={"name": user.name, "role": role.value, "roles": _named_roles(user)},
        reason=note,
    )
    notify(
        user=user,
        kind="role.granted",
        title=_("Your role in Greenroom: %(role)s"),
        text=_("You can sign in with your e-mail address; a code is mailed to you.\n\n%(note)s"),
        params={"role": role.label, "note": note},
        url="/home/",
    )
    return grant


@transaction.atomic
def revoke_role(*, actor: User | None, grant: RoleGrant, reason: str = "") -> None:
    """Take one role back; a grant that was taken back before stays as it is.

    Raises:
        OwnRoles: it is *actor*'s own.
        LastAdmin: when nobody would be left to run the whole programme.
        NotAllowed: *actor* is no longer an admin.
    """
    user = grant.user
    if actor == user:
        raise OwnRoles()
    admins = _locked_admins()
    if grant.role == Role.ADMIN and grant.cohort_id is None:
        require_another_admin(user)
    _check_actor(actor, admins)
    current = (
        RoleGrant.live.select_for_update(no_key=True, of=("self",)).filter(pk=grant.pk).first()
    )
    if current is None:
        return
    before = _named_roles(user)
    current.revoked_at, current.revoked_by = timezone.now(), actor
    current.save(update_fields=["revoked_at", "revoked_by"])
    _forget_roles(user)
    audit.record(
        actor=actor,
        action="role.revoked",
        target=user,
        cohort=grant.cohort,
        before={"name": user.name, "role": grant.role, "roles": before},
        after={"roles": _named_roles(user)},
        reason=reason,
    )
    notify(
        user=user,
        kind="role.revoked",
        title=_("Your role “%(role)s” in Greenroom was taken back"),
        text=_("What it opened is closed to you as of now.\n\n%(note)s"),
        params={"role": Role(grant.role).label, "note": reason},
        url="/home/",
    )


def require_another_admin(user: User) -> None:
    """Somebody besides *user* runs the whole programme; call it in a transaction.

    Raises:
        LastAdmin
    """
    if not any(is_active and pk != user.pk for pk, is_active in _locked_admins()):
        raise LastAdmin()


def _locked_admins() -> list[tuple[int, bool]]:
    """Who runs the whole programme, and whether they may sign in.

    Every change of roles queues here, so two admins cannot each think that the other stays.
    """
    return list(
        RoleGrant.live.select_for_update(no_key=True, of=("self",))
        .filter(role=Role.ADMIN, cohort=None)
        .order_by("pk")
        .values_list("user_id", "user__is_active")
    )


def _check_actor(actor: User | None, admins: list[tuple[int, bool]]) -> None:
    if actor is not None and (actor.pk, True) not in admins:
        raise NotAllowed()


def _named_roles(user: User) -> list[str]:
    """Roles as the log keeps them: ``reviewer`` or ``reviewer: Spring residency``."""
    held = RoleGrant.live.filter(user=user).order_by("role", "cohort__name")
    return [
        f"{role}: {cohort}" if cohort else role
        for role, cohort in held.values_list("role", "cohort__name")
    ]


@transaction.atomic
def update_profile(*, actor: User, user: User, name: str, language: str) -> User:
    """Change how a person is called and which language they read."""
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = {"name": person.name, "language": person.language}
    after = {"name": name.strip(), "language": language}
    if before == after:
        return person
    person.name, person.language = after["name"], after["language"]
    person.save(update_fields=["name", "language"])
    audit.record(actor=actor, action="person.updated", target=person, before=before, after=after)
    return person


def set_language(*, actor: User, language: str) -> User:
    """Remember the language *actor* chose."""
    return update_profile(actor=actor, user=actor, name=actor.name, language=language)


def _forget_roles(user: User) -> None:
    """Roles are read once per user object; a change makes that reading stale."""
    user.__dict__.pop("_greenroom_roles", None)
