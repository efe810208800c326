"""What review puts into a takeout: clips, as far as the gate hands them out, and decisions."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from generation.errors import FileMissing
from generation.models import Clip, StartPicture
from generation.states import Variant
from portal import takeouts
from portal.models import User
from portal.takeouts import Bag, Part
from review.errors import FileDamaged
from review.models import (
    Appeal,
    Conflict,
    Decision,
    Download,
    FrameNote,
    Message,
    Review,
    SavedFilter,
    ShareLink,
    Signing,
)
from review.note_pages import exported
from review.opinions import told
from review.release import Grant, best_of, may_see_picture, open_granted, signing_of

logger = logging.getLogger(__name__)

# Clips are read again this many at a time, so that the gate decides about them as they are.
CHUNK = 100
_FACTS = (
    *("title", "prompt", "model_key", "width", "height", "frames", "lead_frames", "fps", "steps"),
    *("guidance", "seed", "take", "lineage", "strength", "adapter_key", "adapter_weight", "state"),
    *("sha256", "settings_sha256", "gpu_seconds", "created_at", "started_at", "finished_at"),
    "deleted_at",
)
CLIP_HEADER = ("id", "cohort", "brief", *_FACTS)
DECISION_HEADER = (
    *("clip", "cohort", "submitted", "due", "state", "your_note", "round"),
    *("verdict", "decided", "reason", "note", "sha256", "settings_sha256"),
)


def clips(person: User, bag: Bag) -> None:
    mine = Clip.objects.filter(artist=person).order_by("created_at", "id")
    keys = list(mine.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        chunk = mine.filter(pk__in=keys[start : start + CHUNK])
        found = list(chunk.select_related("cohort", "brief", "access_key"))
        best = best_of(person, found)
        notes = FrameNote.objects.filter(clip__in=found, is_for_artist=True).order_by()
        noted = set(notes.values_list("clip", flat=True))
        for clip in found:
            _clip(bag, clip, best.get(clip.pk))
        for clip in found:
            if clip.pk in noted:
                bag.json(f"{folder_of(clip)}/notes.json", exported(person, clip))
    rows = mine.select_related("cohort", "brief").iterator(chunk_size=500)
    bag.csv("clips/clips.csv", CLIP_HEADER, map(_line, rows))


def _line(clip: Clip) -> Sequence[object]:
    brief = clip.brief.title if clip.brief is not None else ""
    return (clip.pk, clip.cohort.name, brief, *(getattr(clip, name) for name in _FACTS))


def folder_of(clip: Clip) -> str:
    """``clips/2026-11-23-a-red-boat-<id>``: the day, the title, and the whole id."""
    day = timezone.localtime(clip.created_at).date().isoformat()
    words = [day, slugify(clip.label)[:40].strip("-"), clip.pk.hex]
    return f"clips/{'-'.join(word for word in words if word)}"


def _clip(bag: Bag, clip: Clip, grant: Grant | None) -> None:
    folder = folder_of(clip)
    bag.json(
        f"{folder}/clip.json",
        {
            "id": clip.pk,
            "cohort": clip.cohort.name,
            "brief": clip.brief.title if clip.brief is not None else None,
            "access_key": clip.access_key.name if clip.access_key is not None else None,
            "source": clip.source_id,
            "start_picture": clip.start_picture_id,
            **{name: getattr(clip, name) for name in _FACTS},
            "media": _media(bag, folder, grant),
        },
    )
    bag.json(f"{folder}/manifest.json", clip.manifest)


def _media(bag: Bag, folder: str, grant: Grant | None) -> dict[str, str] | None:
    """The file that the gate granted, written before the facts that name it."""
    if grant is None:
        return None
    try:
        stored = open_granted(grant)
    except (FileMissing, FileDamaged) as error:
        logger.warning("clip %s: its %s is not in the takeout", grant.clip.pk, grant.variant.value)
        return {"missing": error.code}
    name = "clip.mp4" if grant.variant == Variant.MASTER else "preview.mp4"
    with stored.handle:
        bag.file(f"{folder}/{name}", stored.handle)
    return {"file": name, "is": grant.variant.value}


def pictures(person: User, bag: Bag) -> None:
    """What they brought for clips to start from, as far as it is still there."""
    found = StartPicture.objects.kept().filter(artist=person).order_by("created_at", "pk")
    facts: list[dict[str, Any]] = []
    for picture in found:
        if not may_see_picture(person, picture):
            continue
        files = [(f"{picture.pk.hex}.png", str(picture.file))]
        if picture.video:
            files.append((f"{picture.pk.hex}.mp4", str(picture.video)))
        for name, stored in files:
            try:
                with default_storage.open(stored, "rb") as file:
                    bag.file(f"pictures/{name}", file)
            except FileNotFoundError:
                logger.warning("the picture %s is missing", picture.pk)
        facts.append(
            {
                "id": picture.pk,
                "files": [name for name, _stored in files],
                "sha256": picture.sha256,
                "video_sha256": picture.video_sha256,
                "brought": picture.brought_at,
            }
        )
    bag.json("pictures/pictures.json", facts)


def decisions(person: User, bag: Bag) -> None:
    made = Decision.objects.select_related("signing", "appeal").order_by("pk")
    reviews = (
        Review.objects.filter(artist=person)
        .select_related("cohort", "follows")
        .prefetch_related(Prefetch("decisions", queryset=made))
        .order_by("pk")
    )
    bag.json("decisions/decisions.json", [_review(review) for review in reviews])
    bag.csv("decisions/decisions.csv", DECISION_HEADER, _decided(list(reviews)))
    links = ShareLink.objects.filter(clip__artist=person).order_by("pk")
    bag.csv(
        "decisions/share-links.csv",
        ("clip", "title", "address", "opened", "closed", "views"),
        (
            (
                *(link.clip_id, link.title, link.address, link.created_at, link.revoked_at),
                link.view_count,
            )
            for link in links.iterator(chunk_size=500)
        ),
    )
    written = Message.objects.filter(artist=person).order_by("pk")
    bag.csv(
        "decisions/messages.csv",
        ("clip", "by", "sent", "text"),
        (
            (row.clip_id, row.role or "you", row.sent_at, row.text)
            for row in written.iterator(chunk_size=500)
        ),
    )
    fetched = Download.objects.filter(person=person).select_related("decision__review")
    bag.csv(
        "decisions/downloads.csv",
        ("clip", "sha256", "at"),
        (
            (row.decision.review.clip_id, row.sha256, row.at)
            for row in fetched.order_by("pk").iterator(chunk_size=500)
        ),
    )


def team(person: User, bag: Bag) -> None:
    """Only of who has some: most people never work for the programme’s team."""
    declared = Conflict.objects.filter(person=person).select_related("artist").order_by("pk")
    if declared.exists():
        bag.csv(
            "team/conflicts.csv",
            ("artist", "reason", "declared", "ended"),
            ((row.artist.name, row.reason, row.declared_at, row.ended_at) for row in declared),
        )
    saved = SavedFilter.objects.filter(person=person)
    if saved.exists():
        kept = saved.values("name", "query", "is_default")
        bag.json("team/filters.json", list(kept))


def _review(review: Review) -> dict[str, Any]:
    return {
        "clip": review.clip_id,
        "cohort": review.cohort.name,
        "submitted": review.submitted_at,
        "due": review.due_at,
        "state": review.state,
        "your_note": review.note,
        "round": review.round,
        "follows": review.follows.clip_id if review.follows is not None else None,
        "decisions": [
            {
                "verdict": decision.verdict,
                "by": "reviewer",
                "decided": decision.decided_at,
                "reason": decision.reason,
                "note": decision.note,
                "sha256": decision.sha256,
                "settings_sha256": decision.settings_sha256,
                "prompt": decision.prompt,
                "model_key": decision.model_key,
                "settings": decision.settings,
                "signed": _signed(decision),
                "appeal": appeal_facts(decision),
            }
            for decision in told(review, list(review.decisions.all()))
        ],
    }


def _signed(decision: Decision) -> dict[str, Any] | None:
    """What was signed under an approval, and the name it says."""
    signing = signing_of(decision)
    if signing is None or not signing.is_signed:
        return None
    return {
        "at": signing.signed_at,
        "sha256": signing.master_sha256,
        "certificate_sha256": signing.certificate_sha256,
        "credit": signing.credit,
    }


def appeal_facts(decision: Decision) -> dict[str, Any] | None:
    """The appeal against *decision*, as the artist wrote it and was answered."""
    appeal: Appeal | None = getattr(decision, "appeal", None)
    if appeal is None:
        return None
    return {
        "state": appeal.state,
        "text": appeal.text,
        "submitted": appeal.submitted_at,
        "due": appeal.due_at,
        "closed": appeal.closed_at,
        "answer": appeal.answer,
    }


def _decided(reviews: list[Review]) -> Iterator[Sequence[object]]:
    for review in reviews:
        given = told(review, list(review.decisions.all()))
        head = (
            *(review.clip_id, review.cohort.name, review.submitted_at, review.due_at),
            *(review.state, review.note, review.round),
        )
        for decision in given:
            yield (
                *head,
                *(decision.verdict, decision.decided_at, decision.reason, decision.note),
                *(decision.sha256, decision.settings_sha256),
            )
        if not given:
            yield (*head, *[""] * 6)


takeouts.add_own(
    "review.conflict", lambda person: Conflict.objects.filter(person=person).order_by()
)
takeouts.add_own(
    "review.framenote",
    lambda person: FrameNote.objects.filter(clip__artist=person, is_for_artist=True).order_by(),
)
takeouts.add_own("review.appeal", lambda person: Appeal.objects.filter(artist=person).order_by())
takeouts.add_own("review.message", lambda person: Message.objects.filter(artist=person).order_by())
takeouts.add_own("review.review", lambda person: Review.objects.filter(artist=person).order_by())
takeouts.add_own(
    "review.savedfilter", lambda person: SavedFilter.objects.filter(person=person).order_by()
)
takeouts.add_own(
    "review.sharelink", lambda person: ShareLink.objects.filter(clip__artist=person).order_by()
)
takeouts.add_own(
    "review.signing", lambda person: Signing.objects.filter(decision__artist=person).order_by()
)
takeouts.add_part(
    Part(
        key="clips",
        name="clips/",
        label=_("Clips"),
        about=_(
            "Each clip in a folder: the video you may have, its prompt and settings (clip.json), "
            "and how it was made (manifest.json). clips.csv lists them all, deleted ones too."
        ),
        write=clips,
        order=20,
    )
)
takeouts.add_part(
    Part(
        key="pictures",
        name="pictures/",
        label=_("Pictures and videos you brought"),
        about=_("What you brought for clips to start from, as it is kept here."),
        write=pictures,
        order=25,
    )
)
takeouts.add_part(
    Part(
        key="decisions",
        name="decisions/",
        label=_("Decisions"),
        about=_(
            "What was decided about your clips and why, with the digest of the bytes decided "
            "about; your appeals and their answers; what you and the team wrote to each other; "
            "your share links, and when you downloaded what."
        ),
        write=decisions,
        order=30,
    )
)
takeouts.add_part(
    Part(
        key="team",
        name="team/",
        label=_("Work for the programme’s team"),
        about=_(
            "If you work for the team: whose clips you were kept from judging, why and until when "
            "(conflicts.csv), and your saved filters of the review queue."
        ),
        write=team,
        order=35,
    )
)
