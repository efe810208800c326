"""Named refusals about testing sessions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class SessionOverlaps(GreenroomError):
    code = "session_overlaps"
    status = 409
    default_message = _("You have recorded another session at that time. One hour counts once.")


class SessionRuns(GreenroomError):
    code = "session_runs"
    status = 409
    default_message = _("A clock of yours is running already. Stop it first.")


class SessionStretch(GreenroomError):
    code = "session_stretch"
    status = 400
    default_message = _("A session lasts from one minute to 24 hours.")


class SessionInFuture(GreenroomError):
    code = "session_in_future"
    status = 400
    default_message = _("A session is recorded when it is over: this one would end in the future.")


class SessionOutside(GreenroomError):
    code = "session_outside"
    status = 409
    default_message = _("You were not a member of this cohort at that time.")


class SessionUntold(GreenroomError):
    code = "session_untold"
    status = 400
    default_message = _("Say in a few words what you tested.")


class SessionMoved(GreenroomError):
    code = "session_moved"
    status = 409
    default_message = _("This session stands elsewhere by now. Here is how it stands.")


class OwnSession(GreenroomError):
    code = "own_session"
    status = 403
    default_message = _("Somebody else has to look at your own session.")


class BadSessionTerms(GreenroomError):
    code = "bad_session_terms"
    status = 400
    default_message = _("Give 1 to 60 days, and a longest session of 15 minutes to 24 hours.")
