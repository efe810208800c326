"""State machines of the ground floor, each as a transition table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

State = TypeVar("State", bound=TextChoices)
Table = Mapping[State, frozenset[State]]


def steps(table: Mapping[State, frozenset[State]]) -> list[tuple[str, str]]:
    """The allowed (from, to) pairs of *table* in a fixed order, for a database trigger."""
    return sorted(
        (before.value, after.value) for before, allowed in table.items() for after in allowed
    )


class InvitationState(TextChoices):
    """Where an invitation stands; a requested one has no link yet."""

    REQUESTED = "requested", pgettext_lazy("invitation", "Asked for")
    INVITED = "invited", pgettext_lazy("invitation", "Invited")
    OPENED = "opened", _("Opened")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", pgettext_lazy("invitation", "Declined")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


INVITATION_TRANSITIONS: Table[InvitationState] = {
    InvitationState.REQUESTED: frozenset({InvitationState.INVITED, InvitationState.REVOKED}),
    InvitationState.INVITED: frozenset(
        {
            InvitationState.OPENED,
            InvitationState.ACCEPTED,
            InvitationState.DECLINED,
            InvitationState.REVOKED,
            InvitationState.EXPIRED,
        }
    ),
    InvitationState.OPENED: frozenset(
        {
            InvitationState.ACCEPTED,
            InvitationState.DECLINED,
            InvitationState.REVOKED,
            InvitationState.EXPIRED,
        }
    ),
    InvitationState.ACCEPTED: frozenset(),
    InvitationState.DECLINED: frozenset(),
    InvitationState.REVOKED: frozenset(),
    InvitationState.EXPIRED: frozenset(),
}


class ReminderKind(TextChoices):
    """Which of the two reminders of an invitation."""

    HALF = "half", pgettext_lazy("reminder", "At half time")
    LAST = "last", pgettext_lazy("reminder", "Before the end")


class BatchState(TextChoices):
    """How far a table of people to invite is."""

    DRAFT = "draft", pgettext_lazy("table", "Draft")
    SENDING = "sending", pgettext_lazy("table", "Being sent")
    STOPPED = "stopped", pgettext_lazy("table", "Stopped")
    FINISHED = "finished", pgettext_lazy("table", "Done")
    EXPIRED = "expired", pgettext_lazy("table", "Ended")


BATCH_TRANSITIONS: Table[BatchState] = {
    BatchState.DRAFT: frozenset({BatchState.SENDING, BatchState.EXPIRED}),
    BatchState.SENDING: frozenset({BatchState.STOPPED, BatchState.FINISHED}),
    BatchState.STOPPED: frozenset({BatchState.SENDING}),
    BatchState.FINISHED: frozenset(),
    BatchState.EXPIRED: frozenset(),
}


class ApplicationState(TextChoices):
    """Where somebody who applied for a seat stands."""

    UNCONFIRMED = "unconfirmed", pgettext_lazy("application", "Address not confirmed")
    APPLIED = "applied", pgettext_lazy("application", "Applied")
    SHORTLISTED = "shortlisted", pgettext_lazy("application", "Shortlisted")
    SET_ASIDE = "set_aside", pgettext_lazy("application", "Set aside")
    INVITED = "invited", pgettext_lazy("application", "Invited")


_CONFIRMED = frozenset(set(ApplicationState) - {ApplicationState.UNCONFIRMED})
APPLICATION_TRANSITIONS: Table[ApplicationState] = {
    ApplicationState.UNCONFIRMED: frozenset({ApplicationState.APPLIED}),
    ApplicationState.APPLIED: _CONFIRMED - {ApplicationState.APPLIED},
    ApplicationState.SHORTLISTED: _CONFIRMED - {ApplicationState.SHORTLISTED},
    ApplicationState.SET_ASIDE: _CONFIRMED - {ApplicationState.SET_ASIDE},
    ApplicationState.INVITED: frozenset(),
}


class CohortState(TextChoices):
    OPEN = "open", _("Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")


COHORT_TRANSITIONS: Table[CohortState] = {
    CohortState.OPEN: frozenset({CohortState.PAUSED, CohortState.CLOSED}),
    CohortState.PAUSED: frozenset({CohortState.OPEN, CohortState.CLOSED}),
    CohortState.CLOSED: frozenset(),
}


class MemberState(TextChoices):
    """Whether an artist belongs to a cohort, and how they went. What they made stays theirs."""

    MEMBER = "", pgettext_lazy("membership", "Member")
    LEFT = "left", pgettext_lazy("membership", "Left")
    REMOVED = "removed", pgettext_lazy("membership", "Ended by staff")


MEMBER_TRANSITIONS: Table[MemberState] = {
    MemberState.MEMBER: frozenset({MemberState.LEFT, MemberState.REMOVED}),
    MemberState.LEFT: frozenset({MemberState.MEMBER}),
    MemberState.REMOVED: frozenset({MemberState.MEMBER}),
}


class Role(TextChoices):
    """What a member of staff is here for; an artist is whoever is a member of a cohort.

    ``portal.duties`` says what each may do.
    """

    REVIEWER = "reviewer", _("Reviewer")
    LEAD = "lead", _("Lead reviewer")
    ADMIN = "admin", _("Programme admin")
    FINANCE = "finance", _("Finance admin")
    OPERATOR = "operator", _("Operator")


# Money and machines are the whole programme's: these are held for every cohort or not at all.
FOR_EVERY_COHORT = frozenset({Role.FINANCE, Role.OPERATOR})


class ReviewMode(TextChoices):
    """When a clip enters the review queue."""

    ON_SUBMIT = "on_submit", _("When the artist submits it")
    EVERY_CLIP = "every_clip", _("Every finished clip")


class Feature(TextChoices):
    """What a cohort may switch off. Galleries, pay, feedback and exports have no switch."""

    START_PICTURE = "start_picture", _("Start from a picture or a video of one’s own")
    REMIX = "remix", pgettext_lazy("feature", "Remix")
    EXTEND = "extend", pgettext_lazy("feature", "Extend")
    SHARED_PRESETS = "shared_presets", _("Presets shared in the cohort")
    ACCESS_KEYS = "access_keys", _("Access keys")
    SHARE_LINKS = "share_links", _("Share links")


class MailState(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be delivered")


MAIL_TRANSITIONS: Table[MailState] = {
    MailState.WAITING: frozenset({MailState.SENDING}),
    MailState.SENDING: frozenset({MailState.SENT, MailState.WAITING, MailState.FAILED}),
    MailState.SENT: frozenset(),
    MailState.FAILED: frozenset(),
}


class KeyState(TextChoices):
    """Where an access key stands; its end in time is a moment, not a state."""

    ACTIVE = "active", pgettext_lazy("key", "Active")
    FROZEN = "frozen", pgettext_lazy("key", "Frozen")
    REVOKED = "revoked", pgettext_lazy("key", "Revoked")


KEY_TRANSITIONS: Table[KeyState] = {
    KeyState.ACTIVE: frozenset({KeyState.FROZEN, KeyState.REVOKED}),
    KeyState.FROZEN: frozenset({KeyState.ACTIVE, KeyState.REVOKED}),
    KeyState.REVOKED: frozenset(),
}


class KeyKind(TextChoices):
    """Whose key it is; a canary is nobody's, so any use of it is an alarm."""

    PERSON = "person", _("A person’s key")
    CANARY = "canary", _("Canary key")


