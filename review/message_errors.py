"""Named refusals about the conversation on a clip."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class MessageMissing(GreenroomError):
    code = "message_missing"
    status = 422
    default_message = _("Write something first.")


class MessageTooLong(GreenroomError):
    code = "message_too_long"
    status = 422
    default_message = _("This message is too long. Send it in two parts.")


class ConversationClosed(GreenroomError):
    code = "conversation_closed"
    status = 409
    default_message = _(
        "This conversation is closed: the clip is not with the reviewers, or was deleted."
    )
