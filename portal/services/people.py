"""People, their profile, and the roles staff hold."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal.errors import AlreadyRegistered, LastAdmin
from portal.models import Cohort, RoleGrant, User
from portal.services import audit
from portal.services.notify import notify
from portal.states import Role


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
    *, actor: User | None, email: str, name: str, language: str, role: Role, note: str = ""
) -> User:
    """Make an account for a member of staff and tell them by mail how to sign in.

    Raises:
        AlreadyRegistered: when the address has an account; grant the role to it instead.
    """
    person = create_person(actor=actor, email=email, name=name, language=language)
    grant_role(actor=actor, user=person, role=role, note=note)
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
    """Give *user* a staff role, for *cohort* or (None) for all; giving it twice changes nothing."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    grant, created = RoleGrant.objects.get_or_create(user=user, role=role, cohort=cohort)
    if created:
        _forget_roles(user)
        audit.record(
            actor=actor,
            action="role.granted",
            target=user,
            cohort=cohort,
            after={"role": role.value, "name": user.name},
            reason=note,
        )
        notify(
            user=user,
            kind="role.granted",
            title=_("Your role in Greenroom: %(role)s"),
            text=_(
                "You can sign in with your e-mail address; a code is mailed to you.\n\n%(note)s"
            ),
            params={"role": role.label, "note": note},
            url="/home/",
        )
    return grant


@transaction.atomic
def revoke_role(*, actor: User | None, grant: RoleGrant, reason: str = "") -> None:
    """Take one role back.

    Raises:
        LastAdmin: when nobody would be left to run the whole programme.
    """
    # Every removal of an admin queues here, so two cannot each think that the other stays.
    admins = list(
        RoleGrant.objects.select_for_update(no_key=True)
        .filter(role=Role.ADMIN, cohort=None)
        .order_by("pk")
        .values_list("user__is_active", "pk")
    )
    if grant.role == Role.ADMIN and grant.cohort_id is None:
        others = [pk for active, pk in admins if active and pk != grant.pk]
        if not others:
            raise LastAdmin()
    deleted, _details = RoleGrant.objects.filter(pk=grant.pk).delete()
    if not deleted:
        return
    _forget_roles(grant.user)
    audit.record(
        actor=actor,
        action="role.revoked",
        target=grant.user,
        cohort=grant.cohort,
        before={"role": grant.role, "name": grant.user.name},
        reason=reason,
    )


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
