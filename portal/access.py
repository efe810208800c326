"""Who may what on the ground floor. Higher apps build on these predicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.duties import Duty, cohorts_for, grants_of, may, people_for
from portal.errors import AgreementNotSigned
from portal.prepared import prepared
from portal.states import EndpointState, KeyKind, LeakState, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AnonymousUser

    from portal.containment import Target
    from portal.models import (
        AccessKey,
        AgreementVersion,
        Application,
        AuditEntry,
        Brief,
        Cohort,
        Containment,
        Invitation,
        InvitationBatch,
        LeakReport,
        Membership,
        Profile,
        Signature,
        User,
        WebhookDelivery,
        WebhookEndpoint,
    )


def is_admin(user: User | AnonymousUser) -> bool:
    return may(user, Duty.COHORTS)


def is_reviewer(user: User | AnonymousUser) -> bool:
    return may(user, Duty.DECIDE)


def is_staff(user: User | AnonymousUser) -> bool:
    """Whether *user* holds any role."""
    return bool(grants_of(user))


def lacks_second_factor(user: User) -> bool:
    """Whether *user* is staff and would sign in with one proof alone.

    Recovery codes do not count: they stand in for a factor that was lost.
    """
    from allauth.mfa.models import Authenticator

    factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return is_staff(user) and not Authenticator.objects.filter(user=user, type__in=factors).exists()


def is_artist(user: User | AnonymousUser) -> bool:
    """Whether *user* is, or was, a member of a cohort: what they made there stays theirs."""
    return user.is_authenticated and user.memberships.exists()


def is_member(user: User, cohort: Cohort) -> bool:
    """Whether *user* belongs to *cohort* at this moment."""
    from portal.models import Membership

    return Membership.objects.live().filter(user=user, cohort=cohort).exists()


def cohorts_visible_to(user: User) -> QuerySet[Cohort]:
    """Cohorts *user* holds a role for or is, or was, a member of."""
    from portal.models import Cohort

    grants = {cohort for _role, cohort in grants_of(user)}
    if None in grants:
        return Cohort.objects.all()
    return Cohort.objects.filter(Q(memberships__user=user) | Q(pk__in=grants)).distinct()


def cohorts_administered_by(user: User) -> QuerySet[Cohort]:
    return cohorts_for(user, Duty.COHORTS)


def admins_of(cohort_id: int) -> QuerySet[User]:
    """Everyone who administers the cohort, and may sign in."""
    return people_for(Duty.COHORTS, cohort_id)


def portraits_visible_to(user: User) -> QuerySet[Profile]:
    """Profiles with a portrait: every one for who runs the programme, else *user*'s own."""
    from portal.models import Profile

    found = Profile.objects.exclude(portrait="")
    return found if runs_programme(user) else found.filter(user=user)


def memberships_administered_by(user: User) -> QuerySet[Membership]:
    """Of the cohorts *user* administers, ended ones too."""
    from portal.models import Membership

    return Membership.objects.filter(cohort__in=cohorts_administered_by(user)).select_related(
        "cohort", "user"
    )


def briefs_visible_to(user: User) -> QuerySet[Brief]:
    from portal.models import Brief

    return Brief.objects.filter(cohort__in=cohorts_visible_to(user)).select_related("cohort")


def runs_programme(user: User | AnonymousUser) -> bool:
    """Whether *user* is an admin of every cohort, those to come included."""
    return may(user, Duty.PEOPLE)


def invitations_administered_by(user: User) -> QuerySet[Invitation]:
    from portal.models import Invitation

    return Invitation.objects.filter(cohort__in=cohorts_administered_by(user))


def invitation_batches_administered_by(user: User) -> QuerySet[InvitationBatch]:
    from portal.models import InvitationBatch

    return InvitationBatch.objects.filter(cohort__in=cohorts_administered_by(user))


def applications_administered_by(user: User) -> QuerySet[Application]:
    from portal.models import Application

    return Application.objects.filter(cohort__in=cohorts_administered_by(user)).select_related(
        "cohort"
    )


def briefs_administered_by(user: User) -> QuerySet[Brief]:
    from portal.models import Brief

    return Brief.objects.filter(cohort__in=cohorts_administered_by(user)).select_related("cohort")


