"""Writing to each other about a clip, and having read it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from generation.models import Clip
from portal.duties import grants_of
from portal.errors import NotAllowed
from portal.services import audit
from portal.services.notify import notify
from portal.states import Role
from review import access, conversations
from review.conflict_errors import InConflict
from review.message_errors import ConversationClosed, MessageMissing, MessageTooLong
from review.models import Message, Reading, Review
from review.states import UNSEEN_BY_STAFF

if TYPE_CHECKING:
    from portal.models import User

LONGEST = 2000
# The same words again this soon are a second press of the button.
SAME = timedelta(seconds=10)
# What somebody with several roles writes as.
_AS = (Role.LEAD, Role.ADMIN, Role.REVIEWER)


def send(*, actor: User, clip: Clip, text: str) -> Message:
    """Write about a clip that was submitted; the other side is told, once until they look.

    Raises:
        NotAllowed: neither the artist nor somebody who meets the clip at the desk.
        InConflict, ConversationClosed, MessageMissing, MessageTooLong
    """
    words = text.replace("\x00", "").strip()
    if not words:
        raise MessageMissing(field="text")
    if len(words) > LONGEST:
        raise MessageTooLong(field="text")
    with transaction.atomic():
        locked = (
            Clip.objects.select_for_update(no_key=True, of=("self",))
            .select_related("cohort", "artist")
            .get(pk=clip.pk)
        )
        role = _role_of(actor, locked)
        if not conversations.is_open(locked):
            raise ConversationClosed
        now = timezone.now()
        last = Message.objects.filter(clip=locked).order_by("-id").first()
        if (
            last is not None
            and (last.author_id, last.text) == (actor.pk, words)
            and now - last.sent_at < SAME
        ):
            return last
        told = [person for person in _others(actor, locked) if _has_read_all(person, locked)]
        message = Message.objects.create(
            clip=locked,
            artist=locked.artist,
            author=actor,
            role=role,
            text=words,
            sent_at=now,
        )
        audit.record(
            actor=actor,
            action="message.sent",
            target=message,
            cohort=locked.cohort,
            after={"clip": str(locked.pk)},
        )
        for person in told:
            _tell(person, message, locked)
        return message


def mark_read(*, actor: User, clip: Clip) -> None:
    """*actor* has the conversation before them, to its newest message."""
    newest = Message.objects.filter(clip=clip).order_by("-id").values_list("pk", flat=True).first()
    if newest is None:
        return
    reading, is_new = Reading.objects.get_or_create(
        person=actor, clip=clip, defaults={"upto": newest}
    )
    if not is_new and reading.upto < newest:
        # Another page of theirs may have read further meanwhile.
        Reading.objects.filter(pk=reading.pk, upto__lt=newest).update(upto=newest)


def _role_of(actor: User, clip: Clip) -> str:
    """What *actor* writes as; empty for the artist."""
    if actor.pk == clip.artist_id:
        return ""
    if access.in_conflict(actor, clip.artist_id):
        raise InConflict
    if not access.oversees(actor, clip.cohort_id):
        raise NotAllowed
    held = {role for role, cohort in grants_of(actor) if cohort in {None, clip.cohort_id}}
    return next(role for role in _AS if role in held)


def _others(actor: User, clip: Clip) -> list[User]:
    """Who is told: the artist, or those of the team who have to do with the clip, else them all."""
    if actor.pk != clip.artist_id:
        return [clip.artist]
    return list(conversations.involved_in(clip)) or list(conversations.team_of(clip))


def _has_read_all(person: User, clip: Clip) -> bool:
    return not conversations.unread_by(person).filter(clip=clip).exists()


def _tell(person: User, message: Message, clip: Clip) -> None:
    if person.pk == clip.artist_id:
        title = gettext_lazy("The team writes about %(clip)s")
        where = reverse("review:messages", args=[clip.pk])
        is_mailed = True
    else:
        title = gettext_lazy("%(artist)s writes about %(clip)s")
        review = Review.objects.filter(clip=clip).exclude(state__in=UNSEEN_BY_STAFF).latest("id")
        where = reverse("review:team_messages", args=[review.pk])
        # Where nobody has to do with the clip yet, all see it waiting, and nobody gets a mail.
        is_mailed = conversations.involved_in(clip).filter(pk=person.pk).exists()
    notify(
        user=person,
        kind="message_sent",
        title=title,
        text="%(text)s",
        url=where,
        params={"clip": clip.label, "artist": str(clip.artist), "text": message.text},
        mail=is_mailed,
    )
