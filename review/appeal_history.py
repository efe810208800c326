"""An appeal in a clip's timeline."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from review.models import Appeal, Decision
from review.states import AppealState


def appeal_items(decision: Decision, *, to_artist: bool) -> list[dict[str, Any]]:
    """What became of the appeal against *decision*, as the timeline takes it.

    An appeal that is overturned ends with a decision of its own, which the timeline has already.
    """
    appeal: Appeal | None = getattr(decision, "appeal", None)
    if appeal is None:
        return []
    items = [
        {
            "time": appeal.submitted_at,
            "actor": str(appeal.artist),
            "text": _("Appealed the decision"),
            "icon": "gavel",
            "note": appeal.text,
        }
    ]
    if appeal.state == AppealState.UPHELD:
        items.append(
            {
                "time": appeal.closed_at,
                "actor": _("The programme") if to_artist else str(appeal.decided_by),
                "text": _("The appeal was decided: the decision stands"),
                "icon": "gavel",
                "note": appeal.answer,
            }
        )
    elif appeal.state == AppealState.WITHDRAWN:
        items.append(
            {
                "time": appeal.closed_at,
                "actor": str(appeal.artist),
                "text": _("Withdrew the appeal"),
                "icon": "undo-2",
            }
        )
    return items
