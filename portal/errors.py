"""Named errors. Each knows what to tell a person, its HTTP status, and whether to try again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class GreenroomError(Exception):
    """Base of every refusal that a person or a script may meet.

    Attributes:
        code: stable machine name, e.g. ``"prompt_too_long"``.
        status: HTTP status of the answer.
        api_status: what the API answers where that differs; None where it does not.
        permanent: False when trying the same again later can succeed.
        message: what to tell the person, in their language.
        field: the form field the message belongs to, or "".
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    api_status: ClassVar[int | None] = None
    permanent: ClassVar[bool] = True
    default_message: ClassVar[str | Promise] = _("Something went wrong.")

    def __init__(self, message: str | Promise | None = None, *, field: str = "") -> None:
        self.message = message if message is not None else self.default_message
        self.field = field
        super().__init__(str(self.message))


class IllegalTransition(GreenroomError):
    code = "illegal_transition"
    status = 409
    default_message = _("That is no longer possible: it has changed since this page was opened.")


class NotAllowed(GreenroomError):
    code = "not_allowed"
    status = 403
    default_message = _("You may not do that.")


class InvitationInvalid(GreenroomError):
    code = "invitation_invalid"
    status = 404
    default_message = _("This invitation link is not valid. Please ask for a new one.")


class InvitationUsed(GreenroomError):
    code = "invitation_used"
    status = 410
    default_message = _("This invitation has already been used. You can simply sign in.")


class InvitationExpired(GreenroomError):
    code = "invitation_expired"
    status = 410
    default_message = _("This invitation has expired. Please ask for a new one.")


class InvitationRevoked(GreenroomError):
    code = "invitation_revoked"
    status = 410
    default_message = _("This invitation was withdrawn. Please ask the programme's team.")


class CohortFull(GreenroomError):
    code = "cohort_full"
    status = 409
    default_message = _("Every seat in this cohort is taken.")


class CohortNotOpen(GreenroomError):
    code = "cohort_not_open"
    status = 409
    api_status = 403
    default_message = _("This cohort is not open at the moment.")


class AgreementNotSigned(GreenroomError):
    code = "agreement_not_signed"
    status = 403
    default_message = _("Please read and sign the agreement first.")


class AgreementChanged(GreenroomError):
    code = "agreement_changed"
    status = 409
    default_message = _("The agreement has a newer version. Please read it before you sign.")


class InvitationReplaced(GreenroomError):
    code = "invitation_replaced"
    status = 410
    default_message = _(
        "A newer invitation was sent to you since. Please use the link in the newest mail."
    )


class InvitationForAnother(GreenroomError):
    code = "invitation_for_another"
    status = 409
    default_message = _(
        "This invitation was sent to another address than the one you are signed in with. "
        "Sign out first, then open the link again."
    )


class SignInFirst(GreenroomError):
    code = "sign_in_first"
    status = 409
    default_message = _(
        "There is already an account with this address. Sign in, then accept the invitation."
    )


class AlreadyInvited(GreenroomError):
    code = "already_invited"
    status = 409
    default_message = _("An invitation to this address is already on its way. You can resend it.")


class AlreadyMember(GreenroomError):
    code = "already_member"
    status = 409
    default_message = _("The person with this address is already in this cohort.")


class SeatsTaken(GreenroomError):
    code = "seats_taken"
    status = 409
    default_message = _("More artists than that have already joined.")


class CurrencyFixed(GreenroomError):
    code = "currency_fixed"
    status = 409
    default_message = _("The currency cannot change after the first artist has joined.")


class NameTaken(GreenroomError):
    code = "name_taken"
    status = 409
    default_message = _("There is already one with this name.")


class SameText(GreenroomError):
    code = "same_text"
    status = 409
    default_message = _("This is word for word the newest version.")


class AlreadyRegistered(GreenroomError):
    code = "already_registered"
    status = 409
    default_message = _("There is already an account with this address.")


class LastAdmin(GreenroomError):
    code = "last_admin"
    status = 409
    default_message = _("The programme needs at least one admin.")


class NameMissing(GreenroomError):
    code = "name_missing"
    status = 400
    default_message = _("Please type your name: it stands for your signature.")


class KeyTermsRefused(GreenroomError):
    code = "key_terms_refused"
    status = 400
    default_message = _("A key cannot be made with these terms.")


