"""What a person says of themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Regex

LONGEST_BIO = 600
LONGEST_LINK = 200
MOST_LINKS = 5


class Profile(models.Model):
    """A bio, links and a portrait; who never wrote any has no row.

    ``links`` are https addresses in the order their owner gave. ``portrait`` names a square JPEG in
    the storage, ``portrait_sha256`` is the hex digest of its bytes; both are "" without one.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="profile"
    )
    bio = models.CharField(max_length=LONGEST_BIO, blank=True)
    links = ArrayField(models.CharField(max_length=LONGEST_LINK), default=list, blank=True)
    portrait = models.CharField(max_length=120, blank=True)
    portrait_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(links__len__lte=MOST_LINKS), name="profile_links_few"
            ),
            models.CheckConstraint(
                # No address has a space in it, so the joined ones can be told apart.
                condition=Q(
                    Regex(
                        Func(
                            F("links"),
                            Value(" "),
                            function="array_to_string",
                            output_field=models.TextField(),
                        ),
                        r"^(https://[^[:space:]]+( |$))*$",
                    )
                ),
                name="profile_links_https",
            ),
            models.CheckConstraint(
                condition=Q(portrait="", portrait_sha256="")
                | (~Q(portrait="") & ~Q(portrait_sha256="")),
                name="profile_portrait_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
