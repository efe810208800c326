"""Reads of the ground floor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import access
from portal.duties import grants_of
from portal.errors import (
    InvitationExpired,
    InvitationInvalid,
    InvitationReplaced,
    InvitationRevoked,
    InvitationUsed,
)
from portal.invitation_errors import InvitationDeclined
from portal.models import (
    AccessKey,
    Agreement,
    AgreementVersion,
    AuditEntry,
    Brief,
    Cohort,
    Invitation,
    InvitationReminder,
    Membership,
    OutgoingMail,
    RoleGrant,
    User,
)
from portal.role_errors import RoleLost
from portal.states import InvitationState, KeyKind, KeyState
from portal.tokens import hash_token

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import AnonymousUser

LIVE_INVITATION = (InvitationState.INVITED, InvitationState.OPENED)
# One of these is enough for an address: the database admits no second.
STANDING_INVITATION = (InvitationState.REQUESTED, *LIVE_INVITATION)


def invitation_by_token(token: str) -> Invitation:
    """The live invitation behind a mailed link.

    Raises:
        InvitationInvalid, InvitationUsed, InvitationRevoked, InvitationReplaced,
        InvitationDeclined, InvitationExpired: when the link does not, or no longer, open anything.
    """
    found = invitation_of_link(token)
    if found is None:
        raise InvitationInvalid()
    require_live(found)
    return found


def invitation_of_link(token: str) -> Invitation | None:
    """The invitation that *token* was made for, whatever became of it."""
    hashed = hash_token(token)
    reminded = InvitationReminder.objects.filter(token_hash=hashed).values("invitation")
    return (
        Invitation.objects.filter(Q(token_hash=hashed) | Q(pk__in=reminded))
        .select_related("cohort", "invited_by", "replaced_by")
        .first()
    )


def newest_of(invitation: Invitation) -> Invitation:
    """The one that replaced *invitation* last, or itself."""
    while True:
        later = Invitation.objects.filter(replaces=invitation).select_related("cohort").first()
        if later is None:
            return invitation
        invitation = later


def require_live(invitation: Invitation) -> None:
    """Raise the error that says why *invitation* cannot be accepted any more, if so."""
    if invitation.state == InvitationState.ACCEPTED:
        raise InvitationUsed()
    if Invitation.objects.filter(replaces=invitation).exists():
        raise InvitationReplaced()
    if invitation.state == InvitationState.DECLINED:
        raise InvitationDeclined()
    if invitation.state == InvitationState.REVOKED:
        raise InvitationRevoked()
    if invitation.state == InvitationState.EXPIRED or invitation.is_over:
        raise InvitationExpired()


def live_invitations_of(cohort: Cohort) -> QuerySet[Invitation]:
    """Those whose links can still be accepted; each promises a seat."""
    return cohort.invitations.filter(state__in=LIVE_INVITATION, expires_at__gt=timezone.now())


def seats_left(cohort: Cohort) -> int:
    """Seats neither taken nor promised by a live invitation."""
    promised = live_invitations_of(cohort).count()
    return max(0, cohort.seats - seats_taken(cohort) - promised)


def seats_taken(cohort: Cohort) -> int:
    """How many members hold a seat; ended ones hold none."""
    return Membership.objects.live().filter(cohort=cohort).count()


def members_cohorts(user: User) -> QuerySet[Cohort]:
    """Cohorts *user* is a member of now, where new things can be made."""
    return Cohort.objects.filter(
        Exists(Membership.objects.live().filter(cohort=OuterRef("pk"), user=user))
    )


def memberships_for(user: User) -> QuerySet[Membership]:
    """Every membership of *user*, ended ones last."""
    return (
        Membership.objects.filter(user=user)
        .select_related("cohort", "ended_by")
        .order_by(models.F("ended_at").desc(nulls_first=True), "-joined_at", "pk")
    )


def invitations_of(cohort: Cohort) -> QuerySet[Invitation]:
    """Invitations of a cohort, newest first, with ``mail_state`` and ``mail_error``; renewed
    ones only in their newest form."""
    mail = OutgoingMail.objects.filter(
        target_type=Invitation._meta.label_lower, target_id=_text_of(OuterRef("pk"))
    ).order_by("-id")
    return (
        cohort.invitations.filter(replaced_by=None)
        .select_related("invited_by")
        .annotate(
            mail_state=Subquery(mail.values("state")[:1]),
            mail_error=Subquery(mail.values("error")[:1]),
        )
    )


def _text_of(reference: OuterRef) -> models.functions.Cast:
    return models.functions.Cast(reference, models.CharField())


def cohorts_for_list(viewer: User) -> QuerySet[Cohort]:
    """Cohorts *viewer* administers, with ``member_count`` and ``live_invitation_count``."""
    return access.cohorts_administered_by(viewer).annotate(
        member_count=Count(
            "memberships", filter=Q(memberships__ended_at__isnull=True), distinct=True
        ),
        live_invitation_count=Count(
            "invitations",
            filter=Q(
                invitations__state__in=LIVE_INVITATION,
                invitations__expires_at__gt=timezone.now(),
            ),
            distinct=True,
        ),
    )


def members_of(cohort: Cohort) -> QuerySet[Membership]:
    """Members with ``has_signed``: whether the newest agreement version bears their name.

    Those whose membership ended come last.
    """
    newest = (
        AgreementVersion.objects.filter(agreement=cohort.agreement_id)
        .order_by("-number")
        .values("pk")[:1]
    )
    return (
        cohort.memberships.select_related("user")
        .annotate(
            has_signed=Exists(
                User.objects.filter(
                    pk=OuterRef("user_id"), signatures__version_id__in=Subquery(newest)
                )
            )
        )
        .order_by(models.F("ended_at").desc(nulls_first=True), "user__name", "user_id")
    )


def open_briefs_for(user: User, *, today: date | None = None) -> QuerySet[Brief]:
    """Briefs an artist can still work on, soonest first."""
    return (
        Brief.objects.filter(
            cohort__in=members_cohorts(user),
            is_open=True,
            due_on__gte=today or timezone.localdate(),
        )
        .select_related("cohort")
        .order_by("due_on", "id")
    )


def people(*, search: str = "") -> QuerySet[User]:
    """Everyone with an account, by name, with roles and cohorts at hand."""
    found = User.objects.prefetch_related("roles__cohort", "memberships__cohort").order_by(
        "name", "pk"
    )
    if search:
        found = found.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return found


# Whose page was open when a role was taken back reads what happened, for this long.
LOST_FOR = timedelta(hours=12)


def role_lost_by(user: User | AnonymousUser) -> RoleLost | None:
    """What to tell *user* of the newest role they lost a short while ago, if they lost one."""
    if not user.is_authenticated:
        return None
    grants = RoleGrant.objects.filter(user=user, revoked_at__gt=timezone.now() - LOST_FOR)
    for grant in grants.select_related("cohort").order_by("-revoked_at"):
        if (grant.role, grant.cohort_id) not in grants_of(user):
            return RoleLost(grant.get_role_display(), grant.revoked_at or timezone.now())
    return None


def agreements_with_newest() -> QuerySet[Agreement]:
    """Agreements with ``newest_number`` and ``signature_count`` of that newest version."""
    newest = AgreementVersion.objects.filter(agreement=OuterRef("pk")).order_by("-number")
    return Agreement.objects.annotate(
        newest_number=Subquery(newest.values("number")[:1]),
        newest_at=Subquery(newest.values("published_at")[:1]),
        signature_count=Subquery(
            newest.annotate(n=Count("signatures")).values("n")[:1],
            output_field=models.IntegerField(),
        ),
    ).order_by("title")


def versions_of(agreement: Agreement) -> QuerySet[AgreementVersion]:
    """Texts of an agreement, newest first, with ``signature_count``."""
    return agreement.versions.annotate(signature_count=Count("signatures")).order_by("-number")


def history_of(target: models.Model, *, limit: int = 50) -> list[AuditEntry]:
    """The newest entries about one thing, for its own page."""
    return list(
        AuditEntry.objects.filter(
            target_type=target._meta.label_lower, target_id=str(target.pk)
        ).select_related("actor")[:limit]
    )


def timeline(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Entries as the timeline component wants them."""
    return [
        {
            "time": entry.at,
            "actor": entry.who if entry.actor_id else _("Greenroom itself"),
            "text": " ".join(part for part in (entry.label, entry.subject) if part),
            "note": entry.reason,
        }
        for entry in entries
    ]


def live_keys_of(owner: User) -> QuerySet[AccessKey]:
    """Keys of *owner* that count: not revoked, not expired, not replaced by a newer one."""
    return AccessKey.objects.filter(
        owner=owner, overlap_ends_at__isnull=True, expires_at__gt=timezone.now()
    ).exclude(state=KeyState.REVOKED)


def cohorts_with_canary(viewer: User) -> list[tuple[Cohort, AccessKey | None]]:
    """Cohorts *viewer* administers, each with its canary, the newest if it had several."""
    cohorts = list(access.cohorts_administered_by(viewer).order_by("name"))
    newest = {
        key.cohort_id: key
        for key in AccessKey.objects.filter(kind=KeyKind.CANARY, cohort__in=cohorts)
        .order_by("cohort_id", "-pk")
        .distinct("cohort_id")
    }
    return [(cohort, newest.get(cohort.pk)) for cohort in cohorts]
