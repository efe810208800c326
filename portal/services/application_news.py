"""Mails to who applied for a seat, in their language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.services.notify import send_mail_to

if TYPE_CHECKING:
    from portal.models import Application, Cohort


def to_confirm(application: Application, token: str) -> None:
    cohort = application.cohort.name
    with translation.override(application.language):
        send_mail_to(
            email=application.email,
            name=application.name,
            language=application.language,
            subject=_("Confirm your application for %(cohort)s") % {"cohort": cohort},
            text=_(
                "Thank you for applying for %(cohort)s. Confirm here that this is your address; "
                "your application counts from then on. The link works for two days, and later "
                "lets you withdraw.\n\nIf you did not apply, there is nothing to do: what was "
                "written in your name is deleted by itself."
            )
            % {"cohort": cohort},
            url=reverse("application_link", args=[token]),
            button=_("Look and confirm"),
            about=application,
        )


def known_already(*, email: str, name: str, language: str, cohort: Cohort, is_member: bool) -> None:
    """Why nothing was written down; only who reads mail at *email* learns of it."""
    with translation.override(language):
        if is_member:
            text = _(
                "Somebody applied for %(cohort)s with this address. You are in it already, so "
                "nothing was written down. Simply sign in."
            )
        else:
            text = _(
                "Somebody applied for %(cohort)s with this address. We have your application "
                "already, and it stays as it is; applying again changes nothing. The link in our "
                "first mail lets you withdraw it."
            )
        send_mail_to(
            email=email,
            name=name,
            language=language,
            subject=_("Your application for %(cohort)s") % {"cohort": cohort.name},
            text=text % {"cohort": cohort.name},
            url=reverse("account_login") if is_member else "",
            button=_("Sign in") if is_member else "",
        )


def set_aside(application: Application, words: str) -> None:
    cohort = application.cohort.name
    with translation.override(application.language):
        text = _(
            "Thank you for applying for %(cohort)s, and for the time you took. We have fewer seats "
            "than people we would like to work with, and this time we cannot offer you one. That "
            "is no judgement of your work.\n\n%(words)s\n\nYour application is deleted on "
            "%(day)s."
        ) % {"cohort": cohort, "words": words, "day": day(deleted_at(application))}
        send_mail_to(
            email=application.email,
            name=application.name,
            language=application.language,
            subject=_("Your application for %(cohort)s") % {"cohort": cohort},
            text=text.replace("\n\n\n\n", "\n\n"),
            about=application,
        )


def thanks(application: Application) -> str:
    """What an invitation says first to who applied, in their language."""
    with translation.override(application.language):
        return _(
            "You applied on %(day)s. Thank you for your patience: we would be glad to have you "
            "with us."
        ) % {"day": day(application.confirmed_at or application.created_at)}


def deleted_at(application: Application) -> datetime:
    return application.created_at + timedelta(days=settings.APPLICATION_DAYS)


def day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
