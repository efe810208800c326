"""What the log says of generation, what webhooks hear, and what stops with a frozen key."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from generation.models import Clip
from generation.services import clips, contained, ending
from generation.services.doorbell import ring_on_commit
from generation.services.webhooks import tell
from generation.signals import clip_ended
from portal import registry
from portal import signals as news
from portal.models import AccessKey, Cohort, Membership, User
from portal.signals import key_frozen
from portal.states import WebhookEvent

registry.add_containment_reach(contained.reach, order=10)
registry.add_ending_reach(ending.reach)


@receiver(news.contained)
def _stop_what_renders(**kwargs: Any) -> None:
    # What is contained must hold even if this fails: beat tries again.
    transaction.on_commit(contained.stop_running, robust=True)


@receiver(news.containment_ended)
def _let_it_go_on(**kwargs: Any) -> None:
    ring_on_commit()


registry.add_theirs(
    {
        "generation.clip": ("artist",),
        "generation.gpuaccount": ("artist",),
        "generation.preset": ("artist",),
        "generation.promptsheet": ("artist",),
        "generation.startpicture": ("artist",),
    }
)
registry.add_actions(
    {
        "clip.queued": _("asked for a clip"),
        "clip.queued_again": _("asked to run the clip again"),
        "clip.requeued": _("put the clip back into the queue"),
        "clip.ready": _("finished the clip"),
        "clip.failed": _("gave up on the clip"),
        "clip.quarantined": _("put into quarantine the clip"),
        "clip.released": _("released from quarantine the clip"),
        "clip.put_first": _("put the clip before their others"),
        "clip.cancelled": _("cancelled the clip"),
        "clip.renamed": _("renamed the clip"),
        "clip.deleted": _("deleted the clip"),
        "picture.brought": _("brought a picture to start from"),
        "picture.removed": _("removed the picture nobody uses"),
        "preset.saved": _("saved the preset"),
        "preset.changed": _("changed the preset"),
        "preset.shared": _("shared the preset with the cohort"),
        "preset.unshared": _("stopped sharing the preset"),
        "preset.deleted": _("deleted the preset"),
        "sheet.brought": _("brought the prompt sheet"),
        "sheet.started": _("started the prompt sheet"),
        "sheet.paused": _("paused the prompt sheet"),
        "sheet.resumed": _("went on with the prompt sheet"),
        "sheet.cancelled": _("cancelled the prompt sheet"),
        "sheet.finished": _("came to the end of the prompt sheet"),
        "sheet.ran_again": _("ran the failed rows again of the prompt sheet"),
        "sheet.deleted": _("deleted the prompt sheet"),
        "queue.paused": _("paused rendering for"),
        "queue.paused_all": _("paused all rendering"),
        "queue.resumed": _("let rendering go on for"),
        "queue.resumed_all": _("let all rendering go on"),
        "worker.rested": _("sent to rest the worker"),
        "worker.woken": _("called back to work the worker"),
        "share.weighed": _("changed the share of GPU time"),
    }
)


@receiver(clip_ended)
def tell_that_it_failed(sender: object, *, clip: Clip, **kwargs: Any) -> None:
    """Of a cancelled clip too, as the API shows it."""
    tell(clip=clip, event=WebhookEvent.FAILED)


@receiver(news.membership_ended)
def _stop_clips_of_member(membership: Membership, actor: User | None, **kwargs: Any) -> None:
    clips.stop_of_member(membership=membership, actor=actor)


@receiver(news.cohort_closed)
def _stop_clips_of_cohort(**kwargs: Any) -> None:
    # Should this fail, beat tries again.
    transaction.on_commit(ending.stop_closed, robust=True)


@receiver(news.cohort_paused)
def _hold_clips_of_cohort(cohort: Cohort, actor: User, reason: str, **kwargs: Any) -> None:
    ending.hold(cohort=cohort, actor=actor, reason=reason)


@receiver(news.cohort_reopened)
def _let_clips_of_cohort_go_on(cohort: Cohort, actor: User, **kwargs: Any) -> None:
    ending.let_go(cohort=cohort, actor=actor)


@receiver(key_frozen)
def _stop_clips_of_key(key: AccessKey, actor: User | None, **kwargs: Any) -> None:
    clips.stop_of_key(key=key, actor=actor)
