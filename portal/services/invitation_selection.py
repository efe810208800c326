"""One change to several invitations: each in its own transaction, each refusal kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from portal.errors import GreenroomError
from portal.models import Invitation, User
from portal.services import invitations
from portal.states import InvitationState


@dataclass
class Outcome:
    """How many were changed, and how often each refusal was met."""

    done: int = 0
    refusals: Counter[str] = field(default_factory=Counter)


def resend_all(*, actor: User, chosen: Iterable[Invitation]) -> Outcome:
    """A new link for each of *chosen*; those that were only asked for are sent."""

    def once(invitation: Invitation) -> None:
        if invitation.state == InvitationState.REQUESTED:
            invitations.send_requested(actor=actor, invitation=invitation)
        else:
            invitations.resend(actor=actor, invitation=invitation)

    return _each(chosen, once)


def revoke_all(*, actor: User, chosen: Iterable[Invitation], reason: str = "") -> Outcome:
    """Withdraw each of *chosen* that still stands."""
    return _each(
        chosen,
        lambda invitation: invitations.revoke(actor=actor, invitation=invitation, reason=reason),
    )


def _each(chosen: Iterable[Invitation], once: Callable[[Invitation], object]) -> Outcome:
    outcome = Outcome()
    # In one order, so that two who choose the same do not wait for each other in a circle.
    for invitation in sorted(chosen, key=lambda each: each.pk):
        try:
            once(invitation)
        except GreenroomError as error:
            outcome.refusals[str(error.message)] += 1
        else:
            outcome.done += 1
    return outcome
