"""People, and the staff roles granted to them."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.deletions import PSEUDONYM_HOST
from portal.states import FOR_EVERY_COHORT, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person; without a password they sign in by code or passkey."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person: artist, member of staff, or both. Signs in by e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    # What stands under their clips where strangers see them; "" for the name.
    credit_name = models.CharField(_("credit name"), max_length=120, blank=True, db_default="")
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    # From then on the row holds a pseudonym for what has to stay.
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at__isnull=True)
                | models.Q(
                    is_active=False,
                    is_superuser=False,
                    credit_name="",
                    password__startswith="!",  # noqa: S106 - the mark of none
                    email__endswith=f"@{PSEUDONYM_HOST}",
                ),
                name="user_deleted_is_nobody",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="user_deleted_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__deleted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def credit(self) -> str:
        """Who a clip is by, as its artist wants to be called in public."""
        return self.credit_name or self.name

    @property
    def is_staff(self) -> bool:
        return self.is_superuser


class LiveGrants(models.Manager["RoleGrant"]):
    """Grants that were not taken back."""

    def get_queryset(self) -> models.QuerySet[RoleGrant]:
        return super().get_queryset().filter(revoked_at__isnull=True)


class RoleGrant(models.Model):
    """One staff role of one person, for one cohort or (cohort empty) for all.

    A grant that is taken back stays as a row. ``live`` and ``person.roles`` leave those out;
    ``objects`` holds every grant there ever was. ``granted_by`` is empty for what the command line
    or an upgrade gave.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)
    cohort = models.ForeignKey(
        "portal.Cohort", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[RoleGrant]] = models.Manager()
    live: ClassVar[LiveGrants] = LiveGrants()

    class Meta:
        default_manager_name = "live"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "cohort"],
                condition=models.Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="role_granted_once",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(
                condition=~models.Q(role__in=sorted(FOR_EVERY_COHORT))
                | models.Q(cohort__isnull=True),
                name="role_of_the_programme_for_every_cohort",
            ),
            models.CheckConstraint(
                condition=models.Q(granted_by__isnull=True)
                | ~models.Q(granted_by=models.F("user")),
                name="role_given_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_by__isnull=True)
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by=models.F("user"))),
                name="role_taken_back_by_another",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="role_terms_fixed",
                fields=["user", "role", "cohort", "granted_by", "granted_at"],
            ),
            pgtrigger.Protect(
                name="role_taken_back_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
