"""What admins are told about a key that looks leaked; its owner hears that it is frozen."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal.leaks.words import in_words
from portal.models import LeakReport, User
from portal.services.notify import notify


def noticed(report: LeakReport, *, admins: Iterable[User]) -> None:
    """Tell every admin, in their language, what was seen and what was done about it."""
    key = report.key
    if report.is_shadow:
        title = _("A key of %(person)s looks leaked")
        text = _(
            "The key “%(key)s” (%(hint)s) in %(cohort)s was used as leaked keys are:\n\n"
            "%(findings)s\n\nThis cohort only reports, so the key works on. Look at the evidence, "
            "then freeze it if you think so too."
        )
    else:
        title = _("A key of %(person)s looks leaked and is frozen")
        text = _(
            "The key “%(key)s” (%(hint)s) in %(cohort)s was used as leaked keys are:\n\n"
            "%(findings)s\n\nIt is frozen, its clips are stopped, and %(person)s has been told. "
            "Nobody else is affected."
        )
    for admin in admins:
        if admin.pk == key.owner_id and not report.is_shadow:
            continue
        with translation.override(admin.language):
            findings = in_words(report.findings, most=10)
        notify(
            user=admin,
            kind="leak.noticed",
            title=title,
            text=text,
            params={
                "person": str(key.owner),
                "key": key.name,
                "hint": key.hint,
                "cohort": key.cohort.name,
                "findings": findings,
            },
            url=reverse("leak", args=[report.pk]),
        )