def keys_of(user: User) -> QuerySet[AccessKey]:
    """The keys *user* made; nobody else sees where and with what they were used."""
    from portal.models import AccessKey

    return AccessKey.objects.filter(owner=user).select_related("cohort")


def keys_administered_by(user: User) -> QuerySet[AccessKey]:
    """People's keys in the cohorts *user* administers; canaries are not among them."""
    from portal.models import AccessKey

    return AccessKey.objects.filter(
        kind=KeyKind.PERSON, cohort__in=cohorts_administered_by(user)
    ).select_related("cohort", "owner")


def may_thaw_key(user: User, key: AccessKey) -> bool:
    """An admin of its cohort; its owner, when they or a report of a leak froze it."""
    if key.owner_id == user.pk and (
        key.frozen_by_id == user.pk or (key.frozen_by_id is None and open_leaks_of(key).exists())
    ):
        return True
    return admins_of(key.cohort_id).filter(pk=user.pk).exists()


def webhooks_of(user: User) -> QuerySet[WebhookEndpoint]:
    """Those *user* made for their own clips."""
    return _webhooks().filter(owner=user)


def webhooks_visible_to(user: User) -> QuerySet[WebhookEndpoint]:
    """Their own, and those of the cohorts *user* administers; never another artist's."""
    of_programme = Q(owner=None, cohort__in=cohorts_administered_by(user))
    return _webhooks().filter(Q(owner=user) | of_programme)


def deliveries_visible_to(user: User) -> QuerySet[WebhookDelivery]:
    from portal.models import WebhookDelivery

    return WebhookDelivery.objects.filter(endpoint__in=webhooks_visible_to(user)).select_related(
        "endpoint"
    )


def _webhooks() -> QuerySet[WebhookEndpoint]:
    from portal.models import WebhookEndpoint

    return WebhookEndpoint.objects.exclude(state=EndpointState.REMOVED).select_related("cohort")


def open_leaks_of(key: AccessKey) -> QuerySet[LeakReport]:
    """The report that froze *key*, if one did and nobody has answered it yet."""
    return key.leak_reports.filter(state=LeakState.OPEN, is_shadow=False)


def leaks_administered_by(user: User) -> QuerySet[LeakReport]:
    """Reports on keys of the cohorts *user* administers."""
    from portal.models import LeakReport

    return LeakReport.objects.filter(key__cohort__in=cohorts_administered_by(user)).select_related(
        "key__cohort", "key__owner", "closed_by"
    )


def may_contain(user: User, target: Target) -> bool:
    """Who runs the programme, anything; an admin of some cohorts those and the keys in them."""
    from portal.models import AccessKey

    if runs_programme(user):
        return True
    cohort = target.cohort_id
    if target.stage == Stage.KEY:
        key = AccessKey.objects.filter(Q(pk=target.key_id)).first()
        cohort = key.cohort_id if key is not None else None
    return (
        target.stage in {Stage.KEY, Stage.COHORT}
        and cohort is not None
        and cohorts_administered_by(user).filter(pk=cohort).exists()
    )


def containments_administered_by(user: User) -> QuerySet[Containment]:
    """Those *user* could have made."""
    from portal.models import Containment

    listed = Containment.objects.select_related("key__owner", "person", "cohort", "by", "ended_by")
    if runs_programme(user):
        return listed
    mine = cohorts_administered_by(user)
    return listed.filter(Q(cohort__in=mine) | Q(key__cohort__in=mine))


def audit_visible_to(user: User) -> QuerySet[AuditEntry]:
    """The whole log for who runs the programme; an admin of some cohorts reads those."""
    from portal.models import AuditEntry

    if runs_programme(user):
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(cohort__in=cohorts_administered_by(user))


def agreement_versions_visible_to(user: User) -> QuerySet[AgreementVersion]:
    """Texts of *user*'s own cohorts and those they signed; every text for an admin."""
    from portal.models import AgreementVersion

    versions = AgreementVersion.objects.select_related("agreement")
    if is_admin(user):
        return versions
    return versions.filter(
        Q(agreement__cohorts__memberships__user=user) | Q(signatures__user=user)
    ).distinct()


