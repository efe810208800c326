"""What review does when generation has news, and what webhooks hear of decisions."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from generation.models import Clip
from generation.queries import clips_within
from generation.services.webhooks import tell
from generation.signals import clip_deleting, clip_ready
from portal import registry
from portal.containment import Target
from portal.models import Consent
from portal.registry import Touched
from portal.services import takeouts
from portal.signals import consent_changed
from portal.states import CLOSES_LINKS, OF_ALL, ConsentKind, ReviewMode, WebhookEvent
from review.appeal_errors import ClipUnderAppeal
from review.errors import ClipInReview, ClipReleased
from review.models import Appeal, Decision, Review, ShareLink
from review.services import signing, undoing
from review.services.submissions import submit_finished
from review.signals import decision_made, withdrawn
from review.states import RELEASING, ReviewState, Verdict


def containment_reach(target: Target) -> list[Touched]:
    """How many open share links a containment of *target* would close."""
    if target.stage not in CLOSES_LINKS:
        return []
    links = ShareLink.objects.live()
    if target.stage not in OF_ALL:
        links = links.filter(clip__in=clips_within(target))
    return [
        Touched(
            key="links",
            label=_("Share links that close"),
            count=links.count(),
            names=[link.title for link in links[:20]],
        )
    ]


registry.add_containment_reach(containment_reach, order=20)


@receiver(clip_ready)
def send_every_clip(sender: object, *, clip: Clip, **kwargs: Any) -> None:
    """The cohort's policy may put every finished clip into the queue."""
    if clip.cohort.review_mode == ReviewMode.EVERY_CLIP:
        submit_finished(clip=clip)


@receiver(clip_deleting)
def keep_what_is_judged(sender: object, *, clip: Clip, **kwargs: Any) -> None:
    """A clip somebody is judging, or that may be public, stays."""
    states = set(Review.objects.live().filter(clip=clip).values_list("state", flat=True))
    if ReviewState.WAITING in states:
        raise ClipInReview
    if ReviewState.APPROVED in states:
        raise ClipReleased
    if Appeal.objects.open().filter(review__clip=clip).exists():
        raise ClipUnderAppeal


@receiver(withdrawn)
def drop_what_was_said(sender: object, *, review: Review, **kwargs: Any) -> None:
    """A verdict that could still be undone when the artist took the clip back."""
    undoing.drop(review=review)


@receiver(decision_made)
def tell_what_was_decided(sender: object, *, decision: Decision, **kwargs: Any) -> None:
    """An approval that is withdrawn is told like a refusal: the master may not be used any more."""
    is_approved = decision.verdict in RELEASING
    event = WebhookEvent.APPROVED if is_approved else WebhookEvent.REJECTED
    tell(clip=decision.review.clip, event=event)


@receiver(decision_made)
def take_back_what_holds_the_master(sender: object, *, decision: Decision, **kwargs: Any) -> None:
    """A takeout may hold the master whose approval is withdrawn."""
    if decision.verdict == Verdict.REVOKE:
        takeouts.withdraw(person=decision.review.artist, problem="revoked")


@receiver(decision_made)
def sign_what_leaves(sender: object, *, decision: Decision, **kwargs: Any) -> None:
    """An approval lets signed copies out, and takes them back when it is withdrawn."""
    if decision.verdict in RELEASING:
        signing.begin(decision=decision)
    elif decision.verdict == Verdict.REVOKE:
        signing.withdraw(decision=decision)


@receiver(consent_changed)
def name_or_no_name(sender: object, *, consent: Consent, **kwargs: Any) -> None:
    """The artist's name stands in credentials while they consent to it."""
    if consent.kind == ConsentKind.SHARING:
        signing.sign_again(artist=consent.person)
