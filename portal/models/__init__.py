"""Nouns of the ground floor."""

from portal.models.access_key import AccessKey
from portal.models.agreement import Agreement, AgreementVersion, Signature
from portal.models.audit import AuditEntry
from portal.models.brief import Brief
from portal.models.cohort import Cohort, Membership
from portal.models.containment import Containment
from portal.models.invitation import Invitation
from portal.models.key_request import KeyRequest
from portal.models.mail import OutgoingMail
from portal.models.notification import Notification
from portal.models.user import RoleGrant, User

__all__ = [
    "AccessKey",
    "Agreement",
    "AgreementVersion",
    "AuditEntry",
    "Brief",
    "Cohort",
    "Containment",
    "Invitation",
    "KeyRequest",
    "Membership",
    "Notification",
    "OutgoingMail",
    "RoleGrant",
    "Signature",
    "User",
]
