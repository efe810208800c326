"""What the mails about an invitation say, in the language of the invited."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.models import Invitation, User
from portal.services.notify import send_mail_to


def mail_link(invitation: Invitation, *, token: str, sender: User) -> None:
    """The first mail, with the only copy of the link that *token* makes."""
    text = _(
        "%(inviter)s invites you to take part in %(cohort)s: early access to a video model, "
        "with a team that looks at every clip and pays for your work.\n\n"
        "%(note)s\n\n"
        "The link below is for you alone, works once, and ends on %(until)s. "
        "It lets you make an account and read the agreement before you decide anything.\n\n"
        "You would rather not? Say so here, and we write no more about it: %(decline)s"
    )
    subject = _("%(inviter)s invites you to %(cohort)s")
    with translation.override(invitation.language):
        values = {
            "inviter": sender.name,
            "cohort": invitation.cohort.name,
            "note": invitation.note,
            "until": _day_of_end(invitation),
            "decline": _decline_address(token),
        }
        said_subject, said_text = str(subject) % values, str(text) % values
    send_mail_to(
        email=invitation.email,
        name=invitation.name,
        language=invitation.language,
        subject=said_subject,
        text=said_text.replace("\n\n\n\n", "\n\n"),
        url=reverse("invitation", args=[token]),
        button=_("Open the invitation"),
        about=invitation,
    )


def mail_reminder(invitation: Invitation, *, token: str) -> None:
    """Another mail with a link of its own, to somebody who has not answered."""
    text = _(
        "You were invited to take part in %(cohort)s and have not answered yet. The invitation is "
        "good until %(until)s; the link below works once, as the one in the first mail does.\n\n"
        "You would rather not? Say so here, and we write no more about it: %(decline)s"
    )
    subject = _("Your invitation to %(cohort)s is open until %(until)s")
    with translation.override(invitation.language):
        values = {
            "cohort": invitation.cohort.name,
            "until": _day_of_end(invitation),
            "decline": _decline_address(token),
        }
        said_subject, said_text = str(subject) % values, str(text) % values
    send_mail_to(
        email=invitation.email,
        name=invitation.name,
        language=invitation.language,
        subject=said_subject,
        text=said_text,
        url=reverse("invitation", args=[token]),
        button=_("Open the invitation"),
        about=invitation,
    )


def _decline_address(token: str) -> str:
    return f"{settings.BASE_URL}{reverse('invitation_decline', args=[token])}"


def _day_of_end(invitation: Invitation) -> str:
    if invitation.expires_at is None:
        return ""
    return date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")