class Scope(TextChoices):
    """What a key may do; nothing else of its owner's account is open to it."""

    CLIPS_READ = "clips:read", _("See clips")
    CLIPS_WRITE = "clips:write", _("Make clips")
    FEEDBACK_WRITE = "feedback:write", _("Give feedback")
    EARNINGS_READ = "earnings:read", _("See earnings")


class WebhookEvent(TextChoices):
    """What an endpoint can be told; the names scripts know from the OpenAI SDK, and two of ours."""

    COMPLETED = "video.completed", _("A clip is ready")
    FAILED = "video.failed", _("A clip failed or was cancelled")
    APPROVED = "video.approved", _("A clip was approved")
    REJECTED = "video.rejected", _("A clip was not approved, or no longer is")


class EndpointState(TextChoices):
    """Whether events are sent to an endpoint; while it is paused or stopped they wait."""

    ACTIVE = "active", pgettext_lazy("webhook", "Active")
    PAUSED = "paused", pgettext_lazy("webhook", "Paused")
    STOPPED = "stopped", pgettext_lazy("webhook", "Stopped")
    REMOVED = "removed", pgettext_lazy("webhook", "Removed")


ENDPOINT_TRANSITIONS: Table[EndpointState] = {
    EndpointState.ACTIVE: frozenset(
        {EndpointState.PAUSED, EndpointState.STOPPED, EndpointState.REMOVED}
    ),
    EndpointState.PAUSED: frozenset({EndpointState.ACTIVE, EndpointState.REMOVED}),
    EndpointState.STOPPED: frozenset({EndpointState.ACTIVE, EndpointState.REMOVED}),
    EndpointState.REMOVED: frozenset(),
}


