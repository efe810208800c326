"""Nouns of the ground floor."""

from portal.models.access_key import AccessKey
from portal.models.agreement import Agreement, AgreementVersion, Signature
from portal.models.application import Application, ApplicationCall
from portal.models.audit import AuditEntry
from portal.models.audit_seal import AuditSeal
from portal.models.brief import Brief
from portal.models.cohort import Cohort, Membership
from portal.models.consent import Consent
from portal.models.containment import Containment
from portal.models.containment_notice import ContainmentNotice
from portal.models.deletion import Deletion
from portal.models.device import KnownDevice
from portal.models.device_login import DeviceLogin
from portal.models.email_change import EmailChange
from portal.models.invitation import Invitation
from portal.models.invitation_batch import InvitationBatch, InvitationBatchRow
from portal.models.invitation_reminder import InvitationReminder
from portal.models.key_request import KeyRequest
from portal.models.leak import LeakBaseline, LeakPolicy, LeakReport
from portal.models.mail import OutgoingMail
from portal.models.notification import Notification
from portal.models.profile import Profile
from portal.models.takeout import Takeout
from portal.models.user import RoleGrant, User
from portal.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "AccessKey",
    "Agreement",
    "AgreementVersion",
    "Application",
    "ApplicationCall",
    "AuditEntry",
    "AuditSeal",
    "Brief",
    "Cohort",
    "Consent",
    "Containment",
    "ContainmentNotice",
    "Deletion",
    "DeviceLogin",
    "EmailChange",
    "Invitation",
    "InvitationBatch",
    "InvitationBatchRow",
    "InvitationReminder",
    "KeyRequest",
    "KnownDevice",
    "LeakBaseline",
    "LeakPolicy",
    "LeakReport",
    "Membership",
    "Notification",
    "OutgoingMail",
    "Profile",
    "RoleGrant",
    "Signature",
    "Takeout",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
