"""What generation does when the ground floor has news, and how the audit log says what it does."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from generation.services import contained
from generation.services.doorbell import ring_on_commit
from portal import registry
from portal import signals as news

registry.add_containment_reach(contained.reach, order=10)


@receiver(news.contained)
def _stop_what_renders(**kwargs: Any) -> None:
    # What is contained must hold even if this fails: beat tries again.
    transaction.on_commit(contained.stop_running, robust=True)


@receiver(news.containment_ended)
def _let_it_go_on(**kwargs: Any) -> None:
    ring_on_commit()


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
        "queue.paused": _("paused rendering for"),
        "queue.paused_all": _("paused all rendering"),
        "queue.resumed": _("let rendering go on for"),
        "queue.resumed_all": _("let all rendering go on"),
        "worker.rested": _("sent to rest the worker"),
        "worker.woken": _("called back to work the worker"),
        "share.weighed": _("changed the share of GPU time"),
    }
)
