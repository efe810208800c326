"""Who hears of an appeal: who may decide it, its artist, and the team when it runs late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.duties import Duty, people_for
from portal.services import audit
from portal.services.notify import notify
from review import appeal_access
from review.models import Appeal
from review.states import AppealState
from review.templatetags.review_clock import day_and_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generation.models import Clip
    from portal.models import User

_TITLES = {
    AppealState.UPHELD: gettext_lazy("Your appeal was decided: %(clip)s is not released"),
    AppealState.OVERTURNED: gettext_lazy("Your appeal was granted: %(clip)s is approved"),
}
_OPENINGS = {
    AppealState.UPHELD: gettext_lazy(
        "Somebody who had no part in the decision looked at your clip again. The decision stands."
    ),
    AppealState.OVERTURNED: gettext_lazy(
        "Somebody who had no part in the decision looked at your clip again. Your clip may leave "
        "the room: you can download the master and make links to share it."
    ),
}


def tell_deciders(appeal: Appeal) -> None:
    """Everyone who may decide it; where there is nobody, all who lead, so that they find one."""
    deciders = list(appeal_access.deciders_of(appeal))
    if deciders:
        _tell_each(
            deciders,
            appeal,
            kind="appeal_submitted",
            title=gettext_lazy("Appeal: %(clip)s"),
            text=gettext_lazy(
                "%(artist)s appealed a decision. It is promised an answer by %(time)s."
            ),
        )
        return
    leads = people_for(Duty.WITHDRAW, appeal.cohort_id).exclude(pk=appeal.artist_id)
    _tell_each(
        leads,
        appeal,
        kind="appeal_submitted",
        title=gettext_lazy("Nobody can decide an appeal: %(clip)s"),
        text=gettext_lazy(
            "%(artist)s appealed a decision, and everyone who leads in this cohort had a part in "
            "it or has a conflict of interest. Give somebody else the role of a lead reviewer. "
            "An answer is promised by %(time)s."
        ),
    )


def tell_artist(appeal: Appeal, clip: Clip) -> None:
    state = AppealState(appeal.state)
    with translation.override(appeal.artist.language):
        title = str(_TITLES[state]) % {"clip": clip.label}
        text = f"{_OPENINGS[state]}\n\n" + _("The answer to your appeal:") + f"\n{appeal.answer}"
    notify(
        user=appeal.artist,
        kind=f"appeal_{state}",
        title=title,
        text=text,
        url=reverse("review:standing", args=[clip.pk]),
    )


def escalate_late() -> int:
    """Tell all who lead of appeals that became overdue, each once; answers how many did.

    Two runs at the same time skip what the other holds.
    """
    with transaction.atomic():
        late = list(
            Appeal.objects.overdue()
            .filter(escalated_at__isnull=True)
            .select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("cohort", "artist", "review__clip")
        )
        for appeal in late:
            appeal.escalated_at = timezone.now()
            appeal.save(update_fields=["escalated_at"])
            audit.record(
                actor=None,
                action="appeal.escalated",
                target=appeal,
                cohort=appeal.cohort,
                after={"due_at": appeal.due_at},
            )
            _tell_each(
                people_for(Duty.WITHDRAW, appeal.cohort_id).exclude(pk=appeal.artist_id),
                appeal,
                kind="appeal_overdue",
                title=gettext_lazy("An appeal is overdue: %(clip)s"),
                text=gettext_lazy("%(artist)s was promised an answer by %(time)s."),
            )
    return len(late)


def _tell_each(
    people: Iterable[User], appeal: Appeal, *, kind: str, title: object, text: object
) -> None:
    visible = set(appeal_access.deciders_of(appeal).values_list("pk", flat=True))
    own = reverse("review:appeal", args=[appeal.pk])
    for person in people:
        with translation.override(person.language):
            said = {
                "clip": appeal.review.clip.label,
                "artist": str(appeal.artist),
                "time": day_and_time(appeal.due_at),
            }
            words = str(title) % said, str(text) % said
        notify(
            user=person,
            kind=kind,
            title=words[0],
            text=words[1],
            url=own if person.pk in visible else reverse("review:appeals"),
        )
