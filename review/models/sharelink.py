"""Share links: the public address of an approved clip."""

from __future__ import annotations

import secrets
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.urls import reverse


def new_token() -> str:
    """128 random bits, safe in a path."""
    return secrets.token_urlsafe(16)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def live(self) -> ShareLinkQuerySet:
        return self.filter(revoked_at__isnull=True)


class ShareLink(models.Model):
    """A public page of one clip. It works only while the clip's approval stands.

    Closing is final: a closed link never opens again, a new one has a new token.
    """

    clip = models.ForeignKey(
        "generation.Clip", on_delete=models.PROTECT, related_name="share_links"
    )
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    title = models.CharField(max_length=120)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    view_count = models.PositiveBigIntegerField(default=0)

    objects: ClassVar[models.Manager[ShareLink]] = models.Manager.from_queryset(ShareLinkQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(("token__regex", r"^[A-Za-z0-9_-]{20,}$")),
                name="sharelink_token_long",
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="sharelink_has_a_title"),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="sharelink_revoked_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["clip", "-id"], name="sharelink_by_clip")]
        triggers = [
            pgtrigger.ReadOnly(
                name="sharelink_target_fixed",
                fields=["clip", "token", "created_by", "created_at"],
            ),
            pgtrigger.Protect(
                name="sharelink_stays_closed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False, new__revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("review:shared", args=[self.token])

    @property
    def address(self) -> str:
        """The whole address, for copying."""
        return f"{settings.BASE_URL}{self.get_absolute_url()}"
