"""How the audit log says what generation does. (This app listens to no signal yet.)"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal import registry

registry.add_actions(
    {
        "clip.queued": _("asked for a clip"),
        "clip.queued_again": _("asked to run the clip again"),
        "clip.requeued": _("put the clip back into the queue"),
        "clip.ready": _("finished the clip"),
        "clip.failed": _("gave up on the clip"),
        "clip.put_first": _("put the clip before their others"),
        "clip.cancelled": _("cancelled the clip"),
        "clip.renamed": _("renamed the clip"),
        "clip.deleted": _("deleted the clip"),
        "share.weighed": _("changed the share of GPU time"),
    }
)
