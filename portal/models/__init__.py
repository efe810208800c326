"""Nouns of the ground floor."""

from portal.models.access_key import AccessKey
from portal.models.agreement import Agreement, AgreementVersion, Signature
from portal.models.audit import AuditEntry
from portal.models.audit_seal import AuditSeal
from portal.models.brief import Brief
from portal.models.cohort import Cohort, Membership
from portal.models.containment import Containment
from portal.models.containment_notice import ContainmentNotice
from portal.models.device import KnownDevice
from portal.models.device_login import DeviceLogin
from portal.models.email_change import EmailChange
from portal.models.invitation import Invitation
from portal.models.key_request import KeyRequest
from portal.models.leak import LeakBaseline, LeakPolicy, LeakReport
from portal.models.mail import OutgoingMail
from portal.models.notification import Notification
from portal.models.user import RoleGrant, User
from portal.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "AccessKey",
    "Agreement",
    "AgreementVersion",
    "AuditEntry",
    "AuditSeal",
    "Brief",
    "Cohort",
    "Containment",
    "ContainmentNotice",
    "DeviceLogin",
    "EmailChange",
    "Invitation",
    "KeyRequest",
    "KnownDevice",
    "LeakBaseline",
    "LeakPolicy",
    "LeakReport",
    "Membership",
    "Notification",
    "OutgoingMail",
    "RoleGrant",
    "Signature",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
