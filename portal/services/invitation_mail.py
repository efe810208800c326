"""What the mails about an invitation say, in the language of the invited."""

from __future__ import annotations

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
        "It lets you make an account and read the agreement before you decide anything."
    )
    subject = _("%(inviter)s invites you to %(cohort)s")
    with translation.override(invitation.language):
        values = {
            "inviter": sender.name,
            "cohort": invitation.cohort.name,
            "note": invitation.note,
            "until": _day_of_end(invitation),
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


def _day_of_end(invitation: Invitation) -> str:
    if invitation.expires_at is None:
        return ""
    return date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")
