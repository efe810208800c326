"""Clips: what an artist asked for, and what came of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.errors import GivenUpByStaff, RenderError
from generation.states import CLIP_TRANSITIONS, LIVE, RUNNING, RUNS_AGAIN, ClipState, Lineage
from generation.stop_errors import ENDINGS

SEED_MAX = 2**32 - 1
TAKES_MAX = 4
PROMPT_MAX = 2000
# What staff write to the artist of a clip they give up.
NOTE_MAX = 500
# Stands for the prompt of a clip whose artist's account was deleted.
FORGOTTEN = "—"
# A model that goes on from a frame gives that frame back as its first.
REPEATED = 1
# The greatest small integer of PostgreSQL.
PRIORITY_MAX = 32_767


class ClipQuerySet(models.QuerySet["Clip"]):
    def kept(self) -> ClipQuerySet:
        return self.filter(deleted_at__isnull=True)

    def live(self) -> ClipQuerySet:
        """Waiting or on a worker."""
        return self.filter(state__in=LIVE)

    def quarantined(self) -> ClipQuerySet:
        """Taken out after they killed two workers; staff decide about them."""
        return self.filter(state=ClipState.QUARANTINED, deleted_at__isnull=True)

    def ready(self) -> ClipQuerySet:
        return self.filter(state=ClipState.READY, deleted_at__isnull=True)


class Clip(models.Model):
    """One take of one prompt.

    What was asked for (prompt, model, sizes in pixels, ``frames`` at ``fps`` per second, seed…)
    never changes; neither do the hashes once the clip is ready: decisions are bound to them.
    ``sha256`` is the hex digest of the original's bytes; ``settings_sha256`` that of the
    canonical JSON of prompt, model, weights and settings. Both are "" until the clip is ready.
    ``estimate`` is what the clip is expected to take in GPU seconds, reserved while it is live.
    The takes of one press of *Generate* share ``request_id``; pressing twice repeats it.
    ``source`` is the clip it came from and ``lineage`` how; with a ``start_picture`` it begins with
    that. ``access_key`` is the key it was asked for with, None on a page. ``strength`` (None for
    the entry's) is how much of a video is made anew. ``frames`` are those that are rendered; an
    extension's file begins with ``lead_frames`` of what it extends, see ``file_frames``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="clips"
    )
    cohort = models.ForeignKey("portal.Cohort", on_delete=models.PROTECT, related_name="clips")
    account = models.ForeignKey(
        "generation.GpuAccount", on_delete=models.PROTECT, related_name="clips"
    )
    brief = models.ForeignKey(
        "portal.Brief", on_delete=models.PROTECT, null=True, blank=True, related_name="clips"
    )
    access_key = models.ForeignKey(
        "portal.AccessKey", on_delete=models.PROTECT, null=True, blank=True, related_name="clips"
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    prompt = models.TextField(_("prompt"), max_length=PROMPT_MAX)
    model_key = models.CharField(_("model"), max_length=80)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    frames = models.PositiveIntegerField(_("frames"))
    fps = models.PositiveSmallIntegerField(_("frames per second"))
    lead_frames = models.PositiveIntegerField(default=0, db_default=0)
    steps = models.PositiveSmallIntegerField(_("steps"))
    guidance = models.DecimalField(_("guidance"), max_digits=5, decimal_places=2)
    seed = models.BigIntegerField(
        _("seed"), validators=[MinValueValidator(0), MaxValueValidator(SEED_MAX)]
    )
    request_id = models.UUIDField(default=uuid.uuid4)
    take = models.PositiveSmallIntegerField(_("take"), default=1)
    source = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="descendants"
    )
    lineage = models.CharField(
        max_length=10, choices=Lineage.choices, blank=True, default="", db_default=""
    )
    start_picture = models.ForeignKey(
        "generation.StartPicture",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="clips",
    )
    strength = models.DecimalField(
        _("strength"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    adapter_key = models.CharField(
        _("adapter"), max_length=80, blank=True, default="", db_default=""
    )
    adapter_weight = models.DecimalField(
        _("weight of the adapter"), max_digits=4, decimal_places=2, null=True, blank=True
    )

    state = models.CharField(max_length=12, choices=ClipState.choices, default=ClipState.QUEUED)
    step = models.PositiveSmallIntegerField(default=0)
    # Among the artist's own clips alone; the greater comes first.
    priority = models.SmallIntegerField(default=0, db_default=0)
    error_code = models.CharField(max_length=40, blank=True)
    # For staff and logs; people read ``error_text``.
    error_message = models.TextField(blank=True)
    estimate = models.DecimalField(max_digits=10, decimal_places=3, default=Decimal(0))
    gpu_seconds = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    # The place in the queue: kept when a worker dies, new when the artist runs it again.
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # When staff last let it out of quarantine: tries before that count no more.
    released_at = models.DateTimeField(null=True, blank=True)

    sha256 = models.CharField(max_length=64, blank=True)
    settings_sha256 = models.CharField(max_length=64, blank=True)
    manifest = models.JSONField(default=dict, blank=True)
    original = models.FileField(max_length=200, blank=True)
    preview = models.FileField(max_length=200, blank=True)
    poster = models.FileField(max_length=200, blank=True)
    filmstrip = models.FileField(max_length=200, blank=True)
    cover = models.FileField(max_length=200, blank=True)

    objects: ClassVar[models.Manager[Clip]] = models.Manager.from_queryset(ClipQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["artist", "request_id", "take"], name="clip_once_per_request_and_take"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ClipState.values), name="clip_state_known"
            ),
            models.CheckConstraint(
                condition=Q(take__gte=1, take__lte=TAKES_MAX), name="clip_take_in_range"
            ),
            models.CheckConstraint(
                condition=Q(seed__gte=0, seed__lte=SEED_MAX), name="clip_seed_in_range"
            ),
            models.CheckConstraint(condition=~Q(prompt=""), name="clip_has_a_prompt"),
            models.CheckConstraint(
                condition=Q(width__gte=16, height__gte=16, frames__gte=1, fps__gte=1, steps__gte=1),
                name="clip_has_a_shape",
            ),
            models.CheckConstraint(
                condition=Q(state="ready", sha256__regex="^[0-9a-f]{64}$", settings_sha256__gt="")
                | (~Q(state="ready") & Q(sha256="", settings_sha256="")),
                name="clip_ready_means_hashed",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="ready",
                    deleted_at__isnull=True,
                    original__gt="",
                    preview__gt="",
                    poster__gt="",
                    filmstrip__gt="",
                    cover__gt="",
                )
                | (
                    (~Q(state="ready") | Q(deleted_at__isnull=False))
                    & Q(original="", preview="", poster="", filmstrip="", cover="")
                ),
                name="clip_files_when_ready_and_kept",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["failed", "quarantined"], error_code__gt="")
                | Q(state="cancelled")
                | (~Q(state__in=["failed", "quarantined", "cancelled"]) & Q(error_code="")),
                name="clip_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True)
                | Q(state__in=["ready", "failed", "cancelled", "quarantined"]),
                name="clip_deleted_is_at_rest",
            ),
            models.CheckConstraint(
                condition=Q(lineage="")
                | Q(lineage__in=[value for value in Lineage.values if value], source__isnull=False),
                name="clip_lineage_has_a_source",
            ),
            models.CheckConstraint(
                condition=Q(lead_frames=0)
                | Q(source__isnull=False)
                | Q(start_picture__isnull=False),
                name="clip_lead_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(strength__isnull=True) | Q(strength__gt=0, strength__lte=1),
                name="clip_strength_in_range",
            ),
            models.CheckConstraint(
                condition=Q(adapter_key="", adapter_weight__isnull=True)
                | (~Q(adapter_key="") & Q(adapter_weight__isnull=False)),
                name="clip_adapter_has_a_weight",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "-priority", "queued_at", "id"],
                condition=Q(state="queued"),
                name="clip_waiting",
            ),
            models.Index(
                fields=["account"],
                condition=Q(state__in=sorted(RUNNING)),
                name="clip_running",
            ),
            models.Index(fields=["artist", "-created_at", "-id"], name="clip_by_artist"),
            models.Index(fields=["cohort", "state"], name="clip_by_cohort"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="clip_transitions",
                field="state",
                transitions=[
                    (old.value, new.value)
                    for old, news in CLIP_TRANSITIONS.items()
                    for new in sorted(news)
                ],
            ),
            pgtrigger.ReadOnly(
                name="clip_request_fixed",
                fields=[
                    *("artist", "cohort", "account", "brief", "model_key"),
                    *("width", "height", "frames", "fps", "steps", "guidance", "seed"),
                    *("request_id", "take", "source", "lineage", "created_at"),
                    *("start_picture", "strength", "adapter_key", "adapter_weight", "access_key"),
                    "lead_frames",
                ],
            ),
            # With an account go the words of its clips, and what repeats them.
            pgtrigger.Protect(
                name="clip_words_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__prompt__df=pgtrigger.F("new__prompt"))
                & (pgtrigger.Q(new__deleted_at__isnull=True) | ~pgtrigger.Q(new__prompt=FORGOTTEN)),
            ),
            pgtrigger.Protect(
                name="clip_result_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="ready")
                & (
                    pgtrigger.Q(old__sha256__df=pgtrigger.F("new__sha256"))
                    | pgtrigger.Q(old__settings_sha256__df=pgtrigger.F("new__settings_sha256"))
                    | (
                        pgtrigger.Q(old__manifest__df=pgtrigger.F("new__manifest"))
                        & ~pgtrigger.Q(new__prompt=FORGOTTEN, new__manifest={})
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title, or the beginning of the prompt."""
        return self.title or (self.prompt if len(self.prompt) <= 60 else f"{self.prompt[:59]}…")

    @property
    def short_id(self) -> str:
        """Eight letters for people; also in the mark on the preview."""
        return self.id.hex[:8].upper()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def may_run_again(self) -> bool:
        """Whether its artist may ask for one more try."""
        return self.state in RUNS_AGAIN

    @property
    def counts_since(self) -> datetime:
        """Tries that began before this count no more: it was queued or released anew."""
        return max(self.queued_at, self.released_at or self.queued_at)

    @property
    def is_ready(self) -> bool:
        return self.state == ClipState.READY and self.deleted_at is None

    @property
    def file_frames(self) -> int:
        """How many frames the file has: an extension's lead and what was rendered after it."""
        return self.lead_frames + self.frames - (REPEATED if self.lead_frames else 0)

    @property
    def seconds(self) -> float:
        """How long the clip plays."""
        return self.file_frames / self.fps

    @property
    def error_text(self) -> str | Promise:
        """Why it failed or was stopped, in the reader's language; "" when it was not."""
        if not self.error_code:
            return ""
        if self.error_code == GivenUpByStaff.code:
            return str(GivenUpByStaff.noted_message) % {"note": self.error_message}
        return ENDINGS.get(self.error_code, RenderError).default_message