class TooManyKeys(GreenroomError):
    code = "too_many_keys"
    status = 409
    default_message = _("You have as many keys as one person may. Revoke one you no longer use.")


class KeyReplaced(GreenroomError):
    code = "key_replaced"
    status = 409
    default_message = _("This key has already been replaced by a newer one.")


class ReasonMissing(GreenroomError):
    code = "reason_missing"
    status = 400
    default_message = _("Please give a reason: the key’s owner reads it.")


class KeyInText(GreenroomError):
    code = "key_in_text"
    status = 400
    default_message = _(
        "This holds an access key. Take it out; if anybody else could have read it, "
        "revoke that key."
    )


class KeyRefused(GreenroomError):
    """A request with a key that opens nothing; scripts tell the reasons apart by ``code``.

    Attributes:
        link: where a person reads more and goes on, or "".
        retry_after: seconds after which the same can succeed; 0 when waiting does not help.
    """

    code = "invalid_api_key"
    status = 401
    default_message = _("This access key is not valid.")

    def __init__(
        self, message: str | Promise | None = None, *, link: str = "", retry_after: int = 0
    ) -> None:
        super().__init__(message)
        self.link = link
        self.retry_after = retry_after


class InvalidKey(KeyRefused):
    """No key, a mistyped one, or one that nobody has: the three are told apart for nobody."""


class KeyExpired(KeyRefused):
    code = "key_expired"
    status = 401
    default_message = _("This access key has expired. Make a new one.")


class KeyRevoked(KeyRefused):
    code = "key_revoked"
    status = 401
    default_message = _("This access key was revoked.")


class KeyFrozen(KeyRefused):
    code = "key_frozen"
    status = 403
    permanent = False
    default_message = _("This access key is frozen.")


class KeyWrongNetwork(KeyRefused):
    code = "key_wrong_network"
    status = 403
    default_message = _("This access key does not work from this network.")


class MissingScope(KeyRefused):
    code = "missing_scope"
    status = 403
    default_message = _("This access key was not made for that.")


class KeyRateLimited(KeyRefused):
    code = "key_rate_limited"
    status = 429
    permanent = False
    default_message = _("This access key is used more often per minute than it may be.")


class BodyTooLarge(GreenroomError):
    code = "body_too_large"
    status = 413
    default_message = _("This request is too large: a picture may have 10 MB.")


class BodyMisformed(GreenroomError):
    code = "body_misformed"
    default_message = _("The body of this request cannot be read.")


class ValueMisformed(GreenroomError):
    code = "invalid_value"
    default_message = _("This value does not fit.")


class IdempotencyKeyReused(GreenroomError):
    code = "idempotency_key_reused"
    status = 422
    default_message = _("This Idempotency-Key came with another request before. Use a new one.")


class IdempotencyKeyTooLong(GreenroomError):
    code = "idempotency_key_too_long"
    default_message = _("An Idempotency-Key has at most 255 characters.")


class KeyBudgetSpent(GreenroomError):
    code = "key_budget_spent"
    status = 409
    api_status = 429
    default_message = _("This access key's GPU time is used up.")


class Contained(GreenroomError):
    """Shut for a while by the programme's team; the message is in the words of who did it.

    Attributes:
        until: when it ends by itself.
    """

    code = "contained"
    status = 403
    default_message = _("The programme’s team has shut this for a while.")

    def __init__(self, message: str | Promise | None = None, *, until: datetime) -> None:
        super().__init__(message or None)
        self.until = until


class ContainmentIncomplete(GreenroomError):
    code = "containment_incomplete"
    default_message = _("Say what is to be contained, exactly one thing for this stage.")


class ContainsOneself(GreenroomError):
    code = "contains_oneself"
    status = 409
    default_message = _(
        "You cannot contain yourself. Ask another admin; your own key you can revoke."
    )


class ContainmentTimes(GreenroomError):
    code = "containment_times"
    default_message = _("Choose an end that lies ahead, at most 90 days from now.")


class ContainmentUnexplained(GreenroomError):
    code = "containment_unexplained"
    default_message = _("Please give a reason: it stands in the log.")


class ContainmentSilent(GreenroomError):
    code = "containment_silent"
    default_message = _("Please write what those touched read, in one language at least.")
