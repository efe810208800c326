"""Agreements: a text in versions, and who signed which."""

from __future__ import annotations

import re
from typing import NamedTuple

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import get_language


class Block(NamedTuple):
    """One paragraph of a plain text; a short line that starts with a number is a heading."""

    text: str
    is_heading: bool


_HEADING = re.compile(r"\d+\. [^\n]{1,80}")


def blocks_of(body: str) -> list[Block]:
    """Paragraphs of *body*, which are parted by empty lines."""
    return [
        Block(text=part.strip(), is_heading=bool(_HEADING.fullmatch(part.strip())))
        for part in re.split(r"\n\s*\n", body)
        if part.strip()
    ]


class Agreement(models.Model):
    """What an artist accepts before taking part; its text lives in versions."""

    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class AgreementVersion(models.Model):
    """One published text, in both languages. Never edited: a change is a new version.

    ``sha256`` is the hex digest of ``body_en + "\\0" + body_fr`` in UTF-8.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    body_en = models.TextField()
    body_fr = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_number_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="agreement_version_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} v{self.number}"

    @property
    def body(self) -> str:
        """The text in the language of the current request."""
        return self.body_fr if (get_language() or "").startswith("fr") else self.body_en

    @property
    def blocks(self) -> list[Block]:
        """The text in the language of the current request, as headings and paragraphs."""
        return blocks_of(self.body)


class Signature(models.Model):
    """That a person signed a version: hash, name typed, time. Append-only."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures"
    )
    version = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    sha256 = models.CharField(max_length=64)
    name_typed = models.CharField(max_length=120)
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="signature_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="signature_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} signed {self.version}"