def signatures_visible_to(user: User) -> QuerySet[Signature]:
    """*user*'s own; every one for who runs the programme."""
    from portal.models import Signature

    found = Signature.objects.select_related("user", "version__agreement")
    return found if runs_programme(user) else found.filter(user=user)


def unsigned_versions(user: User) -> list[AgreementVersion]:
    """Newest versions that *user* has not signed, of agreements of cohorts they take part in.

    A cohort that is closed asks for nothing any more.
    """
    from portal.models import AgreementVersion, Membership, Signature

    newest = (
        AgreementVersion.objects.filter(
            agreement__in=Membership.objects.taking_part()
            .filter(user=user)
            .values("cohort__agreement")
        )
        .annotate(is_signed=Exists(Signature.objects.filter(version=OuterRef("pk"), user=user)))
        .select_related("agreement")
        .order_by("agreement_id", "-number")
        .distinct("agreement_id")
    )
    return [version for version in newest if not version.is_signed]


# Whether the person ``user`` has yet to sign the newest version of the agreement of ``cohort``;
# NULL while it has no version, or is closed and asks for nothing any more.
OWES_SIGNATURE = """(
    SELECT NOT EXISTS (
        SELECT FROM portal_signature WHERE version_id = version.id AND user_id = %(user)s
    )
    FROM portal_agreementversion version
    WHERE version.agreement_id = cohort.agreement_id AND cohort.state <> 'closed'
    ORDER BY version.number DESC LIMIT 1
)"""

_COHORTS_OF = f"""
    SELECT {{cohort}}, {OWES_SIGNATURE}
    FROM portal_membership member JOIN portal_cohort cohort ON cohort.id = member.cohort_id
    WHERE member.user_id = %(user)s AND member.ended_at IS NULL
    ORDER BY cohort.starts_on DESC, cohort.name
"""  # noqa: S608


_OWES = f"SELECT {OWES_SIGNATURE} FROM portal_cohort cohort WHERE cohort.id = %(cohort)s"  # noqa: S608


def owes_signature(user: User, cohort: Cohort) -> bool:
    """Whether *user* has yet to sign the newest version of *cohort*'s agreement, as it is now."""
    [(owes,)] = prepared(_OWES, {"user": user.pk, "cohort": cohort.pk})
    return bool(owes)


_OWES_AS_MEMBER = f"""
    SELECT {OWES_SIGNATURE}
    FROM portal_membership member JOIN portal_cohort cohort ON cohort.id = member.cohort_id
    WHERE member.user_id = %(user)s AND cohort.id = %(cohort)s AND member.ended_at IS NULL
"""  # noqa: S608


def require_signature(user: User, cohort: Cohort) -> None:
    """Who left the cohort signs nothing there any more, and owes nothing.

    Raises:
        AgreementNotSigned: *user* takes part and has yet to sign the newest version.
    """
    if any(owes for (owes,) in prepared(_OWES_AS_MEMBER, {"user": user.pk, "cohort": cohort.pk})):
        raise AgreementNotSigned


def read_cohorts(statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Rows of *statement*, which selects ``{cohort}`` (made into a ``Cohort``) before the rest.

    For what every clip asks: the ORM takes far longer to write it than the database to answer it.
    """
    from portal.models import Cohort

    fields = Cohort._meta.concrete_fields
    columns = ", ".join(f"cohort.{field.column}" for field in fields)
    names = [field.attname for field in fields]
    rows = prepared(statement.format(cohort=columns), values)
    width = len(names)
    return [(Cohort.from_db(connection.alias, names, row[:width]), *row[width:]) for row in rows]


def memberships_of(user: User) -> list[tuple[Cohort, bool]]:
    """The cohorts *user* is in now, the newest first, and whether they owe a signature there.

    Asked once per user object, and so once per request.
    """
    known: list[tuple[Cohort, bool]] | None = getattr(user, "_greenroom_memberships", None)
    if known is None:
        known = [
            (cohort, bool(owes)) for cohort, owes in read_cohorts(_COHORTS_OF, {"user": user.pk})
        ]
        user._greenroom_memberships = known  # type: ignore[attr-defined]
    return known