class DeliveryState(TextChoices):
    WAITING = "waiting", pgettext_lazy("webhook", "Waiting")
    SENDING = "sending", pgettext_lazy("webhook", "Sending")
    DELIVERED = "delivered", pgettext_lazy("webhook", "Delivered")
    GIVEN_UP = "given_up", pgettext_lazy("webhook", "Given up")


DELIVERY_TRANSITIONS: Table[DeliveryState] = {
    DeliveryState.WAITING: frozenset({DeliveryState.SENDING}),
    DeliveryState.SENDING: frozenset(
        {DeliveryState.DELIVERED, DeliveryState.WAITING, DeliveryState.GIVEN_UP}
    ),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.GIVEN_UP: frozenset(),
}


class DeviceLoginState(TextChoices):
    """A program that asks for a key; that its time is over is a moment, not a state."""

    ASKED = "asked", pgettext_lazy("program", "Asked")
    CONFIRMED = "confirmed", pgettext_lazy("program", "Confirmed")
    REFUSED = "refused", pgettext_lazy("program", "Refused")
    USED = "used", pgettext_lazy("program", "Signed in")


DEVICE_LOGIN_TRANSITIONS: Table[DeviceLoginState] = {
    DeviceLoginState.ASKED: frozenset({DeviceLoginState.CONFIRMED, DeviceLoginState.REFUSED}),
    DeviceLoginState.CONFIRMED: frozenset({DeviceLoginState.USED}),
    DeviceLoginState.REFUSED: frozenset(),
    DeviceLoginState.USED: frozenset(),
}


class LeakState(TextChoices):
    """How a report of a leak ended; a report that only reported is noted."""

    OPEN = "open", pgettext_lazy("leak", "Open")
    CONFIRMED = "confirmed", pgettext_lazy("leak", "It was the artist")
    ROTATED = "rotated", pgettext_lazy("leak", "Key replaced")
    THAWED = "thawed", pgettext_lazy("leak", "Key released")
    REVOKED = "revoked", pgettext_lazy("leak", "Key revoked")
    NOTED = "noted", pgettext_lazy("leak", "Noted")


LEAK_TRANSITIONS: Table[LeakState] = {
    LeakState.OPEN: frozenset(set(LeakState) - {LeakState.OPEN}),
    **{state: frozenset() for state in LeakState if state != LeakState.OPEN},
}


class Stage(TextChoices):
    """How far a containment reaches, from the least to the most."""

    KEY = "key", pgettext_lazy("containment", "One access key")
    PERSON = "person", pgettext_lazy("containment", "One person")
    COHORT = "cohort", pgettext_lazy("containment", "One cohort")
    MODEL = "model", pgettext_lazy("containment", "One model")
    SHARING = "sharing", pgettext_lazy("containment", "All sharing")
    GENERATION = "generation", pgettext_lazy("containment", "All generation")
    EVERYTHING = "everything", pgettext_lazy("containment", "Everything")


# What each stage takes away. Nothing takes away galleries, pay, exports or staff pages.
# Access keys open no door at all:
CLOSES_KEYS = frozenset({Stage.KEY, Stage.PERSON, Stage.COHORT, Stage.EVERYTHING})
# No clip is accepted, given to a worker or goes on rendering:
STOPS_MAKING = frozenset(set(Stage) - {Stage.SHARING})
# Share links lead nowhere, and none is opened:
CLOSES_LINKS = frozenset({Stage.PERSON, Stage.COHORT, Stage.SHARING, Stage.EVERYTHING})
# Those that need no target.
OF_ALL = frozenset({Stage.SHARING, Stage.GENERATION, Stage.EVERYTHING})

# What those touched read above the author's words.
HEADINGS: Mapping[Stage, Any] = {
    Stage.KEY: _("One of your access keys is stopped for now"),
    Stage.PERSON: _("Making and sharing clips is stopped for you for now"),
    Stage.COHORT: _("Making and sharing clips is stopped for your cohort for now"),
    Stage.MODEL: _("One of the models is stopped for now"),
    Stage.SHARING: _("Shared pages are closed for now"),
    Stage.GENERATION: _("Making clips is stopped for now"),
    Stage.EVERYTHING: _("Making and sharing clips is stopped for now"),
}


class ConsentKind(TextChoices):
    """What an artist may allow beside the agreement, each by itself."""

    SHARING = "sharing", pgettext_lazy("consent", "Sharing")
    PUBLICITY = "publicity", pgettext_lazy("consent", "Publicity")
    TRAINING = "training", pgettext_lazy("consent", "Training")
