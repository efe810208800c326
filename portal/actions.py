"""How the audit log says each action of the ground floor."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Any] = {
    "agreement.published": _("published the agreement"),
    "agreement.signed": _("signed the agreement"),
    "brief.closed": _("closed the brief"),
    "brief.created": _("wrote the brief"),
    "brief.reopened": _("reopened the brief"),
    "brief.updated": _("changed the brief"),
    "cohort.closed": _("closed the cohort"),
    "cohort.created": _("opened the cohort"),
    "cohort.paused": _("paused the cohort"),
    "cohort.reopened": _("reopened the cohort"),
    "cohort.updated": _("changed the cohort"),
    "containment.began": _("contained"),
    "containment.expired": _("let the containment end of"),
    "containment.lifted": _("undid the containment of"),
    "invitation.accepted": _("accepted the invitation"),
    "invitation.expired": _("let the invitation end"),
    "invitation.opened": _("noted that the invitation was opened"),
    "invitation.resent": _("sent a new link for the invitation"),
    "invitation.revoked": _("withdrew the invitation"),
    "invitation.sent": _("sent an invitation"),
    "key.alarmed": _("raised the alarm over the canary key of"),
    "key.canary_set": _("set a canary key for"),
    "key.created": _("made the access key"),
    "key.frozen": _("froze the access key"),
    "key.reported": _("revoked, because somebody found it, the access key"),
    "key.revoked": _("revoked the access key"),
    "key.rotated": _("replaced the access key"),
    "key.thawed": _("released the access key"),
    "member.joined": _("joined the cohort"),
    "person.created": _("made the account"),
    "person.email_changed": _("changed their e-mail address"),
    "person.factor_added": _("added a way to sign in"),
    "person.factor_removed": _("removed a way to sign in"),
    "person.factor_reset": _("made new recovery codes"),
    "person.password_changed": _("changed their password"),
    "person.password_reset": _("set a new password after forgetting theirs"),
    "person.password_set": _("set a password"),
    "person.signed_in": _("signed in"),
    "person.signed_out": _("signed out"),
    "person.updated": _("changed the profile"),
    "role.granted": _("gave a role to"),
    "role.revoked": _("took a role back from"),
}
