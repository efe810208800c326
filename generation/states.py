"""State machines of clips and of the attempts to render them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ClipState(TextChoices):
    QUEUED = "queued", _("Waiting")
    LOADING = "loading", _("Loading the model")
    RENDERING = "rendering", _("Rendering")
    ENCODING = "encoding", _("Encoding")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    QUARANTINED = "quarantined", _("In quarantine")


# On a worker now, and: still on its way to a result.
RUNNING = frozenset({ClipState.LOADING, ClipState.RENDERING, ClipState.ENCODING})
LIVE = RUNNING | {ClipState.QUEUED}

# At rest without a result, and the artist may ask for another try.
RUNS_AGAIN = frozenset({ClipState.FAILED, ClipState.CANCELLED})

_ENDS_EARLY = {
    ClipState.QUEUED,
    ClipState.FAILED,
    ClipState.CANCELLED,
    ClipState.QUARANTINED,
}

CLIP_TRANSITIONS: Mapping[ClipState, frozenset[ClipState]] = {
    ClipState.QUEUED: frozenset({ClipState.LOADING, ClipState.FAILED, ClipState.CANCELLED}),
    ClipState.LOADING: frozenset({ClipState.RENDERING, *_ENDS_EARLY}),
    ClipState.RENDERING: frozenset({ClipState.ENCODING, *_ENDS_EARLY}),
    ClipState.ENCODING: frozenset({ClipState.READY, *_ENDS_EARLY}),
    ClipState.READY: frozenset(),
    ClipState.FAILED: frozenset({ClipState.QUEUED}),
    ClipState.CANCELLED: frozenset({ClipState.QUEUED}),
    # It killed two workers. Only staff take it out again.
    ClipState.QUARANTINED: frozenset({ClipState.QUEUED, ClipState.FAILED}),
}


class Lineage(TextChoices):
    """What a clip is to the one it came from."""

    NONE = "", _("New")
    AGAIN = "again", _("Made again")
    REMIX = "remix", _("Remix")
    EXTEND = "extend", _("Extension")


class SheetState(TextChoices):
    """A prompt sheet: read, being turned into clips, or done with."""

    DRAFT = "draft", _("Not started")
    RUNNING = "running", _("Under way")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("All asked for")
    CANCELLED = "cancelled", _("Cancelled")


SHEET_TRANSITIONS: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.DRAFT: frozenset({SheetState.RUNNING}),
    SheetState.RUNNING: frozenset({SheetState.PAUSED, SheetState.FINISHED, SheetState.CANCELLED}),
    SheetState.PAUSED: frozenset({SheetState.RUNNING, SheetState.CANCELLED}),
    # Its failed rows may be asked for again.
    SheetState.FINISHED: frozenset({SheetState.RUNNING}),
    SheetState.CANCELLED: frozenset(),
}


class AttemptState(TextChoices):
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    FAILED = "failed", _("Failed")
    LOST = "lost", _("Lost with its worker")
    CANCELLED = "cancelled", _("Cancelled")
    HANDED_BACK = "handed_back", _("Handed back by its worker")


ATTEMPT_TRANSITIONS: Mapping[AttemptState, frozenset[AttemptState]] = {
    AttemptState.RUNNING: frozenset(set(AttemptState) - {AttemptState.RUNNING}),
    AttemptState.FINISHED: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.LOST: frozenset(),
    AttemptState.CANCELLED: frozenset(),
    AttemptState.HANDED_BACK: frozenset(),
}


class Heartbeat(TextChoices):
    """What the database answers to a worker that says it is still rendering."""

    OK = "ok"
    LOST = "lost"
    CANCEL = "cancel"


class Variant(TextChoices):
    """The files a finished clip has.

    ``original`` and ``master`` are the same bytes: those the review decides about. ``preview``,
    ``poster`` and ``filmstrip`` carry the mark; ``cover`` is a still without one.
    """

    ORIGINAL = "original"
    MASTER = "master"
    PREVIEW = "preview"
    POSTER = "poster"
    FILMSTRIP = "filmstrip"
    COVER = "cover"
