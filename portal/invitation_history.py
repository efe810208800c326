"""What happened to an invitation, its earlier links and its mails. Nothing here writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from portal.models import AuditEntry, Invitation, OutgoingMail
from portal.states import MailState

TONES = {
    "invitation.accepted": "success",
    "invitation.declined": "danger",
    "invitation.revoked": "danger",
    "invitation.expired": "warning",
    "invitation.opened": "info",
}
# Done with the link by whoever holds it, before anybody is signed in.
BY_THE_INVITED = {"invitation.opened", "invitation.declined", "invitation.requested"}


def timeline_of(invitation: Invitation) -> list[dict[str, Any]]:
    """Newest first, as the timeline component wants it."""
    about = {
        "target_type": Invitation._meta.label_lower,
        "target_id__in": [str(pk) for pk in _with_earlier(invitation)],
    }
    told = [_step(entry) for entry in AuditEntry.objects.filter(**about).select_related("actor")]
    settled = OutgoingMail.objects.filter(**about, state__in=[MailState.SENT, MailState.FAILED])
    told += [_mail(mail) for mail in settled]
    return sorted(told, key=lambda item: item["time"], reverse=True)


def _with_earlier(invitation: Invitation) -> list[int]:
    """Ids of *invitation* and of those it came to replace."""
    ids = [invitation.pk]
    earlier = invitation.replaces_id
    while earlier is not None:
        ids.append(earlier)
        earlier = Invitation.objects.values_list("replaces", flat=True).get(pk=earlier)
    return ids


def _step(entry: AuditEntry) -> dict[str, Any]:
    actor = entry.who if entry.actor_id else _("Greenroom itself")
    if entry.actor_id is None and entry.action in BY_THE_INVITED:
        actor = _("The invited person")
    # The log cannot know who holds the link; here it is said for whom it was made.
    is_opening = entry.action == "invitation.opened"
    return {
        "time": entry.at,
        "actor": actor,
        "text": _("opened the invitation") if is_opening else entry.label,
        "note": entry.reason,
        "tone": TONES.get(entry.action, "neutral"),
    }


def _mail(mail: OutgoingMail) -> dict[str, Any]:
    failed = mail.state == MailState.FAILED
    return {
        # One that was given up has no moment of its own but that of its last try.
        "time": mail.sent_at or mail.next_try_at,
        "actor": _("Greenroom itself"),
        "text": _("could not deliver a mail") if failed else _("delivered a mail"),
        "note": mail.error if failed else "",
        "tone": "danger" if failed else "neutral",
    }
